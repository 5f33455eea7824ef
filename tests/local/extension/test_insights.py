"""The query language of Logs Insights over events, without a server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tapgen.local.extension.logs.insights import run
from tapgen.local.extension.logs.insights_fields import Event, event
from tapgen.local.extension.logs.insights_tree import MalformedQueryError

_START_MS = 1_764_000_000_000


def _events(*documents: dict[str, Any] | str) -> list[Event]:
    return [
        event(
            document if isinstance(document, str) else json.dumps(document),
            timestamp_ms=_START_MS + 60_000 * index,
            stream="s",
            log="1:g",
        )
        for index, document in enumerate(documents)
    ]


_REQUESTS = _events(
    {"route": "GET /a", "status": 200, "ms": 10, "user": "u1"},
    {"route": "GET /a", "status": 500, "ms": 30, "user": "u2", "deep": {"list": [{"x": "y"}]}},
    {"route": "GET /b", "status": "404", "ms": 20, "user": "u1"},
    "no JSON",
)
_REPORT = (
    "REPORT RequestId: 8f5\tDuration: 12.50 ms\tBilled Duration: 13 ms\tMemory Size: 512 MB\tMax Memory Used: 80 MB\t"
    "Init Duration: 210.10 ms\t"
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fields route, ms | sort ms desc | limit 1", [{"route": "GET /a", "ms": "30"}]),
        ("filter status >= 400 | stats count(*) as n by route | sort route", [
            {"route": "GET /a", "n": "1"}, {"route": "GET /b", "n": "1"}]),
        ("stats count(*), avg(ms), pct(ms, 50) as p50, sum(ms)/count(ms) as mean", [
            {"count(*)": "4", "avg(ms)": "20", "p50": "20", "mean": "20"}]),
        ("filter user = 'u1' and not status in [200] | display route", [{"route": "GET /b"}]),
        ("filter @message like /(?i)NO json/ | fields @logStream", [{"@logStream": "s"}]),
        ('filter @message not like "route" | fields strlen(@message) as n', [{"n": "7"}]),
        ("filter ispresent(deep.list.0.x) | fields deep.list.0.x as x, ms * 2 + 1 as twice", [
            {"x": "y", "twice": "61"}]),
        ("filter ispresent(route) | parse route '* *' as method, path | stats count(*) as n by method", [
            {"method": "GET", "n": "3"}]),
        ("parse route /(?<letter>[ab])$/ | filter letter = 'b' # a comment\n| fields letter", [{"letter": "b"}]),
        ("filter ms > 0 | stats max(ms) as most by bin(2m) as slot | sort slot desc | limit 1", [
            {"slot": "2025-11-24 16:02:00.000", "most": "20"}]),
        ("fields @timestamp | limit 1", [{"@timestamp": "2025-11-24 16:00:00.000"}]),
        ("filter user='u1' or user='u2' | dedup user | sort user | fields user", [{"user": "u1"}, {"user": "u2"}]),
        ("stats count(*) as n by user | sort n desc, user", [
            {"user": "u1", "n": "2"}, {"n": "1"}, {"user": "u2", "n": "1"}]),
        ("stats count_distinct(user) as users, latest(status) as last", [{"users": "2", "last": "404"}]),
    ],
)  # fmt: skip
def test_query(query: str, expected: list[dict[str, str]]) -> None:
    """Each construct means what the user guide says."""
    assert run(query, _REQUESTS).rows == expected


def test_report_lines_have_lambda_fields() -> None:
    """The fields of a REPORT line are discovered; memory is in bytes, as the guide's own queries divide it."""
    found = run(
        "filter @type = 'REPORT' | stats max(@memorySize / 1000 / 1000) as mb,"
        " max(@maxMemoryUsed / 1000 / 1000) as used, avg(@duration) as ms, avg(@billedDuration) as billed,"
        " max(@initDuration) as init, latest(@requestId) as id",
        _events(_REPORT, "START RequestId: 8f5 Version: 3"),
    )
    assert found.rows == [
        {"mb": "512", "used": "80", "ms": "12.5", "billed": "13", "init": "210.1", "id": "8f5"},
    ]
    assert found.matched == 1


def test_default_columns_and_pointer() -> None:
    """Without fields, a row is the moment, the message and the pointer to the record."""
    found = run("limit 1", [event("hello", timestamp_ms=_START_MS, stream="s", log="g", pointer="p")])
    assert found.rows == [{"@timestamp": "2025-11-24 16:00:00.000", "@message": "hello", "@ptr": "p"}]


@pytest.mark.parametrize(
    "query",
    [
        "feilds a",
        "fields a | unmask b",
        "filter a like",
        "filter (a = 1",
        "stats count(*) by",
        "parse a '* *' as b",
        "parse a /x/",
        "fields nosuch(a)",
        "fields sum(ms)",
        "limit many",
        "fields a b",
    ],
)
def test_what_is_not_known_is_refused(query: str) -> None:
    """A query that the language does not know is never half evaluated."""
    with pytest.raises(MalformedQueryError):
        run(query, _REQUESTS)
