"""All kinds of resources that carry events in one stack: change sets, policies of deletion, drift, what is listed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.conftest import until
from tests.local.extension.deliveries import Reader, allow, arn, permission, policy, queue_policy, ref, resource, role

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

NIGHTLY: dict[str, Any] = {"ScheduleExpression": "cron(0 2 * * ? *)", "FlexibleTimeWindow": {"Mode": "OFF"}}


def everything(reader: Reader, name: str) -> dict[str, Any]:
    """One of each, as they depend on each other."""
    may_read = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], arn("Queue"))
    target = {"Arn": ref("Live"), "RoleArn": arn("ScheduleRole"), "RetryPolicy": {"MaximumRetryAttempts": 3}}
    topic_statement = allow("sns:Publish", ref("Topic"), Principal={"Service": "events.amazonaws.com"})
    return {
        **reader.resources(may_read),
        "Queue": resource("AWS::SQS::Queue", QueueName=name),
        "QueuePolicy": queue_policy("Queue", "sns", ref("Topic")),
        "Mapping": resource(
            "AWS::Lambda::EventSourceMapping", EventSourceArn=arn("Queue"), FunctionName=ref("Live"), BatchSize=5
        ),
        "Topic": resource("AWS::SNS::Topic", TopicName=name),
        "TopicPolicy": resource("AWS::SNS::TopicPolicy", Topics=[ref("Topic")], PolicyDocument=policy(topic_statement)),
        "Subscription": resource(
            "AWS::SNS::Subscription",
            TopicArn=ref("Topic"),
            Protocol="sqs",
            Endpoint=arn("Queue"),
            RawMessageDelivery=True,
            FilterPolicy={"kind": ["order"]},
        ),
        "ScheduleRole": role("scheduler", allow("lambda:InvokeFunction", ref("Live"))),
        "Group": resource("AWS::Scheduler::ScheduleGroup", Name=name),
        "Schedule": resource("AWS::Scheduler::Schedule", Name=name, GroupName=ref("Group"), Target=target, **NIGHTLY),
        "Bus": resource("AWS::Events::EventBus", Name=name),
        "Rule": resource(
            "AWS::Events::Rule",
            Name=name,
            EventBusName=ref("Bus"),
            EventPattern={"source": ["orders"]},
            Targets=[{"Id": "alias", "Arn": ref("Live")}],
        ),
        "Permission": permission("events", arn("Rule")),
        "Secret": resource("AWS::SecretsManager::Secret", Name=name, GenerateSecretString={}),
        "Parameter": resource("AWS::SSM::Parameter", Name=f"/{name}", Type="String", Value="1"),
        "Asynchronous": resource(
            "AWS::Lambda::EventInvokeConfig",
            ("Live",),
            FunctionName=ref("Reader"),
            Qualifier="live",
            MaximumRetryAttempts=1,
        ),
    }


IN_PLACE: dict[str, dict[str, Any]] = {
    "Queue": {"VisibilityTimeout": 60},
    "Mapping": {"BatchSize": 7},
    "Topic": {"DisplayName": "Orders"},
    "Subscription": {"FilterPolicy": {"kind": ["invoice"]}},
    "Group": {"Tags": [{"Key": "team", "Value": "orders"}]},
    "Schedule": {"Description": "nightly"},
    "Bus": {"Description": "orders"},
    "Rule": {"State": "DISABLED"},
    "Secret": {"Description": "of orders"},
    "Parameter": {"Value": "2"},
    "Asynchronous": {"MaximumRetryAttempts": 0},
}


def renamed(name: str) -> dict[str, dict[str, Any]]:
    """What makes another resource of each."""
    other = f"{name}-2"
    return {
        "Queue": {"QueueName": other},
        "Topic": {"TopicName": other},
        "Group": {"Name": other},
        "Schedule": {"Name": other},
        "Bus": {"Name": other},
        "Rule": {"Name": other},
        "Secret": {"Name": other},
        "Parameter": {"Name": f"/{other}"},
        "Permission": {"Principal": "sns.amazonaws.com"},
        "Asynchronous": {"Qualifier": "$LATEST"},
    }


def changes(client: ClientFactory, name: str, resources: dict[str, Any], kind: str) -> dict[str, tuple[str, str]]:
    """Action and replacement by logical id."""
    made = client("cloudformation").create_change_set(
        StackName=name,
        ChangeSetName=f"cs-{kind.lower()}",
        ChangeSetType=kind,
        TemplateBody=json.dumps({"Resources": resources}),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    found = client("cloudformation").describe_change_set(ChangeSetName=made["Id"])["Changes"]
    told = (each["ResourceChange"] for each in found)
    return {each["LogicalResourceId"]: (each["Action"], each.get("Replacement", "")) for each in told}


def changed(resources: dict[str, Any], by: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        key: {**value, "Properties": {**value["Properties"], **by.get(key, {})}} for key, value in resources.items()
    }


def test_change_sets_tell_what_becomes_of_each(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """Added, modified in place, replaced, removed: as the template reference says of each property."""
    resources = everything(reader, name)
    added = changes(client, name, resources, "CREATE")
    assert added == dict.fromkeys(resources, ("Add", ""))
    client("cloudformation").execute_change_set(StackName=name, ChangeSetName="cs-create")
    assert stacks.settled(name) == "CREATE_COMPLETE"
    listed = client("cloudformation").list_stack_resources(StackName=name)["StackResourceSummaries"]
    assert {each["LogicalResourceId"] for each in listed} == resources.keys()
    assert {each["ResourceStatus"] for each in listed} == {"CREATE_COMPLETE"}

    in_place = changes(client, name, changed(resources, IN_PLACE), "UPDATE")
    wanted = dict.fromkeys(IN_PLACE, ("Modify", "False"))
    # An attribute of the queue, which changes too, would replace them if it became another one.
    wanted |= dict.fromkeys(("Mapping", "Subscription"), ("Modify", "Conditional"))
    assert {key: in_place[key] for key in IN_PLACE} == wanted
    before = stacks.resources(name)
    assert stacks.update(name, {"Resources": changed(resources, IN_PLACE)}) == "UPDATE_COMPLETE"
    assert stacks.resources(name) == before


def test_change_sets_tell_what_is_replaced_and_removed(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """A name is another resource, and what the template drops goes."""
    resources = everything(reader, name)
    assert stacks.create(name, {"Resources": resources}) == "CREATE_COMPLETE"
    replaced = changes(client, name, changed(resources, renamed(name)), "UPDATE")
    wanted = renamed(name)
    assert {key: replaced[key] for key in wanted} == dict.fromkeys(wanted, ("Modify", "True"))
    kept = {key: resources[key] for key in ("Role", "Reader", "Version", "Live", "Queue")}
    client("cloudformation").delete_change_set(StackName=name, ChangeSetName="cs-update")
    removed = changes(client, name, kept, "UPDATE")
    assert {key for key, (action, _) in removed.items() if action == "Remove"} == resources.keys() - kept.keys()
    assert stacks.update(name, {"Resources": kept}) == "UPDATE_COMPLETE"
    assert stacks.resources(name).keys() == kept.keys()
    assert name not in [bus["Name"] for bus in client("events").list_event_buses()["EventBuses"]]


def test_what_is_retained_stays(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """DeletionPolicy when the stack goes, UpdateReplacePolicy when another one takes its place."""
    kinds = ("Queue", "Topic", "Secret", "Parameter", "Bus", "Group")
    keep = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    resources = {key: value | keep for key, value in everything(reader, name).items() if key in kinds}
    assert stacks.create(name, {"Resources": resources}) == "CREATE_COMPLETE"
    assert stacks.update(name, {"Resources": changed(resources, renamed(name))}) == "UPDATE_COMPLETE"
    assert stacks.delete(name) == "DELETE_COMPLETE"
    for each in (name, f"{name}-2"):
        assert client("sqs").get_queue_url(QueueName=each)["QueueUrl"]
        assert client("secretsmanager").describe_secret(SecretId=each)["Name"] == each
        assert client("ssm").get_parameter(Name=f"/{each}")["Parameter"]["Value"] == "1"
        assert client("events").describe_event_bus(Name=each)["Name"] == each
        assert client("scheduler").get_schedule_group(Name=each)["Name"] == each
        topics = [topic["TopicArn"] for topic in client("sns").list_topics()["Topics"]]
        assert any(topic.endswith(f":{each}") for topic in topics)


def drifted(client: ClientFactory, name: str) -> dict[str, str]:
    """The drift of each resource that is compared."""
    cfn = client("cloudformation")
    detection = cfn.detect_stack_drift(StackName=name)["StackDriftDetectionId"]
    until(
        lambda: (
            cfn.describe_stack_drift_detection_status(StackDriftDetectionId=detection)["DetectionStatus"]
            == "DETECTION_COMPLETE"
        )
    )
    found = cfn.describe_stack_resource_drifts(StackName=name)["StackResourceDrifts"]
    return {each["LogicalResourceId"]: each["StackResourceDriftStatus"] for each in found}


def test_drift_is_found(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """Nothing drifts by itself; what is changed by hand does, and what is gone is deleted."""
    assert stacks.create(name, {"Resources": everything(reader, name)}) == "CREATE_COMPLETE"
    made = stacks.resources(name)
    compared = drifted(client, name)
    assert set(compared.values()) == {"IN_SYNC"}
    carriers = {"Queue", "QueuePolicy", "Mapping", "TopicPolicy", "Subscription", "Schedule", "Rule", "Asynchronous"}
    assert carriers | {"Secret", "Parameter", "Topic"} <= compared.keys()

    sqs, sns, events = client("sqs"), client("sns"), client("events")
    sqs.set_queue_attributes(QueueUrl=made["Queue"], Attributes={"VisibilityTimeout": "1", "Policy": ""})
    sns.set_subscription_attributes(
        SubscriptionArn=made["Subscription"], AttributeName="FilterPolicy", AttributeValue='{"kind": ["all"]}'
    )
    events.disable_rule(Name=name, EventBusName=name)
    client("scheduler").delete_schedule(Name=name, GroupName=name)
    client("lambda").put_function_event_invoke_config(
        FunctionName=made["Reader"], Qualifier="live", MaximumRetryAttempts=2
    )
    found = drifted(client, name)
    assert found["QueuePolicy"] == found["Schedule"] == "DELETED"
    assert {key for key, status in found.items() if status == "MODIFIED"} >= {"Subscription", "Asynchronous"}
    assert found["Mapping"] == "IN_SYNC"


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"EventPattern": {"source": "orders"}}, "Event pattern is not valid"),
        ({"EventPattern": {"source": [{"prefixed": "a"}]}}, "Event pattern is not valid"),
        ({"ScheduleExpression": "rate(1 fortnight)"}, "ScheduleExpression is not valid"),
        ({"EventPattern": {"source": ["a"]}, "EventBusName": "missing"}, "does not exist"),
        ({}, "EventPattern or ScheduleExpression must be specified"),
    ],
    ids=["pattern", "operator", "schedule", "bus", "nothing"],
)
def test_rules_that_cannot_be_are_refused(stacks: Stacks, name: str, *, rule: dict[str, Any], reason: str) -> None:
    """The stack fails with EventBridge's reason."""
    assert stacks.create(name, {"Resources": {"Rule": resource("AWS::Events::Rule", **rule)}}) == "ROLLBACK_COMPLETE"
    assert reason in " ".join(text for _, _, text in stacks.events(name))
