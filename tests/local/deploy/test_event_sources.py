"""Messages through a function's own queue, on the embedded Lambda and SQS."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.api_transport import LATEST, ApiTransport, invoke_alias
from tapgen.aws.event_sources import SourceSender
from tapgen.aws.session import Aws, Target
from tapgen.journey import Journey, event, request, scheduled_event, sqs_event
from tapgen.journey.walker import Course, walk
from tests.local.conftest import REGION

if TYPE_CHECKING:
    from tapgen.local.server import LocalStatus
    from tests.local.conftest import ClientFactory

FUNCTION = "fulfilment"
CODE = """
def handler(event, context):
    for record in event.get("Records", ()):
        if record["body"] == "bad":
            raise ValueError("no such order")
    return {"batchItemFailures": []}
"""
COURSE = Course(purpose="prove", user="ada")


@pytest.fixture(name="transport", scope="module")
def _transport(local_aws: LocalStatus, client: ClientFactory) -> ApiTransport:
    """A function that a queue invokes by its live alias."""
    account, secret = "000000000000", "test"
    aws = Aws(
        Target(region=REGION, endpoint_url=local_aws.endpoint_url, access_key_id=account, secret_access_key=secret)
    )
    use = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam, functions = client("iam"), client("lambda")
    role = iam.create_role(RoleName=FUNCTION, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    iam.put_role_policy(RoleName=FUNCTION, PolicyName="use", PolicyDocument=json.dumps({"Statement": [use]}))
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", CODE)
    functions.create_function(
        FunctionName=FUNCTION,
        Role=role["Arn"],
        Runtime="python3.13",
        Handler="index.handler",
        Code={"ZipFile": code.getvalue()},
        Timeout=10,
    )
    version = functions.publish_version(FunctionName=FUNCTION)["Version"]
    functions.create_alias(FunctionName=FUNCTION, Name="live", FunctionVersion=version)
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=FUNCTION, Attributes={"VisibilityTimeout": "30"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    functions.create_event_source_mapping(FunctionName=f"{FUNCTION}:live", EventSourceArn=arn)
    return ApiTransport(
        invoke=invoke_alias(aws, FUNCTION, alias=LATEST),
        send_to_source=SourceSender(aws, FUNCTION, alias="live", timeout_s=20).send,
    )


def test_message_goes_through_the_queue(transport: ApiTransport) -> None:
    """The step ends well when the queue is empty; what the function answers stays with the queue."""
    journey = Journey(steps=(event(sqs_event(["good"]), deliver="source", expect={"batchItemFailures": [1]}),))

    done = walk(journey, transport, COURSE)

    assert done.passed, done.failed
    assert not any(outcome.left_out for outcome in done.outcomes)


def test_message_that_is_not_taken_fails_its_step(transport: ApiTransport, client: ClientFactory) -> None:
    """It is still there when the time is over."""
    journey = Journey(steps=(event(sqs_event(["bad"]), name="bad", deliver="source"),))

    done = walk(journey, transport, COURSE)

    assert done.failed is not None
    assert done.failed.got == "1 messages are still in fulfilment"
    sqs = client("sqs")
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=FUNCTION)["QueueUrl"])


def test_invoked_function_answers_and_fails(transport: ApiTransport) -> None:
    """Its result is looked at, and what it raises is told without its trace."""
    good = event(sqs_event(["good"]), name="good", expect={"batchItemFailures": []})
    bad = event(sqs_event(["bad"]), name="bad")

    done = walk(Journey(steps=(good, bad)), transport, COURSE)

    assert [outcome.passed for outcome in done.outcomes] == [True, False]
    assert "no such order" in done.outcomes[1].got


def test_what_cannot_be_carried_is_left_out(transport: ApiTransport) -> None:
    """A schedule cannot be made to fire, and a service without an API answers no request."""
    journey = Journey(steps=(event(scheduled_event(), deliver="source"), request("GET /orders")))

    done = walk(journey, transport, COURSE)

    assert done.passed
    assert [outcome.left_out for outcome in done.outcomes] == [
        "only messages of a queue are sent through their source",
        "the service has no HTTP API",
    ]
