"""All lines of one request, wherever they stand: access log, handler, platform; found by any of its ids.

API Gateway's id is in the access log and in the handler's line, Lambda's in the platform's records, and no line need
have both. What holds them together is the log stream: it is one execution environment's, which answers one invocation
at a time (Lambda developer guide, "Lambda execution environment lifecycle").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws.log_events import LogWindow, read_events
from tapgen.telemetry.log_lines import ACCESS, parse_line, version_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mypy_boto3_logs import CloudWatchLogsClient

    from tapgen.aws.log_events import LogEvent
    from tapgen.telemetry.log_lines import LogLine
    from tapgen.telemetry.log_sources import Source

# Longer than an invocation can take (Lambda quotas: 15 minutes).
_AROUND_MS = 16 * 60_000


def find_request(
    client: CloudWatchLogsClient, sources: Sequence[Source], request_id: str, *, start_ms: int
) -> tuple[LogLine, ...]:
    """The lines of the invocations that an id belongs to, in the order of time; none when nobody knows it.

    Args:
        client: Of CloudWatch Logs.
        sources: Where to look.
        request_id: API Gateway's id of the request, Lambda's of the invocation, or X-Ray's of the trace.
        start_ms: How far back, in milliseconds since the epoch.
    """
    found: dict[str, LogLine] = {}
    asked: set[str] = set()
    ids = {request_id}
    while ids - asked:
        wanted = min(ids - asked)
        asked.add(wanted)
        for source in sources:
            for line in _find_in(client, source, wanted, start_ms=start_ms):
                found[line.event_id] = line
                # Whoever asked by Lambda's id wants the access log's line, too; a trace may have many invocations.
                ids |= {line.request_id} - {""}
    return tuple(sorted(found.values(), key=lambda line: line.time))


def group_invocations(lines: Iterable[LogLine]) -> Iterator[tuple[LogLine, ...]]:
    """The lines of one stream, invocation by invocation; the start of an environment belongs to its first one."""
    pending: list[LogLine] = []
    for line in lines:
        # What is left open had no report: it is still running, or CloudWatch has not got it yet.
        if _opens(line) and any(_opens(earlier) for earlier in pending):
            yield tuple(pending)
            pending = []
        pending.append(line)
        if _closes(line):
            yield tuple(pending)
            pending = []
    if pending:
        yield tuple(pending)


def _find_in(client: CloudWatchLogsClient, source: Source, wanted: str, *, start_ms: int) -> Iterator[LogLine]:
    hits = [
        event
        for event in read_events(client, LogWindow(group=source.group, start_ms=start_ms, text=wanted))
        if source.admits(version_of(event.stream))
    ]
    if source.name == ACCESS:
        yield from (parse_line(event, source.name) for event in hits)
        return
    for stream in dict.fromkeys(event.stream for event in hits):
        mine = [event for event in hits if event.stream == stream]
        yield from _complete(client, source, stream, mine)


def _complete(client: CloudWatchLogsClient, source: Source, stream: str, hits: Sequence[LogEvent]) -> Iterator[LogLine]:
    """The invocations of a stream that the hits are part of."""
    window = LogWindow(
        group=source.group,
        start_ms=max(0, hits[0].timestamp_ms - _AROUND_MS),
        end_ms=hits[-1].timestamp_ms + _AROUND_MS,
        streams=(stream,),
    )
    known = {event.event_id for event in hits}
    lines = [parse_line(event, source.name) for event in read_events(client, window)]
    for invocation in group_invocations(lines):
        if any(line.event_id in known for line in invocation):
            yield from invocation


def _opens(line: LogLine) -> bool:
    return line.kind == "platform" and line.message.partition(" ")[0] in ("start", "START")


def _closes(line: LogLine) -> bool:
    return line.kind == "platform" and line.message.partition(" ")[0] in ("report", "REPORT")
