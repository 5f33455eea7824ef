"""Reads log events, page by page, in their order of time. Knows no format of a line; writes and deletes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import FilterLogEventsRequestTypeDef


@dataclass(frozen=True, kw_only=True)
class LogEvent:
    """One event of a log group."""

    event_id: str
    """CloudWatch's own: the same event has the same id whenever it is read."""
    group: str
    stream: str
    timestamp_ms: int
    """When it happened, by whoever wrote it; events arrive in another order."""
    message: str


@dataclass(frozen=True, kw_only=True)
class LogWindow:
    """Which events of a group are meant."""

    group: str
    start_ms: int
    """Since the epoch, inclusive."""
    end_ms: int | None = None
    """Inclusive; None leaves the end open."""
    text: str = ""
    """What a message must hold, letter for letter; empty takes all."""
    streams: tuple[str, ...] = ()
    """These streams alone, 100 at most; all when empty."""


def read_events(client: CloudWatchLogsClient, window: LogWindow) -> Iterator[LogEvent]:
    """The events of a window, oldest first as CloudWatch hands them out; none when the group does not exist.

    A page may be empty and yet have a successor (CloudWatch Logs API reference, FilterLogEvents).

    Raises:
        AwsError: The group may not be read.
    """
    request = _request(window)
    while True:
        with translated(f"read the log group {window.group}"):
            try:
                page = client.filter_log_events(**request)
            except ClientError as error:
                if error_code(error) == "ResourceNotFoundException":
                    return
                raise
        for event in page["events"]:
            # The phrase is CloudWatch's to find; that it was found letter for letter is checked here.
            if window.text in event["message"]:
                yield LogEvent(
                    event_id=event["eventId"],
                    group=window.group,
                    stream=event["logStreamName"],
                    timestamp_ms=event["timestamp"],
                    message=event["message"],
                )
        token = page.get("nextToken")
        if not token:
            return
        request["nextToken"] = token


def find_groups(client: CloudWatchLogsClient, groups: tuple[str, ...]) -> frozenset[str]:
    """Those of the groups that exist (a call each)."""
    return frozenset(group for group in groups if read_retention(client, group) is not None)


def read_retention(client: CloudWatchLogsClient, group: str) -> int | None:
    """After how many days a group's events are deleted; 0 keeps them for ever, None is no such group (one call)."""
    with translated(f"look at the log group {group}"):
        found = client.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    return next((item.get("retentionInDays", 0) for item in found if item["logGroupName"] == group), None)


def quote_phrase(text: str) -> str:
    """A filter pattern that finds a text (CloudWatch Logs user guide, "Filter pattern syntax")."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _request(window: LogWindow) -> FilterLogEventsRequestTypeDef:
    request: FilterLogEventsRequestTypeDef = {"logGroupName": window.group, "startTime": window.start_ms}
    if window.end_ms is not None:
        request["endTime"] = window.end_ms
    if window.text:
        request["filterPattern"] = quote_phrase(window.text)
    if window.streams:
        request["logStreamNames"] = list(window.streams)
    return request
