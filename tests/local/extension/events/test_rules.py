"""Rules of templates: which events match, what targets get, with whose permission, and where the rest ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.extension.conftest import until
from tests.local.extension.deliveries import (
    Reader,
    allow,
    arn,
    permission,
    queue_policy,
    receive,
    ref,
    resource,
    role,
    texts,
)

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

PATTERN: dict[str, Any] = {"source": ["orders"]}


def template(
    reader: Reader, name: str, *, allowed: bool = True, pattern: dict[str, Any] | None = None, **target: Any
) -> dict[str, Any]:
    """A bus of its own, with a rule that targets the alias, and a queue for what it does not get."""
    target = {"DeadLetterConfig": {"Arn": arn("Dead")}} | target
    resources = {
        **reader.resources(),
        "Bus": resource("AWS::Events::EventBus", Name=name),
        "Dead": resource("AWS::SQS::Queue"),
        "DeadPolicy": queue_policy("Dead", "events", arn("Rule")),
        "Rule": resource(
            "AWS::Events::Rule",
            EventBusName=ref("Bus"),
            EventPattern=pattern or PATTERN,
            Targets=[{"Id": "alias", "Arn": ref("Live"), **target}],
        ),
    }
    if allowed:
        resources["Permission"] = permission("events", arn("Rule"))
    return {"Resources": resources}


def put(client: ClientFactory, bus: str, detail: Any, *, kind: str = "placed", source: str = "orders") -> None:
    entry = {"EventBusName": bus, "Source": source, "DetailType": kind, "Detail": json.dumps(detail)}
    assert client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def test_an_event_reaches_the_alias(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """It has EventBridge's form, and other sources do not match."""
    assert stacks.create(name, template(reader, name)) == "CREATE_COMPLETE"
    put(client, name, {"id": 1}, source="invoices")
    put(client, name, {"id": 2})
    until(reader.entries)
    (entry,) = reader.entries()
    event = entry["event"]
    assert entry["arn"] == stacks.resources(name)["Live"]
    assert (event["source"], event["detail-type"], event["detail"]) == ("orders", "placed", {"id": 2})
    assert {"id", "time", "region", "account", "version", "resources"} <= event.keys()


@pytest.mark.parametrize(
    ("detail", "wanted"),
    [
        ({"state": [{"prefix": "op"}]}, ["open"]),
        ({"state": [{"anything-but": ["open", "done"]}]}, ["lost"]),
        ({"total": [{"numeric": [">=", 10, "<", 100]}]}, ["done"]),
        ({"coupon": [{"exists": True}]}, ["lost"]),
        ({"coupon": [{"exists": False}], "state": [{"suffix": "ne"}]}, ["done"]),
    ],
    ids=["prefix", "anything-but", "numeric", "exists", "exists-not"],
)
def test_patterns(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader, *, detail: dict[str, Any], wanted: list[str]
) -> None:
    """The operators of patterns, on a detail."""
    stacks.create(name, template(reader, name, pattern={"detail": detail}))
    put(client, name, {"state": "open", "total": 5})
    put(client, name, {"state": "done", "total": 10})
    put(client, name, {"state": "lost", "total": 100, "coupon": "x"})
    until(reader.entries)
    assert [event["detail"]["state"] for event in reader.events()] == wanted


def test_the_default_bus(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """A rule without a bus is one of the account's own."""
    made = template(reader, name, pattern={"source": [name]})
    del made["Resources"]["Rule"]["Properties"]["EventBusName"]
    stacks.create(name, made)
    put(client, "default", {"id": 1}, source=name)
    until(reader.entries)


def test_an_input_replaces_the_event(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """A transformer makes the target's event from the rule's."""
    transformer = {"InputPathsMap": {"id": "$.detail.id"}, "InputTemplate": '{"order": <id>}'}
    stacks.create(name, template(reader, name, InputTransformer=transformer))
    put(client, name, {"id": 42})
    until(reader.entries)
    assert reader.events() == [{"order": 42}]


def test_a_function_needs_the_permission(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """Without one, the event goes to the target's dead letters at once, with the reason."""
    stacks.create(name, template(reader, name, allowed=False))
    made = stacks.resources(name)
    put(client, name, {"id": 1})
    until(lambda: receive(client("sqs"), made["Dead"]))
    (letter,) = receive(client("sqs"), made["Dead"])
    assert json.loads(letter["Body"])["detail"] == {"id": 1}
    assert texts(letter)["ERROR_CODE"] == "NO_PERMISSIONS"
    assert texts(letter)["TARGET_ARN"] == made["Live"]
    assert not reader.entries()


def test_the_dead_letters_need_a_policy(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """A queue that does not allow the rule gets nothing: the event is lost, as the rule's metric says."""
    made = template(reader, name, allowed=False)
    del made["Resources"]["DeadPolicy"]
    stacks.create(name, made)
    put(client, name, {"id": 1})
    rule = stacks.resources(name)["Rule"].rpartition("|")[2]
    dimensions = [{"Name": "EventBusName", "Value": name}, {"Name": "RuleName", "Value": rule}]

    def lost() -> bool:
        metrics = client("cloudwatch").list_metrics(
            Namespace="AWS/Events", MetricName="InvocationsFailedToBeSentToDlq", Dimensions=dimensions
        )
        return bool(metrics["Metrics"])

    until(lost)
    assert not receive(client("sqs"), stacks.resources(name)["Dead"])


def test_a_role_of_the_target(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """A target that names a role is called with it; the function's permission is not needed."""
    made = template(reader, name, allowed=False, RoleArn=arn("RuleRole"))
    made["Resources"]["RuleRole"] = role("events", allow("lambda:InvokeFunction", ref("Live")))
    stacks.create(name, made)
    put(client, name, {"id": 1})
    until(reader.entries)


def test_queues_and_topics_are_targets(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """With their policies; a FIFO queue gets the group that the target names."""
    fifo = {"Id": "fifo", "Arn": arn("Ordered"), "SqsParameters": {"MessageGroupId": "orders"}}
    topic_policy = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": ref("Topic"),
    }
    resources = {
        "Bus": resource("AWS::Events::EventBus", Name=name),
        "Ordered": resource("AWS::SQS::Queue", FifoQueue=True, ContentBasedDeduplication=True),
        "OrderedPolicy": queue_policy("Ordered", "events", arn("Rule")),
        "Topic": resource("AWS::SNS::Topic"),
        "TopicPolicy": resource(
            "AWS::SNS::TopicPolicy",
            Topics=[ref("Topic")],
            PolicyDocument={"Version": "2012-10-17", "Statement": [topic_policy]},
        ),
        "Heard": resource("AWS::SQS::Queue"),
        "HeardPolicy": queue_policy("Heard", "sns", ref("Topic")),
        "Subscription": resource(
            "AWS::SNS::Subscription",
            TopicArn=ref("Topic"),
            Protocol="sqs",
            Endpoint=arn("Heard"),
            RawMessageDelivery=True,
        ),
        "Rule": resource(
            "AWS::Events::Rule",
            EventBusName=ref("Bus"),
            EventPattern=PATTERN,
            Targets=[fifo, {"Id": "topic", "Arn": ref("Topic")}],
        ),
    }
    assert stacks.create(name, {"Resources": resources}) == "CREATE_COMPLETE"
    made = stacks.resources(name)
    put(client, name, {"id": 1})
    for queue in ("Ordered", "Heard"):
        until(lambda queue=queue: receive(client("sqs"), made[queue]))  # type: ignore[misc]  # a lambda of a loop
    (message,) = receive(client("sqs"), made["Ordered"])
    assert message["Attributes"]["MessageGroupId"] == "orders"


def test_a_rule_that_is_disabled_rests(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """An update enables it in place."""
    made = template(reader, name)
    made["Resources"]["Rule"]["Properties"]["State"] = "DISABLED"
    stacks.create(name, made)
    put(client, name, {"id": 1})
    made["Resources"]["Rule"]["Properties"]["State"] = "ENABLED"
    assert stacks.update(name, made) == "UPDATE_COMPLETE"
    put(client, name, {"id": 2})
    until(reader.entries)
    assert [event["detail"]["id"] for event in reader.events()] == [2]


def test_putting_events_needs_a_permission(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """On the bus: a user that may put on one bus may not put on another."""
    stacks.create(name, {"Resources": {"Bus": resource("AWS::Events::EventBus", Name=name)}})
    iam = client("iam")
    iam.create_user(UserName=name)
    statement = allow("events:PutEvents", f"arn:aws:events:eu-central-1:000000000000:event-bus/{name}")
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="put", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    events = client("events", credentials=(key["AccessKeyId"], key["SecretAccessKey"]))
    entry = {"Source": "orders", "DetailType": "placed", "Detail": "{}"}
    events.put_events(Entries=[{**entry, "EventBusName": name}])
    with pytest.raises(ClientError, match="AccessDenied"):
        events.put_events(Entries=[entry])
