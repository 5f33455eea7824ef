"""AccessDenied names the kind of policy that denied a request."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import REGION
from tests.local.extension.templates import acting_role

if TYPE_CHECKING:
    from tapgen.local.server import LocalStatus
    from tests.local.conftest import ClientFactory

ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY = {"Effect": "Deny", "Action": "sqs:ListQueues", "Resource": "*"}
OTHER = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _refusal(client: ClientFactory, status: LocalStatus, role: str, **session: str) -> str:
    """What a session of a role is told when it lists queues."""
    found = client("sts").assume_role(RoleArn=role, RoleSessionName="test", **session)["Credentials"]
    sqs = boto3.client(
        "sqs",
        endpoint_url=str(status.endpoint_url),
        region_name=REGION,
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )
    with pytest.raises(ClientError) as refused:
        sqs.list_queues()
    return str(refused.value)


def test_the_policy_that_denied_is_named(client: ClientFactory, local_aws: LocalStatus) -> None:
    """A session's policy, a permissions boundary, and the identity's own, by silence and by a deny."""
    name = f"denied-{uuid.uuid4().hex[:8]}"
    role, iam = acting_role(client, name), client("iam")

    silent = _refusal(client, local_aws, role, Policy=_document(OTHER))
    assert "because no session policy allows the sqs:ListQueues action" in silent
    denied = _refusal(client, local_aws, role, Policy=_document(ALLOW, DENY))
    assert "with an explicit deny in a session policy" in denied

    boundary = iam.create_policy(PolicyName=name, PolicyDocument=_document(OTHER))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    bounded = _refusal(client, local_aws, role)
    assert "because no permissions boundary allows the sqs:ListQueues action" in bounded

    iam.delete_role_permissions_boundary(RoleName=name)
    iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=_document(OTHER))
    assert "because no identity-based policy allows the sqs:ListQueues action" in _refusal(client, local_aws, role)
    iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=_document(ALLOW, DENY))
    assert "with an explicit deny in an identity-based policy" in _refusal(client, local_aws, role)
