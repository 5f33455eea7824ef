"""Nested stacks: a child lives through the same states as a root, and goes where its root goes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.local.conftest import Stacks

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


def role(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, **properties}}


def topic(name: str = "", **attributes: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": name}, **attributes}


def function(text: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Description": text,
            "Code": {"ZipFile": "def handler(event, context):\n    return 1\n"},
        },
    }


BROKEN = {
    "Type": "AWS::Logs::MetricFilter",
    "Properties": {
        "LogGroupName": "no-such-group",
        "FilterPattern": "",
        "MetricTransformations": [{"MetricName": "Lines", "MetricNamespace": "tapgen", "MetricValue": "1"}],
    },
}
"""A resource that is well formed and that the service refuses."""


def nested(stacks: Stacks, template: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    url = stacks.upload(template)
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}, **attributes}


def root(**resources: dict[str, Any]) -> dict[str, Any]:
    return {"Resources": resources}


def test_an_update_keeps_the_attributes_of_unchanged_resources(stacks: Stacks, name: str) -> None:
    """A child's function reads the ARN of a role that the update leaves alone."""
    child = {"Resources": {"Role": role(), "Function": function("one")}}
    assert stacks.create(name, root(Child=nested(stacks, child))) == "CREATE_COMPLETE"
    child["Resources"]["Function"] = function("two")
    assert stacks.update(name, root(Child=nested(stacks, child))) == "UPDATE_COMPLETE"


def test_a_child_is_named_and_linked_as_on_aws(stacks: Stacks, name: str) -> None:
    """Root name, logical id and twelve capitals or digits; the first event on the parent already carries the id."""
    child = {"Resources": {"Topic": topic()}, "Outputs": {"Arn": {"Value": {"Ref": "Topic"}}}}
    template = root(Child=nested(stacks, child)) | {
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Arn"]}}}
    }
    assert stacks.create(name, template) == "CREATE_COMPLETE"
    child_id = stacks.resources(name)["Child"]
    assert re.search(rf":stack/{name}-Child-[A-Z0-9]{{12}}/", child_id)
    assert stacks.outputs(name)["Arn"] == stacks.resources(child_id)["Topic"]
    announced = stacks.cfn.describe_stack_events(StackName=name)["StackEvents"]
    assert ("CREATE_IN_PROGRESS", child_id) in {
        (event["ResourceStatus"], event.get("PhysicalResourceId"))
        for event in announced
        if event["LogicalResourceId"] == "Child"
    }


def test_an_update_reports_only_what_it_touches(stacks: Stacks, name: str) -> None:
    """A resource whose properties stay has no update events."""
    resources = {"Kept": topic("same"), "Changed": topic("one")}
    stacks.create(name, {"Resources": resources})
    before = len(stacks.events(name))
    stacks.update(name, {"Resources": resources | {"Changed": topic("two")}})
    assert [event[:2] for event in stacks.events(name)[before:]] == [
        (name, "UPDATE_IN_PROGRESS"),
        ("Changed", "UPDATE_IN_PROGRESS"),
        ("Changed", "UPDATE_COMPLETE"),
        (name, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        (name, "UPDATE_COMPLETE"),
    ]


def test_a_child_that_fails_rolls_itself_back(stacks: Stacks, name: str) -> None:
    """The child shows UPDATE_ROLLBACK states; the parent names the child and the resource that failed."""
    good = {"Resources": {"Topic": topic("one")}}
    stacks.create(name, root(Child=nested(stacks, good)))
    child_id = stacks.resources(name)["Child"]
    bad = {"Resources": {"Topic": topic("two"), "Filter": BROKEN | {"DependsOn": "Topic"}}}
    assert stacks.update(name, root(Child=nested(stacks, bad))) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.settled(child_id) == "UPDATE_ROLLBACK_COMPLETE"
    reason = (
        f"Embedded stack {child_id} was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS "
        "with reason: The following resource(s) failed to create: [Filter]."
    )
    assert ("Child", "UPDATE_FAILED", reason) in stacks.events(name)
    assert [status for logical, status, _ in stacks.events(child_id) if logical == child_id.split("/")[1]][-4:] == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",
    ]


def test_a_later_failure_sends_updated_children_back(stacks: Stacks, name: str, client: Any) -> None:
    """What a child's update has removed and changed is as it was when its sibling fails afterwards."""
    first = {"Resources": {"Kept": topic("one"), "Removed": topic("old")}}
    stacks.create(name, root(First=nested(stacks, first), Last=topic("one", DependsOn="First")))
    child_id = stacks.resources(name)["First"]
    before = stacks.resources(child_id)
    changed = {"Resources": {"Kept": topic("two"), "Added": topic("new")}}
    second = {"Resources": {"Filter": BROKEN}}
    failing = root(First=nested(stacks, changed), Last=topic("one"), Second=nested(stacks, second, DependsOn="First"))
    assert stacks.update(name, failing) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.settled(child_id) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.resources(child_id) == before
    sns = client("sns")
    assert sns.get_topic_attributes(TopicArn=before["Kept"])["Attributes"]["DisplayName"] == "one"
    assert sns.get_topic_attributes(TopicArn=before["Removed"])["Attributes"]["DisplayName"] == "old"
    assert len([arn for arn in _topics(sns) if f"{name}-First" in arn]) == 2


def test_what_an_update_removes_is_deleted_in_the_cleanup(stacks: Stacks, name: str, client: Any) -> None:
    """The root enters its clean-up phase before the child's removed resource is deleted."""
    child = {"Resources": {"Kept": topic("one"), "Removed": topic("old")}}
    stacks.create(name, root(Child=nested(stacks, child)))
    child_id = stacks.resources(name)["Child"]
    removed = stacks.resources(child_id)["Removed"]
    del child["Resources"]["Removed"]
    assert stacks.update(name, root(Child=nested(stacks, child))) == "UPDATE_COMPLETE"
    assert removed not in _topics(client("sns"))
    assert [event[:2] for event in stacks.events(child_id)][-4:] == [
        (child_id.split("/")[1], "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("Removed", "DELETE_IN_PROGRESS"),
        ("Removed", "DELETE_COMPLETE"),
        (child_id.split("/")[1], "UPDATE_COMPLETE"),
    ]


def test_a_failed_create_leaves_nothing_behind(stacks: Stacks, name: str, client: Any) -> None:
    """The failed child is deleted with the resources that it had created."""
    child = {"Resources": {"Topic": topic("one"), "Filter": BROKEN | {"DependsOn": "Topic"}}}
    assert stacks.create(name, root(Child=nested(stacks, child))) == "ROLLBACK_COMPLETE"
    failed = [
        reason for logical, status, reason in stacks.events(name) if (logical, status) == ("Child", "CREATE_FAILED")
    ]
    assert re.fullmatch(
        r"Embedded stack \S+ was not successfully created: The following resource\(s\) failed to create: \[Filter\]\.",
        failed[0],
    )
    assert not [arn for arn in _topics(client("sns")) if name in arn]
    assert (
        name,
        "ROLLBACK_IN_PROGRESS",
        "The following resource(s) failed to create: [Child]. Rollback requested by user.",
    ) in stacks.events(name)


def test_a_child_honours_deletion_policies(stacks: Stacks, name: str, client: Any) -> None:
    """Deleting the root keeps what a child retains, and says so."""
    child = {"Resources": {"Kept": topic("kept", DeletionPolicy="Retain"), "Gone": topic("gone")}}
    stacks.create(name, root(Child=nested(stacks, child)))
    child_id = stacks.resources(name)["Child"]
    topics = stacks.resources(child_id)
    assert stacks.delete(name) == "DELETE_COMPLETE"
    assert stacks.settled(child_id) == "DELETE_COMPLETE"
    assert topics["Kept"] in _topics(client("sns"))
    assert topics["Gone"] not in _topics(client("sns"))
    assert ("Kept", "DELETE_SKIPPED", "") in stacks.events(child_id)


def test_an_unchanged_child_is_left_alone(stacks: Stacks, name: str) -> None:
    """Its events end with its creation although its root was updated."""
    child = {"Resources": {"Topic": topic("one")}}
    stacks.create(name, root(Child=nested(stacks, child), Own=topic("one")))
    child_id = stacks.resources(name)["Child"]
    before = stacks.events(child_id)
    assert stacks.update(name, root(Child=nested(stacks, child), Own=topic("two"))) == "UPDATE_COMPLETE"
    assert stacks.events(child_id) == before


def _topics(sns: Any) -> list[str]:
    return [found["TopicArn"] for page in sns.get_paginator("list_topics").paginate() for found in page["Topics"]]
