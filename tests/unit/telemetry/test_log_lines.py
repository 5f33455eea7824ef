"""What a log event says, and how it reads on a terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tapgen.aws.log_events import LogEvent
from tapgen.telemetry.log_lines import LogLine, parse_line, version_of
from tapgen.ui.logs import LogPrinter

NOON_MS = 1_795_608_000_123
STREAM = "2026/11/25/[7]0123456789abcdef0123456789abcdef"


def read(message: str | dict[str, Any], source: str = "api") -> LogLine:
    """The line of an event with this message."""
    text = message if isinstance(message, str) else json.dumps(message)
    return parse_line(LogEvent(event_id="1", group="g", stream=STREAM, timestamp_ms=NOON_MS, message=text), source)


def printed(line: LogLine, *, color: bool = False) -> list[str]:
    """Its terminal lines, without that of the date."""
    return list(LogPrinter(color=color).format(line))[1:]


REQUEST = {
    "level": "INFO",
    "message": "request",
    "timestamp": "2026-11-25T12:00:00.120Z",
    "service": "api",
    "request_id": "Ab1=",
    "route": "GET /health",
    "user": None,
    "status": 200,
    "problem": None,
    "duration_ms": 1.5,
    "cold_start": False,
    "_aws": {"CloudWatchMetrics": [{"Metrics": [{"Name": "RequestDuration", "Unit": "Milliseconds"}]}]},
    "RequestDuration": 1.5,
}
REPORT = {
    "time": "2026-11-25T12:00:00.123Z",
    "type": "platform.report",
    "record": {
        "requestId": "a-b",
        "status": "success",
        "metrics": {
            "durationMs": 12.34,
            "billedDurationMs": 13,
            "memorySizeMB": 512,
            "maxMemoryUsedMB": 98,
            "initDurationMs": 210.4,
        },
        "tracing": {"type": "X-Amzn-Trace-Id", "value": "Root=1-67-ab;Parent=cd;Sampled=1"},
    },
}


def test_a_request_reads_as_route_status_and_time() -> None:
    """Nothing twice: neither the metrics that repeat the fields, nor what has no value."""
    line = read(REQUEST)

    assert (line.kind, line.version, line.request_id) == ("handler", "7", "Ab1=")
    assert line.fields == {"cold_start": False}
    assert printed(line) == ["12:00:00.123 INFO  api:7        GET /health → 200 in 1.5 ms cold_start=false req=Ab1="]


def test_the_date_is_said_once_a_day() -> None:
    """Times are short; the day stands above the first line of it."""
    printer = LogPrinter(color=False)

    assert next(printer.format(read("a"))) == "── 2026-11-25 UTC ──"
    assert next(printer.format(read("b"))).startswith("12:00:00.123 INFO")


def test_a_report_is_short_and_knows_its_trace() -> None:
    """Duration, cold start and memory in words; every figure stays in the fields, and so in JSON."""
    line = read(REPORT)

    assert line.message == "report 12.3 ms, cold start 210 ms, 98 of 512 MB"
    assert (line.invocation_id, line.trace_id) == ("a-b", "1-67-ab")
    assert line.as_dict()["fields"]["billedDurationMs"] == 13
    assert "billedDurationMs" not in printed(line)[0]


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({"status": "timeout"}, "timeout"),
        ({"status": "error", "errorType": "Runtime.ExitError"}, "error: Runtime.ExitError"),
    ],
)
def test_a_report_of_a_failure_is_an_error(changes: dict[str, str], end: str) -> None:
    """What went wrong ends the line, and it has the level that people look for."""
    line = read(REPORT | {"record": REPORT["record"] | changes})  # type: ignore[operator]  # a dict of mixed values

    assert line.level == "ERROR"
    assert line.message.endswith(f", {end}")


def test_an_unhandled_error_keeps_its_stack_below_it() -> None:
    """The runtime's JSON: frames one below the other, their no-break spaces gone."""
    frame = (
        '  File "/var/task/handlers/api/service.py", line 117, in handle\n\u00a0\u00a0\u00a0\u00a0raise RuntimeError\n'
    )
    line = read(
        {"level": "ERROR", "errorType": "RuntimeError", "errorMessage": "no", "requestId": "a-b", "stackTrace": [frame]}
    )

    head, *stack = printed(line)
    assert "ERROR api:7        RuntimeError: no inv=a-b" in head
    assert stack == [
        '          File "/var/task/handlers/api/service.py", line 117, in handle',
        "            raise RuntimeError",
    ]


def test_the_access_log_has_hyphens_for_nothing() -> None:
    """API Gateway's line: method, path, status and latency; a failed one has the level of its status."""
    entry = {"requestId": "Ab1=", "method": "GET", "path": "/x", "status": "403", "responseLatencyMs": "3"}
    line = read(entry | {"subject": "-", "error": "Forbidden", "userAgent": "curl"}, "access")

    assert (line.level, line.version) == ("WARN", "")
    assert printed(line) == ["12:00:00.123 WARN  access       GET /x → 403 in 3 ms error=Forbidden req=Ab1="]
    assert line.fields["userAgent"] == "curl"


@pytest.mark.parametrize(
    ("message", "kind", "level", "text", "invocation_id"),
    [
        ("START RequestId: a-b Version: 7", "platform", "INFO", "START Version: 7", "a-b"),
        ("REPORT RequestId: a-b\tDuration: 1.00 ms\t", "platform", "INFO", "REPORT  Duration: 1.00 ms", "a-b"),
        ("[ERROR] KeyError: 'x'\nTraceback", "error", "ERROR", "KeyError: 'x'", ""),
        ("2026-11-25T12:00:00.123Z a-b Task timed out after 3 s", "error", "ERROR", "Task timed out after 3 s", "a-b"),
        ("just printed", "text", "INFO", "just printed", ""),
        ('{"broken": ', "text", "INFO", '{"broken":', ""),
        ("", "text", "INFO", "", ""),
    ],
)
def test_plain_text_is_read_as_far_as_it_says_something(
    message: str, kind: str, level: str, text: str, invocation_id: str
) -> None:
    """Functions with the text format, and whatever somebody printed."""
    line = read(message)

    assert (line.kind, line.level, line.message, line.invocation_id) == (kind, level, text, invocation_id)


def test_a_line_of_metrics_alone_says_so() -> None:
    """Powertools flushes its metrics by themselves, each value in a list."""
    document = {
        "_aws": {"CloudWatchMetrics": [{"Metrics": [{"Name": "RecordsArchived"}]}]},
        "RecordsArchived": [2.0],
        "service": "archiver",
    }

    line = read(document, "archiver")

    assert (line.message, dict(line.fields)) == ("metrics", {"RecordsArchived": 2.0})


def test_colour_marks_levels_alone() -> None:
    """An error is red, the platform's records are dim; the words are the same."""
    line = read({"level": "ERROR", "message": "lost"})

    assert "\x1b[31;1mERROR\x1b[0m" in printed(line, color=True)[0]
    assert "\x1b[" not in printed(line)[0]
    assert "\x1b[2mreport" in printed(read(REPORT), color=True)[0]


@pytest.mark.parametrize(("stream", "version"), [(STREAM, "7"), ("2026/1/1/[$LATEST]ab", "$LATEST"), ("access", "")])
def test_the_version_is_in_the_streams_name(stream: str, version: str) -> None:
    """Lambda puts it into brackets."""
    assert version_of(stream) == version
