"""From what was heard to a report, to JSON and back, and to a page."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tapgen.errors import UsageError
from tapgen.report.model import AlarmSpan, decode, encode
from tapgen.report.page import draw_page
from tapgen.report.shifting import tell_shifts
from tapgen.report.timeline import draw_bars
from tests.unit.report.conftest import START, events, record, report, seen


def test_a_resource_is_one_span_from_its_first_event_to_its_last() -> None:
    """Update and rollback are one span; a failure keeps its reason; a nested stack is told once, by its own name."""
    bars = {f"{bar.stack}.{bar.logical_id}": bar for bar in draw_bars(events())}

    assert set(bars) == {"root.shop", "root.Compute", "Compute.ApiFunction", "Compute.ApiLiveAlias"}
    assert bars["Compute.ApiFunction"].end - bars["Compute.ApiFunction"].start == 251
    assert bars["Compute.ApiLiveAlias"].reason == "one or more alarms have been activated"
    assert bars["root.shop"].status == "UPDATE_ROLLBACK_COMPLETE"


def test_a_shift_is_told_moment_by_moment() -> None:
    """Weights, steps when they were first seen so, and each guard's states one after the other."""
    (story,) = tell_shifts(seen())
    at = START.timestamp()

    assert [sample.weight for sample in story.samples] == [0.0, 0.1, 0.1, 0.1, 0.0]
    assert story.steps[:2] == (
        (at + 21, "BeforeAllowTraffic", "InProgress"),
        (at + 40, "BeforeAllowTraffic", "Succeeded"),
    )
    name = "shop-prod-eu-west-1-guard-api-errors"
    assert story.alarms == (
        AlarmSpan(name=name, start=at + 21, end=at + 230, state="OK", reason="3 >= 1"),
        AlarmSpan(name=name, start=at + 230, end=at + 240, state="ALARM", reason="3 >= 1"),
    )


def test_json_holds_all_of_it() -> None:
    """What is read back is what was written, the record of the release included."""
    written = report()
    read = decode(encode(written), place="x")

    assert replace(read, record=written.record) == written
    assert read.record == written.record


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"{", "report-damaged"), (b'{"schema_version": 2}', "report-too-new"), (b"{}", "report-damaged")],
)
def test_json_that_is_not_ours_is_refused(body: bytes, code: str) -> None:
    """Damaged, or of a newer tapgen: said with the place and the way out."""
    with pytest.raises(UsageError) as caught:
        decode(body, place="s3://bucket/key")

    assert caught.value.code == code
    assert "s3://bucket/key" in caught.value.what


def test_page_says_verdict_reason_guards_and_what_is_missing() -> None:
    """Everything that a person asks first is on the page, and nothing in it can become markup."""
    page = draw_page(report())

    for text in (
        "Failed and was rolled back",
        "one or more alarms have been activated",
        "version 7 was stopped at 10% of the traffic",
        "The glass was broken",
        "and local changes",
        "deployer/ci",
        "MemorySize: 512 → 768",
        "dynamodb:DeleteItem",
        "-$0.10",
        "metrics of shop-prod-eu-west-1-archiver: not allowed",
    ):
        assert text in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_page_of_a_bare_record_is_drawn() -> None:
    """A release of which nothing else is known has a page all the same."""
    bare = replace(report(), bars=(), shifts=(), changes=None, costs=None, record=replace(record(), outcome=None))

    assert "Its end is not recorded" in draw_page(bare)


def test_first_release_is_no_list_of_alarms() -> None:
    """Where nothing was before, resources and grants are counted and folded away instead of being marked one by one."""
    changes = report().changes
    assert changes
    page = draw_page(replace(report(), changes=replace(changes, before="")))

    assert "everything is new" in page
    assert "<summary>All 1 grants</summary>" in page


def test_report_names_its_schema() -> None:
    """Readers can tell what they read."""
    assert json.loads(encode(report()))["schema_version"] == 1
