"""Reads what a dashboard shows: the series of each widget, the states of its alarms, and releases as moments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tapgen.aws.alarms import find_alarms
from tapgen.aws.dashboards import read_dashboard
from tapgen.aws.metrics import Range, read_groups
from tapgen.charts.model import Marker
from tapgen.errors import UsageError
from tapgen.telemetry.boards import AlarmList, Graph, read_body
from tapgen.telemetry.drawing import AlarmState, Moment, Page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.aws.session import Aws
    from tapgen.ledger.record import Record
    from tapgen.telemetry.boards import Widget


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What page to make.

    Attributes:
        name: Of the dashboard.
        title: Of the page.
        facts: For its head.
        within: The time that its graphs cover.
        minute_s: Seconds of an AWS minute at the target.
        records: Of the deployment's releases.
        options: ``--env X``, for hints.
    """

    name: str
    title: str
    facts: tuple[tuple[str, str], ...]
    within: Range
    minute_s: float
    records: tuple[Record, ...]
    options: str


def collect(aws: Aws, wanted: Wanted) -> Page:
    """The page's content (one call for the dashboard, one for its alarms, one for each graph).

    Raises:
        UsageError: There is no such dashboard.
    """
    body = read_dashboard(aws, wanted.name)
    if body is None:
        raise UsageError(
            f"there is no dashboard {wanted.name}",
            hint=f"`tapgen deploy {wanted.options}` makes it",
            code="not-deployed",
        )
    widgets = read_body(body)
    names = [name for widget in widgets if isinstance(widget, AlarmList) for name in widget.names]
    found = find_alarms(aws, names)
    groups = [(widget.queries if isinstance(widget, Graph) else (), _range(widget, wanted)) for widget in widgets]
    return Page(
        title=wanted.title,
        facts=wanted.facts,
        widgets=widgets,
        series=tuple(read_groups(aws, groups)),
        alarms={
            alarm["AlarmName"]: AlarmState(
                name=alarm["AlarmName"], state=alarm["StateValue"], text=alarm.get("StateReason", "")
            )
            for alarm in found
        },
        moment=Moment(
            start=wanted.within.start.timestamp(),
            end=wanted.within.end.timestamp(),
            minute_s=wanted.minute_s,
            markers=tuple(mark_releases(wanted.records)),
        ),
    )


def mark_releases(records: Sequence[Record]) -> list[Marker]:
    """Each release that was executed, at the moment that its execution began, and how it ended."""
    return [
        Marker(
            at=record.execution.started_at.timestamp(),
            label=f"#{record.sequence} {record.intent.operation}: "
            f"{record.outcome.status if record.outcome else 'running or not watched'}",
        )
        for record in records
        if record.execution
    ]


def _range(widget: Widget, wanted: Wanted) -> Range:
    length_s = widget.length_s if isinstance(widget, Graph) else None
    if length_s is None:
        return wanted.within
    return Range(start=wanted.within.end - timedelta(seconds=length_s), end=wanted.within.end)


def window(now: datetime, length: timedelta, *, minute_s: float) -> Range:
    """A length of time until now, in whole AWS minutes: CloudWatch answers aligned questions faster.

    Source: CloudWatch API reference, GetMetricData, StartTime.
    """
    end_s = (now.timestamp() // minute_s + 1) * minute_s
    start_s = (end_s - max(length.total_seconds(), minute_s)) // minute_s * minute_s
    return Range(start=datetime.fromtimestamp(start_s, now.tzinfo), end=datetime.fromtimestamp(end_s, now.tzinfo))
