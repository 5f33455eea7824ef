"""Finds lines in the functions' log groups. Writes and deletes nothing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, translated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mypy_boto3_logs import CloudWatchLogsClient

# The newest streams of a group; a stream is one execution environment's.
_STREAMS = 50
_EVENTS = 2000
_ERROR_WORDS = re.compile(r"\[ERROR\]|Task timed out|Runtime\.|Runtime exited|\[CRITICAL\]")
_WHITE = re.compile(r"\s+")
_LONGEST = 300


def find_error_lines(
    client: CloudWatchLogsClient, log_group: str, *, version: str, since: datetime, limit: int = 3
) -> tuple[str, ...]:
    """The first different error lines of one version since a moment, each in one line (two calls).

    A log stream's name holds the version it belongs to in brackets: ``2026/11/24/[7]5f1d8c2e`` (Lambda developer guide,
    "viewing logs"). An error is what the runtime reports, a line of level ERROR, or an answer with a 5xx status.
    """
    with translated(f"read the log group {log_group}"):
        try:
            streams = _streams_of(client, log_group, version)
            found = _read(client, log_group, streams, since) if streams else []
        except ClientError as error:
            # A function that never ran has no log yet.
            if error_code(error) == "ResourceNotFoundException":
                return ()
            raise
    return tuple(dict.fromkeys(_short(text) for text in found if is_error(text)))[:limit]


def is_error(text: str) -> bool:
    """Whether a log line tells of an error, as plain text or as JSON."""
    document = _parse(text)
    if document is None:
        return _ERROR_WORDS.search(text) is not None
    status = document.get("status")
    failed = isinstance(status, int) and status >= 500
    # The Python runtime wrote ``log_level`` of what a function did not catch until September 2026.
    level = document.get("level", document.get("log_level"))
    return failed or level in ("ERROR", "CRITICAL", "FATAL")


def _streams_of(client: CloudWatchLogsClient, log_group: str, version: str) -> list[str]:
    found = client.describe_log_streams(
        logGroupName=log_group, orderBy="LastEventTime", descending=True, limit=_STREAMS
    )
    names = (stream["logStreamName"] for stream in found["logStreams"])
    return [name for name in names if f"[{version}]" in name]


def _read(client: CloudWatchLogsClient, log_group: str, streams: list[str], since: datetime) -> list[str]:
    found = client.filter_log_events(
        logGroupName=log_group,
        logStreamNames=streams,
        startTime=int(since.timestamp() * 1000),
        limit=_EVENTS,
    )
    return [event["message"] for event in found["events"]]


def _short(text: str) -> str:
    """One line: of a JSON line what it says of the error, of others the text without its line breaks."""
    document = _parse(text)
    words = " ".join(_tell(document)) if document else text
    return _WHITE.sub(" ", words).strip()[:_LONGEST]


def _tell(document: dict[str, object]) -> Iterator[str]:
    kind, message = document.get("errorType"), document.get("errorMessage") or document.get("message")
    if kind:
        yield f"{kind}: {message}"
    elif isinstance(message, str):
        yield message
    told = ("route", "status", "check", "expected", "got", "reason", "exception_name")
    yield from (f"{name}={document[name]}" for name in told if name in document)
    trace = document.get("stackTrace")
    if isinstance(trace, list) and trace:
        yield f"({str(trace[-1]).strip()})"


def _parse(text: str) -> dict[str, object] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
