"""Who hands CloudFormation a role must be allowed to pass it."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.extension.templates import role

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/cloudformation-of-tests"
TEMPLATE = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}


@pytest.fixture(name="passed", scope="module")
def _passed(client: ClientFactory) -> str:
    """The ARN of a role that CloudFormation may assume."""
    trust = role("cloudformation.amazonaws.com")["Properties"]["AssumeRolePolicyDocument"]
    name = ROLE.rpartition("/")[2]
    client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    return ROLE


def _caller(client: ClientFactory, *passing: dict[str, Any]) -> Any:
    """CloudFormation for a user who may make change sets, and pass roles as said."""
    iam, name = client("iam"), f"caller-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    making = {"Effect": "Allow", "Action": "cloudformation:CreateChangeSet", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [making, *passing]})
    iam.put_user_policy(UserName=name, PolicyName="calls", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return client("cloudformation", credentials=(key["AccessKeyId"], key["SecretAccessKey"]))


def _refusal(caller: Any, **options: Any) -> str:
    """What a change set is refused with; empty when it is not."""
    name = f"passed-{uuid.uuid4().hex[:8]}"
    try:
        caller.create_change_set(
            StackName=name, ChangeSetName=name, ChangeSetType="CREATE", TemplateBody=json.dumps(TEMPLATE), **options
        )
    except ClientError as error:
        return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
    return ""


def _pass(effect: str = "Allow", *, on: str = ROLE, to: str = "cloudformation.amazonaws.com") -> dict[str, Any]:
    condition = {"StringEquals": {"iam:PassedToService": to}}
    return {"Effect": effect, "Action": "iam:PassRole", "Resource": on, "Condition": condition}


def test_a_role_is_passed_by_who_may(client: ClientFactory, passed: str) -> None:
    """The role by its ARN, to CloudFormation."""
    assert _refusal(_caller(client, _pass()), RoleARN=passed) == ""


def test_a_request_without_a_role_passes_none(client: ClientFactory) -> None:
    """CloudFormation works as its caller then, or with the role that the stack has."""
    assert _refusal(_caller(client)) == ""


@pytest.mark.parametrize(
    "passing",
    [[], [_pass(on=f"{ROLE}-2")], [_pass(to="lambda.amazonaws.com")]],
    ids=["nothing", "another role", "another service"],
)
def test_who_may_not_pass_the_role_is_refused(
    client: ClientFactory, passed: str, passing: list[dict[str, Any]]
) -> None:
    """The refusal names iam:PassRole and the role, as IAM does."""
    told = _refusal(_caller(client, *passing), RoleARN=passed)

    assert told.startswith("AccessDenied: User: ")
    assert f"is not authorized to perform: iam:PassRole on resource: {passed} because no" in told


def test_a_deny_wins(client: ClientFactory, passed: str) -> None:
    """Whatever else is allowed."""
    told = _refusal(_caller(client, _pass(), _pass("Deny")), RoleARN=passed)

    assert told.endswith("with an explicit deny in an identity-based policy")


def test_the_account_itself_passes_what_it_likes(client: ClientFactory, passed: str) -> None:
    """The root user is not refused."""
    assert _refusal(client("cloudformation"), RoleARN=passed) == ""
