"""The schema of release records: what is written is what is read, today's and tomorrow's."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.errors import UsageError
from tapgen.ledger.consents import BrokenGlass
from tapgen.ledger.record import Execution, Outcome, Plan, Reference, Source, decode, encode
from tests.unit.ledger.conftest import AT

if TYPE_CHECKING:
    from tests.unit.ledger.conftest import MakeRecord


def test_record_is_read_as_it_was_written(make_record: MakeRecord) -> None:
    """Every document survives the way through JSON, with times, nested values and what is left out."""
    intent = dataclasses.replace(
        make_record(3, "aaaa", restores=1).intent,
        source=Source(commit="c0ffee", dirty=True),
        previous=Reference(sequence=2, release_id="bbbb"),
        break_glass=BrokenGlass(reason="the guard is wrong", alarms=("one",)),
    )
    plan = Plan(
        change_set_id="arn:cs",
        stack_id="arn:stack",
        kind="UPDATE",
        created_at=AT,
        counts={"add": 1},
        changes=("Add Data.Orders AWS::SQS::Queue",),
    )
    execution = Execution(change_set_id="arn:cs", stack_id="arn:stack", who="ada", host="laptop", started_at=AT)
    outcome = Outcome(status="rolled-back", finished_at=AT, reason="why", verdict={"requests": 12}, watched=False)

    record = decode(
        {
            "intent": encode(intent),
            "plan": encode(plan),
            "execution": encode(execution),
            "outcome": encode(outcome),
        },
        place="s3://b/",
    )

    assert (record.intent, record.plan, record.execution, record.outcome) == (intent, plan, execution, outcome)
    assert record.intent.parameters == {"ReleaseId": "aaaa"}


def test_newer_minor_is_read_and_its_fields_are_kept(make_record: MakeRecord) -> None:
    """Unknown fields, at any depth, do not disturb, and the stored documents still have them."""
    document = _document(make_record) | {"schema_version": "1.9", "tide": "high"}
    document["templates"][0]["size_bytes"] = 7

    record = decode({"intent": json.dumps(document).encode()}, place="s3://b/")

    assert record.intent == make_record(1, "aaaa").intent
    assert record.documents["intent"]["tide"] == "high"


def test_newer_major_is_refused(make_record: MakeRecord) -> None:
    """A record that this tapgen would misunderstand is refused with both versions and the way out."""
    document = _document(make_record) | {"schema_version": "2.0"}

    with pytest.raises(UsageError, match="newer tapgen") as caught:
        decode({"intent": json.dumps(document).encode()}, place="s3://b/")

    assert "2.0" in caught.value.why
    assert "1.x" in caught.value.why


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"schema_version": "1.0"}'])
def test_damaged_record_is_named(body: bytes) -> None:
    """What cannot be read is an error with its place, not a crash."""
    with pytest.raises(UsageError, match="s3://b/") as caught:
        decode({"intent": body}, place="s3://b/")

    assert caught.value.code == "record-damaged"


def _document(make_record: MakeRecord) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(encode(make_record(1, "aaaa").intent))
    return document
