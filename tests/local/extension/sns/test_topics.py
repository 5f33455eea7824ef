"""Topics of templates: what reaches functions and queues, with whose permission, and where the rest ends."""

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
    policy,
    queue_policy,
    receive,
    ref,
    resource,
)

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

SUBSCRIPTION = "AWS::SNS::Subscription"


def to_alias(reader: Reader, *, allowed: bool = True, **subscription: Any) -> dict[str, Any]:
    """A topic with the alias as its subscriber, and a queue for what it does not get."""
    resources = {
        **reader.resources(),
        "Topic": resource("AWS::SNS::Topic"),
        "Dead": resource("AWS::SQS::Queue"),
        "DeadPolicy": queue_policy("Dead", "sns", ref("Topic")),
        "Subscription": resource(
            SUBSCRIPTION,
            TopicArn=ref("Topic"),
            Protocol="lambda",
            Endpoint=ref("Live"),
            **{"RedrivePolicy": {"deadLetterTargetArn": arn("Dead")}} | subscription,
        ),
    }
    if allowed:
        resources["Permission"] = permission("sns", ref("Topic"))
    return {"Resources": resources}


def publish(client: ClientFactory, topic: str, message: str, **attributes: str) -> None:
    values = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    client("sns").publish(TopicArn=topic, Message=message, MessageAttributes=values)


def test_a_notification_reaches_the_alias(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """It has the form that SNS gives it, and the alias is what was invoked."""
    assert stacks.create(name, to_alias(reader)) == "CREATE_COMPLETE"
    made = stacks.resources(name)
    publish(client, made["Topic"], "hello", kind="order")
    until(reader.entries)
    (entry,) = reader.entries()
    (record,) = entry["event"]["Records"]
    assert entry["arn"] == made["Live"]
    assert (record["EventSource"], record["EventSubscriptionArn"]) == ("aws:sns", made["Subscription"])
    assert (record["Sns"]["Message"], record["Sns"]["TopicArn"]) == ("hello", made["Topic"])
    assert record["Sns"]["MessageAttributes"]["kind"]["Value"] == "order"


def test_a_function_needs_the_permission(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """Without one, the notification goes to the subscription's dead letters at once."""
    stacks.create(name, to_alias(reader, allowed=False))
    made = stacks.resources(name)
    publish(client, made["Topic"], "hello")
    until(lambda: receive(client("sqs"), made["Dead"]))
    (letter,) = receive(client("sqs"), made["Dead"])
    assert json.loads(letter["Body"])["Message"] == "hello"
    assert not reader.entries()


def test_a_permission_is_for_one_topic(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """One for another topic, or for the function instead of its alias, does not do."""
    template = to_alias(reader, allowed=False)
    template["Resources"]["Other"] = resource("AWS::SNS::Topic")
    template["Resources"]["PermissionOfOther"] = permission("sns", ref("Other"))
    template["Resources"]["PermissionOfFunction"] = permission("sns", ref("Topic"), ref("Reader"))
    stacks.create(name, template)
    made = stacks.resources(name)
    publish(client, made["Topic"], "hello")
    until(lambda: receive(client("sqs"), made["Dead"]))
    assert not reader.entries()


def test_an_error_of_the_function_is_tried_again(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """SNS invokes asynchronously: the attempts are Lambda's, and the topic's dead letters stay empty."""
    stacks.create(name, to_alias(reader))
    made = stacks.resources(name)
    publish(client, made["Topic"], "crash")
    until(lambda: len(reader.entries()) == 3)
    assert not receive(client("sqs"), made["Dead"])


@pytest.mark.parametrize(
    "filtered",
    [
        {"FilterPolicy": {"kind": [{"prefix": "ord"}]}},
        {"FilterPolicy": {"total": [{"numeric": [">", 10]}]}, "FilterPolicyScope": "MessageBody"},
    ],
    ids=["attributes", "body"],
)
def test_a_filter_policy(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader, *, filtered: dict[str, Any]
) -> None:
    """By attributes or by the body, only what matches arrives."""
    stacks.create(name, to_alias(reader, **filtered))
    topic = stacks.resources(name)["Topic"]
    publish(client, topic, '{"total": 5}', kind="noise")
    publish(client, topic, '{"total": 50}', kind="order")
    until(reader.entries)
    assert [event["Records"][0]["Sns"]["Message"] for event in reader.events()] == ['{"total": 50}']


def to_queue(*, fifo: bool = False, raw: bool = True, allowed: bool = True) -> dict[str, Any]:
    """A topic that feeds a queue."""
    topic = {"FifoTopic": True, "ContentBasedDeduplication": True} if fifo else {}
    resources = {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": topic},
        "Queue": resource("AWS::SQS::Queue", FifoQueue=fifo),
        "Dead": resource("AWS::SQS::Queue"),
        "DeadPolicy": queue_policy("Dead", "sns", ref("Topic")),
        "Subscription": resource(
            SUBSCRIPTION,
            TopicArn=ref("Topic"),
            Protocol="sqs",
            Endpoint=arn("Queue"),
            RawMessageDelivery=raw,
            RedrivePolicy={"deadLetterTargetArn": arn("Dead")},
        ),
    }
    if allowed:
        resources["Policy"] = queue_policy("Queue", "sns", ref("Topic"))
    return {"Resources": resources}


@pytest.mark.parametrize("raw", [True, False])
def test_a_queue_gets_the_message(stacks: Stacks, client: ClientFactory, name: str, raw: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Raw, with attributes as attributes, or inside of SNS's envelope."""
    stacks.create(name, to_queue(raw=raw))
    made = stacks.resources(name)
    publish(client, made["Topic"], "hello", kind="order")
    until(lambda: receive(client("sqs"), made["Queue"]))
    (message,) = receive(client("sqs"), made["Queue"])
    if raw:
        assert message["Body"] == "hello"
        assert message["MessageAttributes"]["kind"]["StringValue"] == "order"
    else:
        assert json.loads(message["Body"])["Message"] == "hello"


def test_a_queue_needs_a_policy(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """A queue without one refuses the topic; the subscription's dead letters take it."""
    stacks.create(name, to_queue(allowed=False))
    made = stacks.resources(name)
    publish(client, made["Topic"], "hello")
    until(lambda: receive(client("sqs"), made["Dead"]))
    assert not receive(client("sqs"), made["Queue"])


def test_an_ordered_topic(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """A FIFO topic feeds a FIFO queue in order, and the same content once."""
    assert stacks.create(name, to_queue(fifo=True)) == "CREATE_COMPLETE"
    made = stacks.resources(name)
    assert made["Topic"].endswith(".fifo")
    sns = client("sns")
    for message in ("1", "2", "2", "3"):
        sns.publish(TopicArn=made["Topic"], Message=message, MessageGroupId="one")
    until(lambda: len(receive(client("sqs"), made["Queue"])) == 3)
    assert client("sns").get_topic_attributes(TopicArn=made["Topic"])["Attributes"]["FifoTopic"] == "true"
    assert [message["Body"] for message in receive(client("sqs"), made["Queue"])] == ["1", "2", "3"]


def test_a_topic_policy_denies(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """A statement that denies wins over what the user may do."""
    statement = allow("sns:Publish", ref("Topic"), Principal="*") | {"Effect": "Deny"}
    topic_policy = resource("AWS::SNS::TopicPolicy", Topics=[ref("Topic")], PolicyDocument=policy(statement))
    stacks.create(name, {"Resources": {"Topic": resource("AWS::SNS::Topic"), "Policy": topic_policy}})
    topic = stacks.resources(name)["Topic"]
    iam = client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(policy(allow("sns:*", "*"))))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    sns = client("sns", credentials=(key["AccessKeyId"], key["SecretAccessKey"]))
    with pytest.raises(ClientError, match="AuthorizationError"):
        sns.publish(TopicArn=topic, Message="no")
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["TopicArn"] == topic


def test_a_subscription_needs_its_topic(stacks: Stacks, name: str) -> None:
    """A subscription to a topic that does not exist fails the stack."""
    missing = {"Fn::Sub": "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:missing"}
    queue = {"Queue": resource("AWS::SQS::Queue")}
    subscription = resource(SUBSCRIPTION, TopicArn=missing, Protocol="sqs", Endpoint=arn("Queue"))
    assert stacks.create(name, {"Resources": queue | {"Subscription": subscription}}) == "ROLLBACK_COMPLETE"


def test_an_update_changes_the_subscription_in_place(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """Its filter changes and its ARN stays; a FIFO topic is another topic."""
    stacks.create(name, to_alias(reader))
    before = stacks.resources(name)
    assert stacks.update(name, to_alias(reader, FilterPolicy={"kind": ["order"]})) == "UPDATE_COMPLETE"
    assert stacks.resources(name)["Subscription"] == before["Subscription"]
    found = client("sns").get_subscription_attributes(SubscriptionArn=before["Subscription"])["Attributes"]
    assert json.loads(found["FilterPolicy"]) == {"kind": ["order"]}
