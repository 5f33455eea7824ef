"""The report of a release that nobody listened to: from the ledger, and from what AWS still knows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tapgen.aws import alarms
from tapgen.aws.shifts import ShiftReader
from tapgen.aws.stack_events import StackEventReader
from tapgen.errors import TapgenError
from tapgen.report.comparison import Comparison, compare_with_previous
from tapgen.report.model import AlarmSpan, Report
from tapgen.report.reporter import add_series
from tapgen.report.shifting import Seen, tell_shifts
from tapgen.report.timeline import draw_bars
from tapgen.report.verdicts import with_verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.events import StackEvent
    from tapgen.ledger.record import Record
    from tapgen.model import Shift
    from tapgen.report.model import ShiftStory

_SHIFT = re.compile(r"CodeDeploy deployment started: (d-[A-Z0-9]+)")


def rebuild(context: Context, deployment: Deployment, record: Record) -> Report:
    """All that can still be found out; what cannot is named."""
    missing: list[str] = []
    comparison = _compare(context, deployment, record, missing)
    events = _read_events(context, record, missing)
    stories = [_tell(context, shift, at, missing) for shift, at in _read_shifts(context, events, missing)]
    return Report(
        record=record,
        bars=draw_bars(events),
        shifts=with_verdicts(stories, record),
        changes=comparison.changes,
        costs=comparison.costs,
        missing=(*comparison.missing, *missing),
    )


def _compare(context: Context, deployment: Deployment, record: Record, missing: list[str]) -> Comparison:
    try:
        return compare_with_previous(context, deployment, record.intent)
    except TapgenError as error:
        missing.append(f"what changed: {error}")
        return Comparison()


def _read_events(context: Context, record: Record, missing: list[str]) -> list[StackEvent]:
    """The operation's own events: those up to the first end of the root that followed its beginning."""
    if record.plan is None or record.execution is None:
        missing.append("the timeline: it was never executed")
        return []
    client = context.aws.client("cloudformation")
    reader = StackEventReader(client, stack_id=record.plan.stack_id, since=record.plan.created_at)
    try:
        events = reader.read_new()
    except TapgenError as error:
        missing.append(f"the timeline: {error}")
        return []
    if not events:
        missing.append("the timeline: CloudFormation keeps events for 90 days, and has none of it any more")
    end = min(
        (event.timestamp for event in events if reader.is_terminal(event)), default=datetime.max.replace(tzinfo=UTC)
    )
    return [event for event in events if event.timestamp <= end]


def _read_shifts(
    context: Context, events: Sequence[StackEvent], missing: list[str]
) -> Iterator[tuple[Shift, tuple[float, float]]]:
    """(the deployment as it ended, when it began and ended by the stack's events)."""
    for event in events:
        found = _SHIFT.search(event.reason)
        if not found:
            continue
        try:
            shift = ShiftReader(context.aws, found[1], minute_s=context.minute_s).read()
        except TapgenError as error:
            missing.append(f"the shift {found[1]}: {error}")
            continue
        ended = max(
            (each.timestamp for each in events if (each.stack, each.logical_id) == (event.stack, event.logical_id)),
            default=event.timestamp,
        )
        yield shift, (event.timestamp.timestamp(), ended.timestamp())


def _tell(context: Context, shift: Shift, at: tuple[float, float], missing: list[str]) -> ShiftStory:
    (story,) = tell_shifts([Seen(at=at[1], shift=shift)])
    # One look after the end says nothing of the way there.
    story = replace(story, start=min(story.start, at[0]), samples=(), steps=(), alarms=())
    if shift.window_min:
        missing.append(f"how the share of {shift.function} grew, and when its hooks ran: nobody was watching")
    try:
        story = add_series(context, story, shift.alias) if shift.window_min else story
        names = [alarm.name for alarm in shift.alarms]
        return replace(story, alarms=tuple(_states(context, names, story)))
    except TapgenError as error:
        missing.append(f"metrics and alarms of {shift.function}: {error}")
        return story


def _states(context: Context, names: Sequence[str], story: ShiftStory) -> Iterator[AlarmSpan]:
    """What the alarms' history says; an alarm that did not change has none, and is left out."""
    since, until = (datetime.fromtimestamp(moment, UTC) for moment in (story.start, story.end))
    changes = [
        change
        for change in alarms.read_changes(context.aws, names, since=since)
        if change.at <= until + timedelta(seconds=context.minute_s)
    ]
    for name in names:
        own = [change for change in changes if change.name == name]
        ends = [*(change.at.timestamp() for change in own[1:]), story.end]
        for change, end in zip(own, ends, strict=True) if own else ():
            start = change.at.timestamp()
            yield AlarmSpan(name=name, start=start, end=max(start, end), state=change.state, reason=change.reason)
