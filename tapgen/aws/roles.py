"""IAM roles: their policies, inline and managed, read and replaced in place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.aws.failures import translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_iam import IAMClient

    from tapgen.aws.session import Aws


class InlinePolicies:
    """The inline policies of the roles of an account.

    Args:
        aws: Whose credentials may read and write them.
    """

    def __init__(self, aws: Aws) -> None:
        self._client = aws.client("iam")

    def read(self, role: str) -> dict[str, dict[str, Any]]:
        """Policy name → document.

        Raises:
            AwsError: The role does not exist, or the credentials may not read it.
        """
        with translated(f"read the policies of {role}"):
            pages = self._client.get_paginator("list_role_policies").paginate(RoleName=role)
            names = [name for page in pages for name in page["PolicyNames"]]
            return {name: self._document(role, name) for name in names}

    def attached(self, role: str) -> list[dict[str, Any]]:
        """The documents of the managed policies that are attached to a role.

        Raises:
            AwsError: The role does not exist, or the credentials may not read it.
        """
        with translated(f"read the managed policies of {role}"):
            pages = self._client.get_paginator("list_attached_role_policies").paginate(RoleName=role)
            return [
                read_managed(self._client, policy["PolicyArn"]) for page in pages for policy in page["AttachedPolicies"]
            ]

    def write(self, role: str, policy: str, document: Mapping[str, Any] | None) -> None:
        """Replace an inline policy; None deletes it.

        Raises:
            AwsError: IAM refuses it.
        """
        with translated(f"replace the policy {policy} of {role}"):
            if document is None:
                self._client.delete_role_policy(RoleName=role, PolicyName=policy)
            else:
                self._client.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))

    def _document(self, role: str, name: str) -> dict[str, Any]:
        found: Any = self._client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        return json.loads(found) if isinstance(found, str) else dict(found)


class RolePolicies:
    """All policies of the roles of an account: inline ones by their name, the account's managed ones by their ARN.

    Args:
        aws: Whose credentials may read and write them.
    """

    def __init__(self, aws: Aws) -> None:
        self._inline = InlinePolicies(aws)
        self._client = aws.client("iam")

    def read(self, role: str) -> dict[str, dict[str, Any]]:
        """Policy name or ARN → document; AWS's own managed policies are nobody's to change and left out.

        Raises:
            AwsError: The role does not exist, or the credentials may not read it.
        """
        with translated(f"read the managed policies of {role}"):
            managed = {arn: read_managed(self._client, arn) for arn in self._attached(role)}
        return {**self._inline.read(role), **managed}

    def attached(self, role: str) -> list[dict[str, Any]]:
        """The documents of the managed policies that are attached to a role, AWS's own included."""
        return self._inline.attached(role)

    def write(self, role: str, policy: str, document: Mapping[str, Any] | None) -> None:
        """Replace a policy; None deletes an inline one and detaches a managed one.

        Raises:
            AwsError: IAM refuses it.
        """
        if not policy.startswith("arn:"):
            self._inline.write(role, policy, document)
            return
        with translated(f"replace the policy {policy} of {role}"):
            if document is None:
                self._client.detach_role_policy(RoleName=role, PolicyArn=policy)
                return
            self._replace(policy, document)
            if policy not in self._attached(role):
                self._client.attach_role_policy(RoleName=role, PolicyArn=policy)

    def _replace(self, arn: str, document: Mapping[str, Any]) -> None:
        """A version more, and the one before gone: IAM keeps five of a policy (IAM quotas)."""
        before = self._client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        self._client.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
        self._client.delete_policy_version(PolicyArn=arn, VersionId=before)

    def _attached(self, role: str) -> list[str]:
        pages = self._client.get_paginator("list_attached_role_policies").paginate(RoleName=role)
        arns = [policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]]
        return [arn for arn in arns if arn.split(":")[4] != "aws"]


def read_managed(client: IAMClient, arn: str) -> dict[str, Any]:
    """The document of a managed policy's default version."""
    version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found: Any = client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return json.loads(found) if isinstance(found, str) else dict(found)
