"""CloudFormation acts as its role: what the role may not, no operation does, and the event says so in AWS's words."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.local.authorizations import AuthorizationLog
from tapgen.local.trials import try_operations
from tests.local.conftest import REGION
from tests.local.extension.templates import role

if TYPE_CHECKING:
    from tapgen.local.server import LocalStatus
    from tests.local.conftest import ClientFactory, Stacks

ACCOUNT = "000000000000"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass
class Role:
    """A role that CloudFormation assumes, with policies that a test changes."""

    iam: Any
    name: str = field(default_factory=lambda: f"cloudformation-{uuid.uuid4().hex[:8]}")

    @property
    def arn(self) -> str:
        """Of the role."""
        return f"arn:aws:iam::{ACCOUNT}:role/{self.name}"

    @property
    def session(self) -> str:
        """The principal that CloudFormation is with it."""
        return f"arn:aws:sts::{ACCOUNT}:assumed-role/{self.name}/AWSCloudFormation"

    def may(self, *statements: dict[str, Any]) -> None:
        """Have these statements and no others."""
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        self.iam.put_role_policy(RoleName=self.name, PolicyName="calls", PolicyDocument=document)

    def may_not(self, *actions: str) -> None:
        """Have everything but these."""
        self.may({"Effect": "Allow", "NotAction": list(actions), "Resource": "*"})


@pytest.fixture(name="acting")
def _acting(client: ClientFactory) -> Role:
    made = Role(client("iam"))
    trust = role("cloudformation.amazonaws.com")["Properties"]["AssumeRolePolicyDocument"]
    made.iam.create_role(RoleName=made.name, AssumeRolePolicyDocument=json.dumps(trust))
    made.may(EVERYTHING)
    return made


def _queue(name: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, **properties}}}}


def _reason(stacks: Stacks, name: str, logical_id: str, status: str) -> str:
    found = [reason for each, state, reason in stacks.events(name) if (each, state) == (logical_id, status)]
    return found[-1] if found else ""


def test_what_the_role_may_not_create_fails_as_on_aws(stacks: Stacks, acting: Role, name: str) -> None:
    """The event names the session, the action, the resource and why; the service signs it; the stack rolls back."""
    acting.may_not("sqs:CreateQueue")
    status = stacks.create(name, _queue(name), RoleARN=acting.arn)

    assert status == "ROLLBACK_COMPLETE"
    reason = _reason(stacks, name, "Jobs", "CREATE_FAILED")
    assert re.fullmatch(
        re.escape(
            f'Resource handler returned message: "User: {acting.session} is not authorized to perform: '
            f"sqs:CreateQueue on resource: arn:aws:sqs:{REGION}:{ACCOUNT}:{name} because no identity-based policy "
            f"allows the sqs:CreateQueue action (Service: Sqs, Status Code: 403, Request ID: "
        )
        + r'[0-9a-f-]{36}\)" \(RequestToken: [0-9a-f-]{36}, HandlerErrorCode: AccessDenied\)',
        reason,
    )


def test_a_role_for_another_resource_is_no_role(stacks: Stacks, acting: Role, name: str) -> None:
    """The action is asked for at the resource's ARN."""
    elsewhere = f"arn:aws:sqs:{REGION}:{ACCOUNT}:other-*"
    acting.may({"Effect": "Allow", "Action": "sqs:*", "Resource": elsewhere})

    assert stacks.create(name, _queue(name), RoleARN=acting.arn) == "ROLLBACK_COMPLETE"


def test_a_role_that_may_creates_updates_and_deletes(stacks: Stacks, acting: Role, name: str) -> None:
    """Exactly the handlers' calls on the queue are enough, and a tag more takes the calls for tags."""
    calls = ["CreateQueue", "DeleteQueue", "GetQueueAttributes", "GetQueueUrl", "ListQueueTags", "SetQueueAttributes"]
    queue = {
        "Effect": "Allow",
        "Action": [f"sqs:{call}" for call in calls],
        "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}",
    }
    acting.may(queue)

    assert stacks.create(name, _queue(name), RoleARN=acting.arn) == "CREATE_COMPLETE"
    assert stacks.update(name, _queue(name, VisibilityTimeout=60)) == "UPDATE_COMPLETE"
    tagged = _queue(name, VisibilityTimeout=60, Tags=[{"Key": "Owner", "Value": "payments"}])
    assert stacks.update(name, tagged) == "UPDATE_ROLLBACK_COMPLETE"
    assert "sqs:TagQueue" in _reason(stacks, name, "Jobs", "UPDATE_FAILED")
    assert stacks.delete(name) == "DELETE_COMPLETE"


def test_a_role_stays_with_the_stack(stacks: Stacks, acting: Role, name: str) -> None:
    """A later request without a role is carried out with the one before."""
    assert stacks.create(name, _queue(name), RoleARN=acting.arn) == "CREATE_COMPLETE"
    acting.may_not("sqs:SetQueueAttributes")

    assert stacks.update(name, _queue(name, VisibilityTimeout=60)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "sqs:SetQueueAttributes" in _reason(stacks, name, "Jobs", "UPDATE_FAILED")


def test_what_the_role_may_not_delete_stays(stacks: Stacks, acting: Role, name: str) -> None:
    """Deleting is authorised, too; with the permission the same request goes through."""
    stacks.create(name, _queue(name), RoleARN=acting.arn)
    acting.may_not("sqs:DeleteQueue")

    assert stacks.delete(name) == "DELETE_FAILED"
    assert "sqs:DeleteQueue" in _reason(stacks, name, "Jobs", "DELETE_FAILED")
    acting.may(EVERYTHING)
    assert stacks.delete(name) == "DELETE_COMPLETE"


def test_a_rollback_needs_its_permissions(stacks: Stacks, acting: Role, name: str) -> None:
    """What a failed create has made cannot be taken back by a role that may not delete it."""
    acting.may_not("sqs:DeleteQueue", "sns:CreateTopic")
    template = _queue(name)
    template["Resources"]["News"] = {"Type": "AWS::SNS::Topic", "DependsOn": "Jobs", "Properties": {"TopicName": name}}

    assert stacks.create(name, template, RoleARN=acting.arn) == "ROLLBACK_FAILED"
    assert "sqs:DeleteQueue" in _reason(stacks, name, "Jobs", "DELETE_FAILED")


def test_a_replacement_deletes_with_the_role(stacks: Stacks, acting: Role, name: str) -> None:
    """What is replaced is created and deleted as the role; a delete that is refused does not fail the update."""
    stacks.create(name, _queue(name), RoleARN=acting.arn)
    acting.may_not("sqs:DeleteQueue")

    assert stacks.update(name, _queue(f"{name}-2")) == "UPDATE_COMPLETE"
    assert "sqs:DeleteQueue" in _reason(stacks, name, "Jobs", "DELETE_FAILED")


def test_nested_stacks_act_as_their_roots_role(stacks: Stacks, acting: Role, name: str) -> None:
    """The role is handed on, which has to be allowed, and a child's resource is refused like the root's."""
    url = stacks.upload(_queue(name))
    template = {"Resources": {"Data": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}}}
    acting.may_not("iam:PassRole")

    assert stacks.create(f"{name}-1", template, RoleARN=acting.arn) == "ROLLBACK_COMPLETE"
    assert f"iam:PassRole on resource: {acting.arn}" in _reason(stacks, f"{name}-1", "Data", "CREATE_FAILED")
    acting.may_not("sqs:CreateQueue")
    assert stacks.create(f"{name}-2", template, RoleARN=acting.arn) == "ROLLBACK_COMPLETE"
    events = stacks.cfn.describe_stack_events(StackName=f"{name}-2")["StackEvents"]
    child = next(event["PhysicalResourceId"] for event in events if event["LogicalResourceId"] == "Data")
    assert "sqs:CreateQueue" in _reason(stacks, child, "Jobs", "CREATE_FAILED")


def test_a_role_is_passed_to_the_service_that_assumes_it(stacks: Stacks, acting: Role, name: str) -> None:
    """``iam:PassedToService`` is the service, and the role has to be one that may be passed."""
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": name,
            "Role": {"Fn::GetAtt": ["Worker", "Arn"]},
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Code": {"ZipFile": "def handler(event, context):\n    return 1\n"},
        },
    }
    template = {"Resources": {"Function": function, "Worker": role("lambda.amazonaws.com")}}
    passing = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    others = {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"}
    allowed = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": passing}

    acting.may(others, allowed)
    assert stacks.create(f"{name}-1", template, RoleARN=acting.arn) == "CREATE_COMPLETE"
    stacks.delete(f"{name}-1")
    passing["StringEquals"]["iam:PassedToService"] = "scheduler.amazonaws.com"
    acting.may(others, allowed)
    assert stacks.create(f"{name}-2", template, RoleARN=acting.arn) == "ROLLBACK_COMPLETE"
    assert "iam:PassRole on resource: " in _reason(stacks, f"{name}-2", "Function", "CREATE_FAILED")


def test_the_refusal_names_the_policy(stacks: Stacks, acting: Role, name: str) -> None:
    """An explicit deny, a boundary that allows nothing, and a boundary that denies."""
    denial = {"Effect": "Deny", "Action": "sqs:CreateQueue", "Resource": "*"}
    acting.may(EVERYTHING, denial)
    stacks.create(f"{name}-1", _queue(name), RoleARN=acting.arn)
    reason = _reason(stacks, f"{name}-1", "Jobs", "CREATE_FAILED")
    assert "with an explicit deny in an identity-based policy (Service: Sqs" in reason

    acting.may(EVERYTHING)
    for number, (statements, expected) in enumerate(
        (
            (
                [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
                "because no permissions boundary allows the sqs:CreateQueue action",
            ),
            ([EVERYTHING, denial], "with an explicit deny in a permissions boundary"),
        )
    ):
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        policy = acting.iam.create_policy(PolicyName=f"{name}-{number}", PolicyDocument=document)["Policy"]["Arn"]
        acting.iam.put_role_permissions_boundary(RoleName=acting.name, PermissionsBoundary=policy)
        stacks.create(f"{name}-boundary-{number}", _queue(name), RoleARN=acting.arn)
        assert expected in _reason(stacks, f"{name}-boundary-{number}", "Jobs", "CREATE_FAILED")


def test_a_resource_of_its_own_policy_may_deny(stacks: Stacks, acting: Role, name: str, client: ClientFactory) -> None:
    """A queue's own policy refuses the role its deletion, and the event says so."""
    stacks.create(name, _queue(name), RoleARN=acting.arn)
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    denial = {"Effect": "Deny", "Principal": "*", "Action": "sqs:DeleteQueue", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    sqs = client("sqs")
    sqs.set_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], Attributes={"Policy": policy})

    assert stacks.delete(name) == "DELETE_FAILED"
    assert "with an explicit deny in a resource-based policy" in _reason(stacks, name, "Jobs", "DELETE_FAILED")


def test_conditions_on_tags_hold(stacks: Stacks, acting: Role, name: str) -> None:
    """A key is made with the tag that the role asks for, and by nobody without it."""
    made = {"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*"}
    made["Condition"] = {"StringEquals": {"aws:RequestTag/Project": name}}  # type: ignore[assignment]  # a nested value
    ours = {"StringEquals": {"aws:ResourceTag/Project": name}}
    acting.may(made, {"Effect": "Allow", "NotAction": "kms:CreateKey", "Resource": "*", "Condition": ours})
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}
    untagged = {"Resources": {"Key": key}}
    tagged = {"Resources": {"Key": {**key, "Properties": {"KeyPolicy": policy, "Tags": [_tag(name)]}}}}

    assert stacks.create(f"{name}-1", untagged, RoleARN=acting.arn) == "ROLLBACK_COMPLETE"
    assert stacks.create(f"{name}-2", tagged, RoleARN=acting.arn) == "CREATE_COMPLETE"
    assert stacks.delete(f"{name}-2") == "DELETE_COMPLETE"


def _tag(project: str) -> dict[str, str]:
    return {"Key": "Project", "Value": project}


def test_a_role_that_does_not_trust_cloudformation_is_refused(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """Before anything begins."""
    trust = role("lambda.amazonaws.com")["Properties"]["AssumeRolePolicyDocument"]
    client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"

    for role_arn in (arn, f"{arn}-missing"):
        with pytest.raises(ClientError, match=f"Role {role_arn} is invalid or cannot be assumed"):
            stacks.create(name, _queue(name), RoleARN=role_arn)


def test_the_journal_shows_cloudformations_session(
    stacks: Stacks, acting: Role, name: str, local_aws: LocalStatus
) -> None:
    """Each call of the role is in the record of authorizations, allowed or refused."""
    log = AuthorizationLog(str(local_aws.endpoint_url))
    mark = log.mark()
    acting.may_not("sqs:GetQueueUrl")
    stacks.create(name, _queue(name), RoleARN=acting.arn)

    entries = [entry for entry in log.since(mark) if entry.principal == acting.name]
    assert ("sqs:CreateQueue", True) in {(entry.action, entry.allowed) for entry in entries}
    assert ("sqs:GetQueueUrl", False) in {(entry.action, entry.allowed) for entry in entries}
    assert {entry.resource for entry in entries} == {f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"}


def test_a_trial_changes_nothing_and_tells_what_would_fail(
    stacks: Stacks, acting: Role, name: str, local_aws: LocalStatus
) -> None:
    """Create, update and delete of what is deployed, authorised as the role is now."""
    stacks.create(name, _queue(name), RoleARN=acting.arn)
    url = str(local_aws.endpoint_url)
    trials = try_operations(url, role_arn=acting.arn, region=REGION)

    assert {str(trial) for trial in trials} == {f"{verb} Jobs of {name}" for verb in ("create", "update", "delete")}
    assert all(trial.calls and not trial.refused for trial in trials)
    acting.may_not("sqs:DeleteQueue")
    (deletion,) = try_operations(url, role_arn=acting.arn, region=REGION, kinds=["delete AWS::SQS::Queue"])
    (refused,) = deletion.refused
    assert refused[0] == "sqs:DeleteQueue"
    assert refused[1] == f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    assert refused[2].endswith("because no identity-based policy allows the sqs:DeleteQueue action")
    assert stacks.describe(name)["StackStatus"] == "CREATE_COMPLETE"
