"""Change sets: one for each nested stack, tied to the root's, and the options that answers repeat."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.templates import acting_role, role

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


def topic(name: str) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": name}}


def nested(stacks: Stacks, template: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": stacks.upload(template), **properties}}


def two_children(stacks: Stacks, first: str, second: str) -> dict[str, Any]:
    """A root with two nested stacks of one topic each, the second fed by the first."""
    outputs = {"Topic": {"Value": {"Ref": "Topic"}}}
    parameters = {"Arn": {"Type": "String", "AllowedPattern": "arn:.*"}}
    return {
        "Resources": {
            "First": nested(stacks, {"Resources": {"Topic": topic(first)}, "Outputs": outputs}),
            "Second": nested(
                stacks,
                {"Parameters": parameters, "Resources": {"Topic": topic(second)}},
                Parameters={"Arn": {"Fn::GetAtt": ["First", "Outputs.Topic"]}},
            ),
        }
    }


def create(stacks: Stacks, name: str, template: dict[str, Any], kind: str = "UPDATE", **options: Any) -> dict[str, Any]:
    """Create a change set with its nested ones and describe it."""
    made = stacks.cfn.create_change_set(
        StackName=name,
        ChangeSetName="plan",
        ChangeSetType=kind,
        TemplateBody=json.dumps(template),
        **{"IncludeNestedStacks": True, "Capabilities": ["CAPABILITY_NAMED_IAM"], **options},
    )
    return describe(stacks, made["Id"])


def describe(stacks: Stacks, change_set_id: str) -> dict[str, Any]:
    found: dict[str, Any] = stacks.cfn.describe_change_set(ChangeSetName=change_set_id)
    return found


def changes(change_set: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [change["ResourceChange"] for change in change_set["Changes"]]
    return {change["LogicalResourceId"]: change for change in found}


def test_each_child_has_a_change_set_of_its_own(stacks: Stacks, name: str) -> None:
    """The parent's change names it; it names its parent and root, and cannot be executed by itself."""
    stacks.create(name, two_children(stacks, "one", "one"))
    root = create(stacks, name, two_children(stacks, "two", "one"))
    assert (root["Status"], root["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert root["IncludeNestedStacks"]
    assert "ParentChangeSetId" not in root
    first = changes(root)["First"]
    assert (first["Action"], first["Replacement"]) == ("Modify", "False")
    assert {detail["ChangeSource"] for detail in first["Details"]} == {"DirectModification", "Automatic"}
    child = describe(stacks, first["ChangeSetId"])
    assert (child["Status"], child["ExecutionStatus"]) == ("CREATE_COMPLETE", "UNAVAILABLE")
    assert child["StatusReason"] == "Executable from root change set"
    assert (child["ParentChangeSetId"], child["RootChangeSetId"]) == (root["ChangeSetId"], root["ChangeSetId"])
    assert child["StackId"] == stacks.resources(name)["First"]
    assert changes(child)["Topic"]["Details"][0]["Target"]["Name"] == "DisplayName"
    for call in (stacks.cfn.execute_change_set, stacks.cfn.delete_change_set):
        with pytest.raises(stacks.cfn.exceptions.ClientError, match="root change set"):
            call(ChangeSetName=child["ChangeSetId"])


def test_a_child_without_changes_is_listed_with_an_empty_change_set(stacks: Stacks, name: str) -> None:
    """The parent shows it as modified for no reason of its own."""
    stacks.create(name, two_children(stacks, "one", "one"))
    root = create(stacks, name, two_children(stacks, "two", "one"))
    second = changes(root)["Second"]
    assert (second["Action"], second["Replacement"]) == ("Modify", "False")
    assert {detail["Evaluation"] for detail in second["Details"]} == {"Dynamic"}
    child = describe(stacks, second["ChangeSetId"])
    assert (child["Status"], child["StatusReason"], child["Changes"]) == ("FAILED", NO_CHANGES, [])


def test_without_nested_ones_every_child_is_listed_as_modified(stacks: Stacks, name: str) -> None:
    """Even when nothing changes at all, as AWS does."""
    template = two_children(stacks, "one", "one")
    stacks.create(name, template)
    root = create(stacks, name, template, IncludeNestedStacks=False)
    assert root["Status"] == "CREATE_COMPLETE"
    assert not root["IncludeNestedStacks"]
    assert {key: change.get("ChangeSetId") for key, change in changes(root).items()} == {"First": None, "Second": None}


def test_nothing_to_do_anywhere_is_said(stacks: Stacks, name: str) -> None:
    """With nested change sets, the root knows that none of them would do anything."""
    template = two_children(stacks, "one", "one")
    stacks.create(name, template)
    root = create(stacks, name, template)
    assert (root["Status"], root["ExecutionStatus"], root["StatusReason"]) == ("FAILED", "UNAVAILABLE", NO_CHANGES)


def test_the_root_executes_all_of_them(stacks: Stacks, name: str) -> None:
    """Both children are updated; the stack remembers the change set."""
    stacks.create(name, two_children(stacks, "one", "one"))
    root = create(stacks, name, two_children(stacks, "two", "two"))
    stacks.cfn.execute_change_set(ChangeSetName=root["ChangeSetId"])
    assert stacks.settled(name) == "UPDATE_COMPLETE"
    assert stacks.describe(name)["ChangeSetId"] == root["ChangeSetId"]
    for child_id in stacks.resources(name).values():
        child = stacks.describe(child_id)
        assert child["StackStatus"] == "UPDATE_COMPLETE"
        assert child["ParentId"] == child["RootId"] == stacks.describe(name)["StackId"]


def test_a_new_root_announces_its_children(stacks: Stacks, name: str) -> None:
    """The children are there in review, with additions only, and the execution creates those very stacks."""
    root = create(stacks, name, two_children(stacks, "one", "one"), "CREATE")
    children = {key: describe(stacks, change["ChangeSetId"]) for key, change in changes(root).items()}
    assert {change["Action"] for child in children.values() for change in changes(child).values()} == {"Add"}
    assert {stacks.describe(child["StackId"])["StackStatus"] for child in children.values()} == {"REVIEW_IN_PROGRESS"}
    stacks.cfn.execute_change_set(ChangeSetName=root["ChangeSetId"])
    assert stacks.settled(name) == "CREATE_COMPLETE"
    assert stacks.resources(name) == {key: child["StackId"] for key, child in children.items()}


def test_deleting_the_root_deletes_all_of_them(stacks: Stacks, name: str) -> None:
    """Nested change sets go, and the stacks that only they had announced."""
    root = create(stacks, name, two_children(stacks, "one", "one"), "CREATE")
    child = describe(stacks, changes(root)["First"]["ChangeSetId"])
    stacks.cfn.delete_change_set(ChangeSetName=root["ChangeSetId"])
    with pytest.raises(stacks.cfn.exceptions.ChangeSetNotFoundException):
        describe(stacks, child["ChangeSetId"])
    with pytest.raises(stacks.cfn.exceptions.ClientError, match="does not exist"):
        stacks.describe(child["StackId"])


def test_deleting_a_stack_in_review_takes_its_children_along(stacks: Stacks, name: str) -> None:
    """Nothing that was only announced stays."""
    root = create(stacks, name, two_children(stacks, "one", "one"), "CREATE")
    child = describe(stacks, changes(root)["First"]["ChangeSetId"])
    stacks.cfn.delete_stack(StackName=name)
    with pytest.raises(stacks.cfn.exceptions.ClientError, match="does not exist"):
        stacks.describe(child["StackId"])


def test_a_child_that_cannot_be_planned_fails_the_root(stacks: Stacks, name: str) -> None:
    """A template that is not there is named in the child, and the child in the root."""
    stacks.create(name, two_children(stacks, "one", "one"))
    template = two_children(stacks, "two", "one")
    template["Resources"]["First"]["Properties"]["TemplateURL"] += ".missing"
    root = create(stacks, name, template)
    child_id = changes(root)["First"]["ChangeSetId"]
    assert root["Status"] == "FAILED"
    assert root["StatusReason"] == (f"Nested change set {child_id} was not successfully created: Currently in FAILED.")
    assert ".missing" in describe(stacks, child_id)["StatusReason"]


def test_a_childs_roles_must_be_acknowledged(stacks: Stacks, name: str) -> None:
    """The capabilities of the request count for the nested stacks of the plan."""
    template = {
        "Resources": {
            "Child": nested(
                stacks, {"Resources": {"Role": role() | {"Properties": {**role()["Properties"], "RoleName": name}}}}
            )
        }
    }
    refused = create(stacks, name, template, "CREATE", Capabilities=["CAPABILITY_IAM"])
    assert refused["Status"] == "FAILED"
    child = describe(stacks, changes(refused)["Child"]["ChangeSetId"])
    assert child["StatusReason"] == "Requires capabilities : [CAPABILITY_NAMED_IAM]"
    stacks.cfn.delete_change_set(ChangeSetName=refused["ChangeSetId"])
    assert create(stacks, name, template, "CREATE")["Status"] == "CREATE_COMPLETE"


def test_a_removed_child_has_no_change_set(stacks: Stacks, name: str) -> None:
    """It is removed by its parent's change."""
    template = two_children(stacks, "one", "one")
    stacks.create(name, template)
    del template["Resources"]["Second"]
    root = create(stacks, name, template)
    assert changes(root)["Second"]["Action"] == "Remove"
    assert "ChangeSetId" not in changes(root)["Second"]


def test_options_are_repeated(stacks: Stacks, name: str, client: ClientFactory) -> None:
    """Notifications, rollback triggers, role and failure behaviour in the change set, then in the stack."""
    trigger = {"Arn": "arn:aws:cloudwatch:eu-central-1:000000000000:alarm:a", "Type": "AWS::CloudWatch::Alarm"}
    rollback = {"RollbackTriggers": [trigger], "MonitoringTimeInMinutes": 5}
    topics = ["arn:aws:sns:eu-central-1:000000000000:a", "arn:aws:sns:eu-central-1:000000000000:b"]
    options = {"NotificationARNs": topics, "RollbackConfiguration": rollback, "OnStackFailure": "ROLLBACK"}
    passed = acting_role(client, name)
    root = create(stacks, name, two_children(stacks, "one", "one"), "CREATE", RoleARN=passed, **options)
    assert {key: root[key] for key in options} == options
    assert root["Capabilities"] == ["CAPABILITY_NAMED_IAM"]
    stacks.cfn.execute_change_set(ChangeSetName=root["ChangeSetId"])
    stacks.settled(name)
    stack = stacks.describe(name)
    assert (stack["RoleARN"], stack["NotificationARNs"], stack["RollbackConfiguration"]) == (passed, topics, rollback)


def test_listed_change_sets_are_linked(stacks: Stacks, name: str) -> None:
    """ListChangeSets of a child names parent and root."""
    stacks.create(name, two_children(stacks, "one", "one"))
    root = create(stacks, name, two_children(stacks, "two", "one"))
    child_name = stacks.resources(name)["First"].split("/")[1]
    listed = stacks.cfn.list_change_sets(StackName=child_name)["Summaries"]
    assert [(each["ParentChangeSetId"], each["RootChangeSetId"]) for each in listed] == [(root["ChangeSetId"],) * 2]


def test_a_failed_first_create_takes_retained_resources_along(stacks: Stacks, name: str, client: Any) -> None:
    """RetainExceptOnCreate on the execution reaches the nested stacks."""
    kept = topic("kept") | {"DeletionPolicy": "Retain"}
    metric = {"MetricName": "metric", "MetricNamespace": name, "MetricValue": "1"}
    properties = {"LogGroupName": "none", "FilterPattern": "", "MetricTransformations": [metric]}
    broken = {"Type": "AWS::Logs::MetricFilter", "Properties": properties}
    template = {
        "Resources": {
            "First": nested(stacks, {"Resources": {"Topic": kept}}),
            "Broken": broken | {"DependsOn": "First"},
        }
    }
    root = create(stacks, name, template, "CREATE")
    stacks.cfn.execute_change_set(ChangeSetName=root["ChangeSetId"], RetainExceptOnCreate=True)
    assert stacks.settled(name) == "ROLLBACK_COMPLETE"
    arns = [
        each["TopicArn"] for page in client("sns").get_paginator("list_topics").paginate() for each in page["Topics"]
    ]
    assert not [arn for arn in arns if name in arn]


def test_outputs_alone_are_a_change(stacks: Stacks, name: str) -> None:
    """Of the root and of a nested stack, by the template or by a parameter; nothing else is listed, and it goes."""
    child: dict[str, Any] = {"Resources": {"Topic": topic("kept")}, "Outputs": {"One": {"Value": "1"}}}
    template: dict[str, Any] = {
        "Parameters": {"Word": {"Type": "String", "Default": "a"}},
        "Resources": {"Own": topic("own")},
        "Outputs": {"Word": {"Value": {"Fn::Sub": "${Word}"}}},
    }
    assert stacks.create(name, template) == "CREATE_COMPLETE"
    again = create(stacks, name, template, "UPDATE")
    assert (again["Status"], again["StatusReason"]) == ("FAILED", NO_CHANGES)
    stacks.cfn.delete_change_set(ChangeSetName=again["ChangeSetId"])
    template["Parameters"]["Word"]["Default"] = "b"
    changed = create(stacks, name, template, "UPDATE")
    assert (changed["Status"], changed["ExecutionStatus"], changed["Changes"]) == ("CREATE_COMPLETE", "AVAILABLE", [])
    stacks.cfn.execute_change_set(ChangeSetName=changed["ChangeSetId"])
    assert stacks.settled(name) == "UPDATE_COMPLETE"
    assert stacks.outputs(name) == {"Word": "b"}

    other = f"{name}-2"
    assert stacks.create(other, {"Resources": {"Child": nested(stacks, child)}}) == "CREATE_COMPLETE"
    child["Outputs"]["Two"] = {"Value": "2"}
    below = create(stacks, other, {"Resources": {"Child": nested(stacks, child)}}, "UPDATE")
    assert below["Status"] == "CREATE_COMPLETE"
    stacks.cfn.execute_change_set(ChangeSetName=below["ChangeSetId"])
    assert stacks.settled(other) == "UPDATE_COMPLETE"
