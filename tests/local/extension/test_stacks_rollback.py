"""Rollbacks: what a failure cancels, a rollback that fails and is continued, and one that somebody starts."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.templates import ref, role

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

BROKEN: dict[str, Any] = {
    "Type": "AWS::Logs::MetricFilter",
    "Properties": {
        "LogGroupName": "no-such-group",
        "FilterPattern": "",
        "MetricTransformations": [{"MetricName": "Lines", "MetricNamespace": "tapgen", "MetricValue": "1"}],
    },
}


def topic(name: str, **attributes: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": name}, **attributes}


def nested(stacks: Stacks, template: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    url = stacks.upload(template)
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}, **attributes}


def statuses(stacks: Stacks, stack: str, logical_id: str) -> list[tuple[str, str]]:
    return [(status, reason) for logical, status, reason in stacks.events(stack) if logical == logical_id]


def test_a_failed_create_cancels_what_runs_beside_it(stacks: Stacks, name: str) -> None:
    """A resource that waits for nothing has been started and is cancelled; one that waits for it has not."""
    resources = {"Broken": BROKEN, "Zebra": topic("beside"), "Waiting": topic("after", DependsOn="Zebra")}
    assert stacks.create(name, {"Resources": resources}) == "ROLLBACK_COMPLETE"
    assert ("CREATE_FAILED", "Resource creation cancelled") in statuses(stacks, name, "Zebra")
    assert statuses(stacks, name, "Waiting") == []
    reason = "The following resource(s) failed to create: [Broken, Zebra]. Rollback requested by user."
    assert ("ROLLBACK_IN_PROGRESS", reason) in statuses(stacks, name, name)


def filtering(group: str) -> dict[str, Any]:
    return BROKEN | {"Properties": BROKEN["Properties"] | {"LogGroupName": group}}


def test_a_failed_update_cancels_changed_siblings_alone(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """What was begun beside the one that fails is cancelled, and untouched; a resource that stays is not mentioned."""
    client("logs").create_log_group(logGroupName=name)
    kept = {"Broken": filtering(name), "Same": topic("same"), "Zebra": topic("one")}
    stacks.create(name, {"Resources": kept})
    changed = {"Broken": filtering("no-such-group"), "Same": topic("same"), "Zebra": topic("two")}
    assert stacks.update(name, {"Resources": changed}) == "UPDATE_ROLLBACK_COMPLETE"
    created = [("CREATE_IN_PROGRESS", ""), ("CREATE_COMPLETE", "")]
    assert statuses(stacks, name, "Zebra") == [
        *created,
        ("UPDATE_IN_PROGRESS", ""),
        ("UPDATE_FAILED", "Resource update cancelled"),
        ("UPDATE_COMPLETE", ""),
    ]
    assert statuses(stacks, name, "Same") == created
    reason = "The following resource(s) failed to update: [Broken, Zebra]."
    assert ("UPDATE_ROLLBACK_IN_PROGRESS", reason) in statuses(stacks, name, name)
    attributes = client("sns").get_topic_attributes(TopicArn=stacks.resources(name)["Zebra"])["Attributes"]
    assert attributes["DisplayName"] == "one"


def test_a_failed_update_can_wait_for_its_rollback(stacks: Stacks, name: str) -> None:
    """With rollback disabled, child and root stay failed until RollbackStack sends them back."""
    good = {"Resources": {"Topic": topic("one")}}
    stacks.create(name, {"Resources": {"Child": nested(stacks, good)}})
    child_id = stacks.resources(name)["Child"]
    bad = {"Resources": {"Topic": topic("two"), "Broken": BROKEN | {"DependsOn": "Topic"}}}
    template = {"Resources": {"Child": nested(stacks, bad)}}
    assert stacks.update(name, template, DisableRollback=True) == "UPDATE_FAILED"
    assert stacks.settled(child_id) == "UPDATE_FAILED"
    stacks.cfn.rollback_stack(StackName=name)
    assert stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.settled(child_id) == "UPDATE_ROLLBACK_COMPLETE"
    assert list(stacks.resources(child_id)) == ["Topic"]


class Stuck:
    """A root whose child could not be sent back: a role that it had put a policy on was deleted meanwhile."""

    def __init__(self, stacks: Stacks, client: ClientFactory, name: str) -> None:
        self._stacks = stacks
        self._iam = client("iam")
        self.role = f"{name}-role"
        self.root = name
        self._iam.create_role(
            RoleName=self.role, AssumeRolePolicyDocument=json.dumps(role()["Properties"]["AssumeRolePolicyDocument"])
        )
        stacks.create(name, self._template("s3:GetObject"))
        self.child_id = stacks.resources(name)["Child"]
        self.child = self.child_id.split("/")[1]
        self._fail()

    def restore(self) -> None:
        """Bring the role back."""
        self._iam.create_role(
            RoleName=self.role, AssumeRolePolicyDocument=json.dumps(role()["Properties"]["AssumeRolePolicyDocument"])
        )

    def _template(self, action: str, *, waiting: str = "") -> dict[str, Any]:
        statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::bucket"}
        policy = {
            "RoleName": self.role,
            "PolicyName": "inline",
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        }
        resources: dict[str, Any] = {
            "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
            "Policy": {"Type": "AWS::IAM::RolePolicy", "Properties": policy},
        }
        if waiting:
            wait = {"Handle": ref("Handle"), "Timeout": "600"}
            resources[waiting] = {
                "Type": "AWS::CloudFormation::WaitCondition",
                "Properties": wait,
                "DependsOn": "Policy",
            }
        return {"Resources": {"Child": nested(self._stacks, {"Resources": resources})}}

    def _fail(self) -> None:
        """Let the update change the policy and then fail, with the role gone."""
        template = self._template("s3:PutObject", waiting="Wait")
        self._stacks.cfn.update_stack(
            StackName=self.root, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        deadline = time.monotonic() + 20
        while not statuses(self._stacks, self.child_id, "Wait"):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        self._iam.delete_role_policy(RoleName=self.role, PolicyName="inline")
        self._iam.delete_role(RoleName=self.role)
        signal = {"Status": "FAILURE", "Reason": "on purpose", "UniqueId": "1", "Data": ""}
        url = self._stacks.resources(self.child_id)["Handle"].replace("//localhost:", "//127.0.0.1:")
        request = urllib.request.Request(url, data=json.dumps(signal).encode(), method="PUT")  # noqa: S310 - the embedded AWS
        request.add_header("Content-Type", "")
        urllib.request.urlopen(request).close()  # noqa: S310 - the same


@pytest.fixture
def stuck(stacks: Stacks, client: ClientFactory, name: str) -> Stuck:
    return Stuck(stacks, client, name)


def test_a_child_that_cannot_be_sent_back_fails_the_roots_rollback(stacks: Stacks, stuck: Stuck) -> None:
    """Both need somebody to look at them; the root names the child, the child the resource."""
    assert stacks.settled(stuck.root) == "UPDATE_ROLLBACK_FAILED"
    assert stacks.settled(stuck.child_id) == "UPDATE_ROLLBACK_FAILED"
    assert "[Child]" in stacks.describe(stuck.root)["StackStatusReason"]
    assert "[Policy]" in stacks.describe(stuck.child_id)["StackStatusReason"]
    found = stacks.cfn.list_stack_resources(StackName=stuck.child_id)["StackResourceSummaries"]
    assert [item["LogicalResourceId"] for item in found if item["ResourceStatus"] == "UPDATE_FAILED"] == ["Policy"]


def test_a_rollback_is_continued_once_its_cause_is_gone(stacks: Stacks, stuck: Stuck) -> None:
    """Continuing the root continues the child."""
    stacks.settled(stuck.root)
    stuck.restore()
    stacks.cfn.continue_update_rollback(StackName=stuck.root)
    assert stacks.settled(stuck.root) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.settled(stuck.child_id) == "UPDATE_ROLLBACK_COMPLETE"


def test_a_nested_resource_is_skipped_by_the_name_of_its_stack(stacks: Stacks, stuck: Stuck) -> None:
    """``NestedStackName.LogicalId``, on the root, and only what has failed."""
    stacks.settled(stuck.root)
    for wrong in ([f"{stuck.child}.Handle"], ["nowhere.Policy"]):
        with pytest.raises(stacks.cfn.exceptions.ClientError, match="cannot be skipped"):
            stacks.cfn.continue_update_rollback(StackName=stuck.root, ResourcesToSkip=wrong)
    with pytest.raises(stacks.cfn.exceptions.ClientError, match="name its root"):
        stacks.cfn.continue_update_rollback(StackName=stuck.child)
    stacks.cfn.continue_update_rollback(StackName=stuck.root, ResourcesToSkip=[f"{stuck.child}.Policy"])
    assert stacks.settled(stuck.root) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.settled(stuck.child_id) == "UPDATE_ROLLBACK_COMPLETE"
