"""Dead letters: what they say, whoever wrote them, and which queue a name means."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from handlers.archiver.dead_letters import write_letter
from tapgen.cli.redriving import make_redrive_request
from tapgen.deploy.letters import Letter, read_letter
from tapgen.deploy.redrive import Redriven, _judge, _name_of
from tapgen.errors import UsageError
from tapgen.service import Service
from tests.unit.templates.variants import VARIANTS

RECORD = {"eventSourceARN": "arn:stream", "dynamodb": {"SequenceNumber": "7", "NewImage": {"a": {"S": "x"}}}}
BATCH = {"streamArn": "arn:stream", "startSequenceNumber": "3", "endSequenceNumber": "5", "batchSize": 3}


def test_letter_of_a_function_is_read() -> None:
    """What the shipped function writes is what is read."""
    letter = read_letter(write_letter(RECORD, reason="why"))

    assert letter == Letter(reason="why", stream_arn="arn:stream", first="7", last="7", records=[RECORD])
    assert letter.numbers == "7"


def test_large_record_is_left_to_the_stream() -> None:
    """Its letter says where the stream has it."""
    large = RECORD | {"padding": "x" * 300_000}

    letter = read_letter(write_letter(large, reason="why"))
    assert letter
    assert (letter.records, letter.first) == ([], "7")


def test_letter_of_lambda_is_read() -> None:
    """Lambda tells the range of a batch that it gave up."""
    body = json.dumps({"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": BATCH})

    letter = read_letter(body)

    assert letter == Letter(reason="RetryAttemptsExhausted: 3 records", stream_arn="arn:stream", first="3", last="5")
    assert letter.numbers == "3 to 5"


def test_record_of_an_asynchronous_invocation_is_read() -> None:
    """The event goes to the function that it was meant for."""
    context = {"condition": "RetriesExhausted", "functionArn": "arn:aws:lambda:eu-west-1:1:function:nightly:live"}
    body = json.dumps({"version": "1.0", "requestContext": context, "requestPayload": {"a": 1}})

    letter = read_letter(body)

    assert letter == Letter(reason="RetriesExhausted", function_arn=context["functionArn"], payload={"a": 1})
    assert _name_of(letter.function_arn) == "nightly"


@pytest.mark.parametrize(
    "body", ["", "hello", "[]", "null", "{}", '{"kind": "poison-record"}', '{"DDBStreamBatchInfo": 1}']
)
def test_anything_else_is_no_letter(body: str) -> None:
    """What somebody else put into the queue stops nothing."""
    assert read_letter(body) is None


@pytest.mark.parametrize(
    ("outcome", "remains"),
    [("redriven", False), ("found", False), ("refused", True), ("failed", True), ("lost", True), ("unreadable", True)],
)
def test_what_is_not_settled_remains(outcome: Any, remains: bool) -> None:  # noqa: FBT001 - a table of cases
    """Only what was taken, or merely looked at, needs nobody."""
    assert Redriven(message_id="m", outcome=outcome, reason="").remains is remains


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (None, ("redriven", "")),
        ({"batchItemFailures": []}, ("redriven", "")),
        ("done", ("redriven", "")),
        ({"batchItemFailures": [{"itemIdentifier": "7"}]}, ("refused", "the function says no")),
        ({"batchItemFailures": [{}], "reasons": {"7": "no text", "8": "no text"}}, ("refused", "no text")),
    ],
)
def test_answer_of_a_function_is_judged(answer: Any, outcome: tuple[str, str]) -> None:
    """A partial batch response refuses; with reasons where the function gives some."""
    assert _judge(answer) == outcome


def _service(*, letters: bool = True) -> Any:
    service = Service("orders")
    service.queue("fulfilment", dead_letter_after=3)
    if letters:
        service.queue("letters", holds_failures=True)
    return dataclasses.replace(VARIANTS["prod"], service=service.model())


@pytest.mark.parametrize(
    ("name", "queue", "source"),
    [
        ("fulfilment", "fulfilment-dead-letters", "fulfilment"),
        ("fulfilment-dead-letters", "fulfilment-dead-letters", "fulfilment"),
        ("letters", "letters", ""),
    ],
)
def test_queue_is_named_as_in_the_service(name: str, queue: str, source: str) -> None:
    """A queue with dead letters means them, and they go back to it."""
    prefix = "transactions-prod-eu-west-1-"

    request = make_redrive_request(_service(), name, dry_run=True)

    assert (request.queue, request.source_queue) == (f"{prefix}{queue}", f"{prefix}{source}" if source else "")


def test_queue_of_somebody_else_is_taken_as_it_is() -> None:
    """Its letters say where they belong."""
    request = make_redrive_request(_service(), "their-queue", dry_run=False)

    assert (request.queue, request.source_queue) == ("their-queue", "")


def test_queue_may_be_left_out_where_there_is_one() -> None:
    """Otherwise they are listed."""
    alone = make_redrive_request(_service(letters=False), None, dry_run=False)
    assert alone.queue.endswith("-fulfilment-dead-letters")

    with pytest.raises(UsageError) as caught:
        make_redrive_request(_service(), None, dry_run=False)
    assert caught.value.hint == "name one: fulfilment-dead-letters, letters"
