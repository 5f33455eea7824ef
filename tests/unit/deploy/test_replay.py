"""Dead letters: what they say, whoever wrote them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from handlers.archiver.dead_letters import write_letter
from tapgen.deploy.replay import Letter, Replayed, read_letter

RECORD = {"eventSourceARN": "arn:stream", "dynamodb": {"SequenceNumber": "7", "NewImage": {"a": {"S": "x"}}}}
BATCH = {"streamArn": "arn:stream", "startSequenceNumber": "3", "endSequenceNumber": "5", "batchSize": 3}


def test_letter_of_the_archiver_is_read() -> None:
    """What the archiver writes is what replay reads."""
    assert read_letter(write_letter(RECORD, reason="why")) == Letter(
        reason="why", stream_arn="arn:stream", first="7", last="7", records=[RECORD]
    )


def test_large_record_is_left_to_the_stream() -> None:
    """Its letter says where the stream has it."""
    large = RECORD | {"padding": "x" * 300_000}

    letter = read_letter(write_letter(large, reason="why"))
    assert letter
    assert (letter.records, letter.first) == ([], "7")


def test_letter_of_lambda_is_read() -> None:
    """Lambda tells the range of a batch that it gave up."""
    body = json.dumps({"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": BATCH})

    assert read_letter(body) == Letter(
        reason="RetryAttemptsExhausted: 3 records", stream_arn="arn:stream", first="3", last="5", records=[]
    )


@pytest.mark.parametrize(
    "body", ["", "hello", "[]", "null", "{}", '{"kind": "poison-record"}', '{"DDBStreamBatchInfo": 1}']
)
def test_anything_else_is_no_letter(body: str) -> None:
    """What somebody else put into the queue stops nothing."""
    assert read_letter(body) is None


@pytest.mark.parametrize(
    ("outcome", "remains"),
    [("archived", False), ("found", False), ("refused", True), ("failed", True), ("lost", True), ("unreadable", True)],
)
def test_what_is_not_settled_remains(outcome: Any, remains: bool) -> None:  # noqa: FBT001 - a table of cases
    """Only what was archived, or merely looked at, needs nobody."""
    assert Replayed(message_id="m", outcome=outcome, reason="", sequence_numbers="").remains is remains
