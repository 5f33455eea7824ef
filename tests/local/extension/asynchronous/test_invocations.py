"""Asynchronous invocations of an alias: attempts, destinations and dead letters, with the function's role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.conftest import until
from tests.local.extension.deliveries import Reader, allow, arn, receive, ref, resource, role, texts

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

MAY_SEND = allow("sqs:SendMessage", [arn("Done"), arn("Failed"), arn("Dead")])


def template(
    reader: Reader, *statements: dict[str, Any], config: dict[str, Any] | None = None, **function: Any
) -> dict[str, Any]:
    """An alias with a configuration of its own, and three queues."""
    function = {"DeadLetterConfig": {"TargetArn": arn("Dead")}} | function
    destinations = {"OnSuccess": {"Destination": arn("Done")}, "OnFailure": {"Destination": arn("Failed")}}
    return {
        "Resources": {
            **reader.resources(*(statements or (MAY_SEND,)), **function),
            **{queue: resource("AWS::SQS::Queue") for queue in ("Done", "Failed", "Dead")},
            "Config": resource(
                "AWS::Lambda::EventInvokeConfig",
                ("Live",),
                FunctionName=ref("Reader"),
                Qualifier="live",
                **{"MaximumRetryAttempts": 1, "DestinationConfig": destinations} | (config or {}),
            ),
        }
    }


def invoke(client: ClientFactory, function: str, event: Any) -> None:
    answer = client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event))
    assert answer["StatusCode"] == 202


def test_a_success_is_told(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """The record names the alias, the event and the answer; nobody else hears of it."""
    assert stacks.create(name, template(reader)) == "CREATE_COMPLETE"
    made = stacks.resources(name)
    invoke(client, made["Live"], {"order": 1})
    until(lambda: receive(client("sqs"), made["Done"]))
    record = json.loads(receive(client("sqs"), made["Done"])[0]["Body"])
    assert record["requestContext"]["condition"] == "Success"
    assert record["requestContext"]["functionArn"] == made["Live"]
    assert (record["requestPayload"], record["responsePayload"]) == ({"order": 1}, {"taken": True})
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "1"}
    assert not receive(client("sqs"), made["Failed"])


def test_a_failure_is_tried_again_and_told_twice(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """As often as the alias says; then the destination gets the record, and the dead letters the event."""
    stacks.create(name, template(reader))
    made = stacks.resources(name)
    invoke(client, made["Live"], {"order": "crash"})
    until(lambda: receive(client("sqs"), made["Dead"]))
    assert len(reader.entries()) == 2
    record = json.loads(receive(client("sqs"), made["Failed"])[0]["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorType"] == "ValueError"
    (letter,) = receive(client("sqs"), made["Dead"])
    assert json.loads(letter["Body"]) == {"order": "crash"}
    assert texts(letter)["ErrorMessage"] == "crash"
    assert texts(letter)["ErrorCode"] == "200"


def test_the_configuration_is_the_aliases(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """Whoever invokes the function without the alias gets Lambda's defaults: two more attempts, no destination."""
    stacks.create(name, template(reader))
    made = stacks.resources(name)
    invoke(client, made["Reader"], {"order": "crash"})
    until(lambda: receive(client("sqs"), made["Dead"]))
    assert len(reader.entries()) == 3
    assert not receive(client("sqs"), made["Failed"])


def test_destinations_need_the_roles_permission(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """What the role may not send is lost; the dead letters, which it may, arrive."""
    stacks.create(name, template(reader, allow("sqs:SendMessage", arn("Dead"))))
    made = stacks.resources(name)
    invoke(client, made["Live"], {"order": "crash"})
    until(lambda: receive(client("sqs"), made["Dead"]))
    assert not receive(client("sqs"), made["Failed"])


def test_an_old_event_is_not_tried_again(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """The first wait of a minute would pass the age that the alias allows."""
    stacks.create(name, template(reader, config={"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 2}))
    made = stacks.resources(name)
    invoke(client, made["Live"], {"order": "crash"})
    until(lambda: receive(client("sqs"), made["Dead"]))
    assert len(reader.entries()) == 1
    record = json.loads(receive(client("sqs"), made["Failed"])[0]["Body"])
    assert record["requestContext"]["condition"] == "EventAgeExceeded"


def test_a_function_that_reserves_nothing_goes_to_the_dead_letters(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """Without an attempt, as Lambda documents it."""
    stacks.create(name, template(reader, ReservedConcurrentExecutions=0))
    made = stacks.resources(name)
    invoke(client, made["Live"], {"order": 1})
    until(lambda: receive(client("sqs"), made["Dead"]))
    assert not reader.entries()
    assert texts(receive(client("sqs"), made["Dead"])[0])["ErrorCode"] == "429"


@pytest.mark.parametrize("kind", ["topic", "function", "bus"])
def test_other_destinations(stacks: Stacks, client: ClientFactory, name: str, reader: Reader, kind: str) -> None:
    """A topic, another function and an event bus get the record in their own form."""
    targets: dict[str, tuple[str, dict[str, Any], Any]] = {
        "topic": ("sns:Publish", resource("AWS::SNS::Topic"), ref("Target")),
        "function": (
            "lambda:InvokeFunction",
            reader.resources()["Reader"]
            | {"Properties": {**reader.resources()["Reader"]["Properties"], "Role": arn("Plain")}},
            arn("Target"),
        ),
        "bus": ("events:PutEvents", resource("AWS::Events::EventBus", Name=name), arn("Target")),
    }
    action, target, target_arn = targets[kind]
    destination = {"DestinationConfig": {"OnSuccess": {"Destination": target_arn}}}
    described = template(reader, allow(action, target_arn), config=destination, DeadLetterConfig={})
    resources = described["Resources"] | {"Target": target, "Plain": role("lambda")}
    if kind == "topic":
        resources["Subscription"] = resource(
            "AWS::SNS::Subscription", TopicArn=ref("Target"), Protocol="sqs", Endpoint=arn("Done")
        )
        resources["Policy"] = _open("Done")
    if kind == "bus":
        pattern = {"source": ["lambda"], "detail-type": ["Lambda Function Invocation Result - Success"]}
        resources["Rule"] = resource(
            "AWS::Events::Rule",
            EventBusName=ref("Target"),
            EventPattern=pattern,
            Targets=[{"Id": "done", "Arn": arn("Done")}],
        )
        resources["Policy"] = _open("Done")
    assert stacks.create(name, {"Resources": resources}) == "CREATE_COMPLETE"
    made = stacks.resources(name)
    invoke(client, made["Live"], {"order": 7})
    if kind == "function":
        until(lambda: len(reader.entries()) == 2)
        record = reader.events()[1]
    else:
        until(lambda: receive(client("sqs"), made["Done"]))
        message = json.loads(receive(client("sqs"), made["Done"])[0]["Body"])
        record = json.loads(message["Message"]) if kind == "topic" else message["detail"]
    assert record["requestPayload"] == {"order": 7}


def _open(queue: str) -> dict[str, Any]:
    """A policy that lets everybody send."""
    statement = allow("sqs:SendMessage", arn(queue), Principal="*")
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return resource("AWS::SQS::QueuePolicy", Queues=[ref(queue)], PolicyDocument=document)
