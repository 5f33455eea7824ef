"""Reading logs once and again: pages, order, what comes late, what CloudWatch refuses for a while."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from tapgen.aws.log_events import LogWindow, quote_phrase, read_events
from tapgen.errors import AwsError
from tapgen.telemetry.log_sources import Source
from tapgen.telemetry.request_trail import group_invocations
from tapgen.telemetry.tail import LOOK_BACK_MS, POLL_S, Tail
from tests.unit.telemetry.test_log_lines import read

if TYPE_CHECKING:
    from collections.abc import Iterator

API = Source(name="api", group="/api")
ARCHIVER = Source(name="archiver", group="/archiver")
NOW_MS = 1_795_608_000_000


@contextmanager
def stubbed() -> Iterator[tuple[Any, Stubber]]:
    """A client of CloudWatch Logs that answers what it is told to, and every answer must be fetched."""
    client = boto3.client(
        "logs",
        region_name="eu-west-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",  # noqa: S106 - nobody's
        config=Config(retries={"max_attempts": 0}),
    )
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def event(number: int, *, at_ms: int, version: str = "1", message: str = "said") -> dict[str, Any]:
    """One event as FilterLogEvents answers it."""
    return {
        "eventId": str(number),
        "timestamp": at_ms,
        "logStreamName": f"2026/11/25/[{version}]ab",
        "message": f"{message} {number}",
    }


def test_pages_are_followed_even_through_empty_ones() -> None:
    """A page without events may have a successor; a text is searched as a quoted phrase."""
    with stubbed() as (client, stubber):
        asked = {"logGroupName": "/api", "startTime": 5, "filterPattern": '"said"'}
        stubber.add_response("filter_log_events", {"events": [], "nextToken": "t"}, asked)
        stubber.add_response(
            "filter_log_events",
            {"events": [event(1, at_ms=6), event(2, at_ms=7, message="SAID")]},
            asked | {"nextToken": "t"},
        )

        found = list(read_events(client, LogWindow(group="/api", start_ms=5, text="said")))

    assert [item.event_id for item in found] == ["1"]


def test_a_phrase_is_escaped() -> None:
    """Quotes and backslashes are part of what is looked for."""
    assert quote_phrase('"status":5 \\') == '"\\"status\\":5 \\\\"'


def test_a_group_that_is_not_there_has_no_lines_and_others_are_refused() -> None:
    """A function that never ran is no error; a missing permission is."""
    with stubbed() as (client, stubber):
        stubber.add_client_error("filter_log_events", "ResourceNotFoundException")
        assert list(Tail(client=client, sources=[API]).read(start_ms=0)) == []
        stubber.add_client_error("filter_log_events", "AccessDeniedException")
        with pytest.raises(AwsError, match="/api: access denied"):
            list(Tail(client=client, sources=[API]).read(start_ms=0))


def test_groups_are_merged_by_time_and_narrowed_to_a_version() -> None:
    """One stream out of several, each with its own order, and of one version alone where that is asked for."""
    new = Source(name="api", group="/api", version="8")
    with stubbed() as (client, stubber):
        old = event(1, at_ms=1, version="7")
        for events in ([old, event(2, at_ms=20, version="8")], [event(3, at_ms=10), event(4, at_ms=30)]):
            stubber.add_response("filter_log_events", {"events": events})

        found = list(Tail(client=client, sources=[new, ARCHIVER]).read(start_ms=0))

    assert [(line.event_id, line.source) for line in found] == [("3", "archiver"), ("2", "api"), ("4", "archiver")]


def _follow(client: Any, *, lines: int) -> tuple[list[str], list[float], list[str]]:
    """Ids of the first lines, the waits before them, and the warnings; the clock goes on by each wait."""
    waits: list[float] = []
    warnings: list[str] = []
    tail = Tail(client=client, sources=[API]).follow(
        start_ms=NOW_MS,
        now_ms=lambda: NOW_MS + int(sum(waits) * 1000),
        sleep=waits.append,
        warn=warnings.append,
    )
    return [next(tail).event_id for _ in range(lines)], waits, warnings


def test_an_event_that_comes_late_is_told_and_none_twice() -> None:
    """Each read looks back: an older event that CloudWatch has only now is new, the others are known by their ids."""
    with stubbed() as (client, stubber):
        first, second, late = (event(number, at_ms=NOW_MS + number) for number in (1, 3, 2))
        stubber.add_response("filter_log_events", {"events": [first, second]})
        stubber.add_response("filter_log_events", {"events": [first, late, second]})

        ids, waits, _ = _follow(client, lines=3)

    assert ids == ["1", "3", "2"]
    assert waits == [POLL_S]


def test_the_look_back_moves_on() -> None:
    """What is older than the look-back is not asked for again, nor remembered."""
    with stubbed() as (client, stubber):
        asked = {"logGroupName": "/api"}
        polls = int(LOOK_BACK_MS / 1000 / POLL_S) + 2
        for poll in range(polls):
            start_ms = max(NOW_MS, NOW_MS + int((poll - 1) * POLL_S * 1000) - LOOK_BACK_MS)
            events = [event(1, at_ms=NOW_MS)] if poll == polls - 1 else []
            stubber.add_response("filter_log_events", {"events": events}, asked | {"startTime": start_ms})

        assert _follow(client, lines=1)[0] == ["1"]


def test_throttled_it_waits_longer_and_says_so_once() -> None:
    """A tail survives what passes; the wait doubles while it lasts."""
    with stubbed() as (client, stubber):
        for _ in range(3):
            stubber.add_client_error("filter_log_events", "ThrottlingException")
        stubber.add_response("filter_log_events", {"events": [event(1, at_ms=NOW_MS)]})

        ids, waits, warnings = _follow(client, lines=1)

    assert (ids, waits) == (["1"], [2 * POLL_S, 4 * POLL_S, 8 * POLL_S])
    assert len(warnings) == 1


def test_invocations_are_told_apart_by_their_first_and_last_line() -> None:
    """An environment's start belongs to its first invocation; one without a report is still running."""

    def platform(kind: str, request: str) -> Any:
        return read({"type": f"platform.{kind}", "record": {"requestId": request}})

    lines = [
        platform("initStart", ""),
        platform("start", "a"),
        read("said"),
        platform("report", "a"),
        platform("start", "b"),
        platform("start", "c"),
        platform("report", "c"),
    ]

    found = [[line.message.split()[0] for line in invocation] for invocation in group_invocations(lines)]

    assert found == [["initStart", "start", "said", "report"], ["start"], ["start", "report"]]
