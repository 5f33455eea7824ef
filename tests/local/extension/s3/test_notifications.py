"""Notifications of buckets in templates: to the alias of a function, a queue, a topic and EventBridge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.conftest import until
from tests.local.extension.deliveries import (
    Reader,
    allow,
    arn,
    permission,
    policy,
    queue_policy,
    receive,
    ref,
    resource,
)

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks


def bucket_arn(name: str) -> str:
    return f"arn:aws:s3:::{name.lower()}"


def bucket(name: str, *depends_on: str, **notifications: Any) -> dict[str, Any]:
    """A bucket whose name is known before it is made, so that permissions can name it."""
    return resource("AWS::S3::Bucket", depends_on, BucketName=name.lower(), NotificationConfiguration=notifications)


def to_alias(reader: Reader, name: str, *, source: str = "", **configuration: Any) -> dict[str, Any]:
    """A bucket that tells the alias of created objects."""
    told = {"Event": "s3:ObjectCreated:*", "Function": ref("Live"), **configuration}
    resources = {**reader.resources(), "Bucket": bucket(name, "Permission", LambdaConfigurations=[told])}
    resources["Permission"] = permission("s3", source or bucket_arn(name))
    return {"Resources": resources}


def put(client: ClientFactory, name: str, *keys: str) -> None:
    for key in keys:
        client("s3").put_object(Bucket=name.lower(), Key=key, Body=b"content")


def test_an_object_reaches_the_alias(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """With a prefix and a suffix, the event has S3's form and the alias is what was invoked."""
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".json"}]
    assert stacks.create(name, to_alias(reader, name, Filter={"S3Key": {"Rules": rules}})) == "CREATE_COMPLETE"
    put(client, name, "out/a.json", "in/a.txt", "in/an order.json")
    until(reader.entries)
    (entry,) = reader.entries()
    (record,) = entry["event"]["Records"]
    assert entry["arn"] == stacks.resources(name)["Live"]
    assert (record["eventSource"], record["eventName"]) == ("aws:s3", "ObjectCreated:Put")
    assert record["s3"]["object"]["key"] == "in/an+order.json"
    assert record["s3"]["bucket"]["arn"] == bucket_arn(name)


def test_a_bucket_needs_the_permission_first(stacks: Stacks, name: str, reader: Reader) -> None:
    """One for another bucket fails the stack, as S3 verifies the destination."""
    assert stacks.create(name, to_alias(reader, name, source="arn:aws:s3:::another")) == "ROLLBACK_COMPLETE"
    assert "Unable to validate the following destination" in " ".join(reason for _, _, reason in stacks.events(name))


def test_a_permission_that_is_taken_away_stops_the_events(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """Each delivery is asked for again."""
    stacks.create(name, to_alias(reader, name))
    made = stacks.resources(name)
    statement = json.loads(client("lambda").get_policy(FunctionName=made["Reader"], Qualifier="live")["Policy"])
    put(client, name, "before")
    until(reader.entries)
    client("lambda").remove_permission(
        FunctionName=made["Reader"], Qualifier="live", StatementId=statement["Statement"][0]["Sid"]
    )
    put(client, name, "denied")
    client("lambda").add_permission(
        FunctionName=made["Reader"],
        Qualifier="live",
        StatementId="again",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
    )
    put(client, name, "after")
    until(lambda: len(reader.entries()) >= 2)
    keys = [event["Records"][0]["s3"]["object"]["key"] for event in reader.events()]
    assert keys == ["before", "after"]


@pytest.mark.parametrize("allowed", [True, False])
def test_queues_and_topics(stacks: Stacks, client: ClientFactory, name: str, *, allowed: bool) -> None:
    """With their policies, which S3 asks for before it takes the configuration."""
    topic_statement = allow(
        "sns:Publish",
        ref("Topic"),
        Principal={"Service": "s3.amazonaws.com"},
        Condition={"ArnLike": {"aws:SourceArn": bucket_arn(name)}},
    )
    told = {"Event": "s3:ObjectRemoved:*"}
    resources = {
        "Queue": resource("AWS::SQS::Queue"),
        "QueuePolicy": queue_policy("Queue", "s3", bucket_arn(name) if allowed else "arn:aws:s3:::another"),
        "Topic": resource("AWS::SNS::Topic"),
        "TopicPolicy": resource("AWS::SNS::TopicPolicy", Topics=[ref("Topic")], PolicyDocument=policy(topic_statement)),
        "Heard": resource("AWS::SQS::Queue"),
        "HeardPolicy": queue_policy("Heard", "sns", ref("Topic")),
        "Subscription": resource(
            "AWS::SNS::Subscription", TopicArn=ref("Topic"), Protocol="sqs", Endpoint=arn("Heard")
        ),
        "Bucket": bucket(
            name,
            *("QueuePolicy", "TopicPolicy"),
            QueueConfigurations=[{**told, "Queue": arn("Queue")}],
            TopicConfigurations=[{**told, "Topic": ref("Topic")}],
        ),
    }
    assert stacks.create(name, {"Resources": resources}) == ("CREATE_COMPLETE" if allowed else "ROLLBACK_COMPLETE")
    if not allowed:
        return
    made = stacks.resources(name)
    put(client, name, "key")
    client("s3").delete_object(Bucket=name.lower(), Key="key")

    def names(queue: str) -> list[str]:
        bodies = [json.loads(message["Body"]) for message in receive(client("sqs"), made[queue])]
        events = [json.loads(body["Message"]) if "Message" in body else body for body in bodies]
        return [record["eventName"] for event in events for record in event.get("Records", ())]

    until(lambda: "ObjectRemoved:Delete" in names("Queue"))
    until(lambda: "ObjectRemoved:Delete" in names("Heard"))


def test_eventbridge_hears_of_a_bucket(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """A rule of the default bus matches the bucket's events and invokes the alias."""
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [name.lower()]}, "object": {"key": [{"prefix": "in/"}]}},
    }
    resources = {
        **reader.resources(),
        "Bucket": bucket(name, EventBridgeConfiguration={"EventBridgeEnabled": True}),
        "Rule": resource("AWS::Events::Rule", EventPattern=pattern, Targets=[{"Id": "alias", "Arn": ref("Live")}]),
        "Permission": permission("events", arn("Rule")),
    }
    assert stacks.create(name, {"Resources": resources}) == "CREATE_COMPLETE"
    put(client, name, "out/1", "in/1")
    until(reader.entries)
    (event,) = reader.events()
    assert (event["detail-type"], event["detail"]["object"]["key"]) == ("Object Created", "in/1")
