"""Properties that AWS's published schemas refuse are refused: in change sets, at once, and when all is known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.local.extension.cloudformation.properties import schemas
from tapgen.local.extension.cloudformation.properties.violations import find_violations
from tests.local.extension.templates import arn, function, ref, role, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.conftest import Stacks

QUEUE = "AWS::SQS::Queue"


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def breaks(path: str, keyword: str) -> str:
    """What CloudFormation says where it does not repeat the value."""
    return f"{path}: failed validation constraint for keyword [{keyword}]"


def violations(kind: str, **properties: Any) -> list[str]:
    schema = schemas.find(kind)
    assert schema is not None
    return [str(each) for each in find_violations(schema, properties)]


def objections(stacks: Stacks, name: str, template: dict[str, Any]) -> list[tuple[str, str]]:
    """(path, reason) of everything that a change set is refused for."""
    made = stacks.cfn.create_change_set(
        StackName=name,
        ChangeSetName="ask",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_IAM"],
        IncludeNestedStacks=True,
    )
    return list(_objections(stacks, made["Id"]))


def _objections(stacks: Stacks, change_set: str) -> Iterator[tuple[str, str]]:
    for event in stacks.cfn.describe_events(ChangeSetName=change_set)["OperationEvents"]:
        yield event["ValidationPath"], event["ValidationStatusReason"]
    for change in stacks.cfn.describe_change_set(ChangeSetName=change_set)["Changes"]:
        if change["ResourceChange"].get("ChangeSetId"):
            yield from _objections(stacks, change["ResourceChange"]["ChangeSetId"])


@pytest.mark.parametrize(
    ("kind", "properties", "said"),
    [
        (QUEUE, {"VisibilityTimeout": 43_201}, breaks("#/VisibilityTimeout", "maximum")),
        (QUEUE, {"Fifo": True}, "#: extraneous key [Fifo] is not permitted"),
        ("AWS::DynamoDB::Table", {}, "#: required key [KeySchema] not found"),
        ("AWS::IAM::Role", {"RoleName": "r" * 65}, "#/RoleName: expected maxLength: 64, actual: 65"),
        ("AWS::Lambda::Function", {"Role": ["arn"]}, "#/Role: expected type: String, found: JSONArray"),
        ("AWS::Lambda::Function", {"Role": "name"}, breaks("#/Role", "pattern")),
        ("AWS::Logs::LogGroup", {"RetentionInDays": 2}, breaks("#/RetentionInDays", "enum")),
        ("AWS::Lambda::Function", {"Arn": "arn"}, "#: extraneous key [Arn] is not permitted"),
        (
            "AWS::Lambda::EventSourceMapping",
            {"ScalingConfig": {"MaximumConcurrency": 1}},
            breaks("#/ScalingConfig/MaximumConcurrency", "minimum"),
        ),
        ("AWS::CodeDeploy::DeploymentGroup", {"ServiceRoleArn": "arn"}, "#: required key [ApplicationName] not found"),
        (
            "AWS::S3::Bucket",
            {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "a"}]},
            "#/Tags/1: required key [Value] not found",
        ),
        ("AWS::KMS::Key", {"PendingWindowInDays": 3}, breaks("#/PendingWindowInDays", "minimum")),
    ],
)
def test_a_schema_refuses_in_cloudformations_words(kind: str, properties: dict[str, Any], said: str) -> None:
    """Each kind of constraint has its own text; a value that may be secret is not repeated."""
    assert said in violations(kind, **properties)


def test_scalars_are_taken_as_cloudformation_takes_them() -> None:
    """Parameters are texts, whatever a property wants; a word for a number is still wrong."""
    assert violations(QUEUE, VisibilityTimeout="30", FifoQueue="true", QueueName=7) == []
    assert violations(QUEUE, VisibilityTimeout="soon") == ["#/VisibilityTimeout: expected type: Integer, found: String"]


def test_a_change_set_names_everything_that_cannot_be(stacks: Stacks, name: str) -> None:
    """In nested stacks too; what comes from another resource is not known yet, and its neighbours are."""
    child = {
        "Parameters": {"Timeout": {"Type": "Number", "Default": 50_000}},
        "Resources": {"Child": resource(QUEUE, VisibilityTimeout=ref("Timeout"))},
    }
    unknown = function(name, Role=arn("Role"), Handler=ref("Queue"), MemorySize=64)
    template = {
        "Resources": {
            "Queue": resource(QUEUE, Unknown=1),
            "Role": role(),
            "Function": unknown,
            "Nested": resource("AWS::CloudFormation::Stack", TemplateURL=stacks.upload(child)),
        }
    }
    assert sorted(objections(stacks, name, template)) == [
        ("/Resources/Child/Properties/VisibilityTimeout", breaks("#/VisibilityTimeout", "maximum")),
        ("/Resources/Function/Properties/MemorySize", breaks("#/MemorySize", "minimum")),
        ("/Resources/Queue/Properties", "#: extraneous key [Unknown] is not permitted"),
    ]
    reason = stacks.cfn.describe_change_set(StackName=name, ChangeSetName="ask")["StatusReason"]
    assert "[AWS::EarlyValidation::PropertyValidation]" in reason


def test_what_a_condition_leaves_out_is_not_looked_at(stacks: Stacks, name: str) -> None:
    """Neither a resource nor a property whose value is AWS::NoValue, nor one that comes from the outside."""
    template = {
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Resources": {
            "Off": resource(QUEUE, VisibilityTimeout=-1) | {"Condition": "Never"},
            "Queue": resource(QUEUE, Unknown={"Ref": "AWS::NoValue"}, DelaySeconds={"Fn::If": ["Never", -1, 1]}),
            "Later": resource("AWS::Logs::LogGroup", KmsKeyId="{{resolve:ssm:/key}}"),
            "Either": {"Type": QUEUE, "Properties": {"Fn::If": ["Never", {"Wrong": 1}, {"DelaySeconds": 1}]}},
        },
    }
    assert objections(stacks, name, template) == []


def test_a_value_that_is_known_late_is_refused_late(stacks: Stacks, name: str) -> None:
    """The resource fails with AWS's text, and the stack rolls back; in an update, too."""
    resources = {"Queue": resource(QUEUE), "Group": resource("AWS::Logs::LogGroup", LogGroupName=name)}
    assert stacks.create(name, {"Resources": resources}) == "CREATE_COMPLETE"
    resources["Group"]["Properties"]["KmsKeyId"] = ref("Queue")
    assert stacks.update(name, {"Resources": resources}) == "UPDATE_ROLLBACK_COMPLETE"
    reasons = [reason for logical_id, _, reason in stacks.events(name) if logical_id == "Group"]
    assert (
        f"Properties validation failed for resource Group with message:\n{breaks('#/KmsKeyId', 'pattern')}" in reasons
    )


def test_a_stack_is_refused_at_once(stacks: Stacks, name: str) -> None:
    """CreateStack ends before anything is made, and DescribeEvents says why."""
    assert stacks.create(name, {"Resources": {"Queue": resource(QUEUE, DelaySeconds=901)}}) == "ROLLBACK_COMPLETE"
    assert not [event for event in stacks.events(name) if event[0] == "Queue"]
    events = stacks.cfn.describe_events(StackName=name)["OperationEvents"]
    found = [event["ValidationPath"] for event in events if event["EventType"] == "VALIDATION_ERROR"]
    assert found == ["/Resources/Queue/Properties/DelaySeconds"]


def test_what_cannot_be_changed_is_replaced(stacks: Stacks, name: str) -> None:
    """The schema says which properties those are, and the change set and the update agree."""
    stream = resource("AWS::Kinesis::Stream", Name=f"{name}-1", ShardCount=1)
    assert stacks.create(name, {"Resources": {"Stream": stream}}) == "CREATE_COMPLETE"
    stream["Properties"]["Name"] = f"{name}-2"
    made = stacks.cfn.create_change_set(
        StackName=name, ChangeSetName="ask", TemplateBody=json.dumps({"Resources": {"Stream": stream}})
    )
    (change,) = stacks.cfn.describe_change_set(ChangeSetName=made["Id"])["Changes"]
    assert change["ResourceChange"]["Replacement"] == "True"
    assert stacks.update(name, {"Resources": {"Stream": stream}}) == "UPDATE_COMPLETE"
    assert stacks.resources(name) == {"Stream": f"{name}-2"}


def test_a_custom_name_keeps_a_resource_from_being_replaced(stacks: Stacks, name: str) -> None:
    """Two of one name cannot be there at once."""
    config = resource(
        "AWS::CodeDeploy::DeploymentConfig",
        DeploymentConfigName=name,
        ComputePlatform="Lambda",
        TrafficRoutingConfig={"Type": "AllAtOnce"},
    )
    assert stacks.create(name, {"Resources": {"Config": config}}) == "CREATE_COMPLETE"
    canary = {"CanaryInterval": 5, "CanaryPercentage": 10}
    config["Properties"]["TrafficRoutingConfig"] = {"Type": "TimeBasedCanary", "TimeBasedCanary": canary}
    assert stacks.update(name, {"Resources": {"Config": config}}) == "UPDATE_ROLLBACK_COMPLETE"
    assert f"Rename {name} and update the stack again" in " ".join(reason for _, _, reason in stacks.events(name))


def test_a_type_without_a_schema_passes() -> None:
    """Custom resources have none, and a type that is newer than the schemas is not refused for it."""
    assert schemas.find("Custom::Anything") is None
    assert schemas.find("AWS::New::Thing") is None
    assert table("name")["Type"] in schemas.types()
