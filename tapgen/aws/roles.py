"""IAM roles: their inline policies, read and replaced in place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.aws.failures import translated

if TYPE_CHECKING:
    from collections.abc import Mapping

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
            return [self._managed(policy["PolicyArn"]) for page in pages for policy in page["AttachedPolicies"]]

    def write(self, role: str, policy: str, document: Mapping[str, Any] | None) -> None:
        """Replace a policy; None deletes it.

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

    def _managed(self, arn: str) -> dict[str, Any]:
        version = self._client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found: Any = self._client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        return json.loads(found) if isinstance(found, str) else dict(found)
