"""A traffic shift in words: who moves, how far, what is next, what the guards say, what the new version has served."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.ui.tables import human_duration

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tapgen.model import GuardAlarm, Shift

_AWS_MINUTE_S = 60.0
_HOOKS = {"BeforeAllowTraffic": "pre-traffic", "AfterAllowTraffic": "post-traffic"}
# Statuses of a lifecycle event as people say them.
_WORDS = {"Pending": "waits", "InProgress": "runs", "Succeeded": "ok", "Failed": "FAILED", "Skipped": "skipped"}


def shift_line(shift: Shift) -> str:
    """``shift    NAME  v3 -> v4 10%  AllowTraffic runs; 41 requests, 2 errors; 3 guards OK``: for logs."""
    parts = [_step(shift), served_words(shift), guard_summary(shift)]
    return f"shift    {shift.function}  {version_words(shift)}  {'; '.join(part for part in parts if part)}"


def with_short_names(shift: Shift, short: Callable[[str], str]) -> Shift:
    """The shift with the names of its function and its guards as short as they are clear."""
    alarms = tuple(replace(alarm, name=short(alarm.name)) for alarm in shift.alarms)
    return replace(shift, function=short(shift.function), alarms=alarms)


def version_words(shift: Shift) -> str:
    """``v3 -> v4 10%``."""
    return f"v{shift.current_version} -> v{shift.target_version} {shift.target_weight:.0%}"


def next_words(shift: Shift, *, now: datetime) -> str:
    """``100% in 4 min 10 s``, with AWS's own time behind it where it runs faster here; what runs when none is set."""
    if shift.next_step_at is None or shift.over:
        return _step(shift)
    left_s = max((shift.next_step_at - now).total_seconds(), 0.0)
    share = "100%" if shift.next_step_at == shift.full_at else "more"
    return f"{share} in {both_times(left_s, minute_s=shift.minute_s)}"


def both_times(seconds: float, *, minute_s: float) -> str:
    """``2.5 s (4 min 10 s on AWS)``: the time here and, where a minute is shorter here, the time there."""
    here = human_duration(seconds)
    if minute_s >= _AWS_MINUTE_S:
        return here
    return f"{here} ({human_duration(seconds * _AWS_MINUTE_S / minute_s)} on AWS)"


def hook_words(shift: Shift) -> str:
    """``hooks: pre-traffic ok, post-traffic waits``; empty without hooks."""
    named = {event for event, _ in shift.hooks}
    states = [
        f"{_HOOKS[name]} {_WORDS.get(status, status)}" for name, status in shift.steps if name in named & set(_HOOKS)
    ]
    return f"hooks: {', '.join(states)}" if states else ""


def served_words(shift: Shift) -> str:
    """``41 requests, 2 errors`` that the new version answered."""
    requests, errors = shift.served.requests, shift.served.errors
    return f"{requests} request{'' if requests == 1 else 's'}, {errors} error{'' if errors == 1 else 's'}"


def guard_summary(shift: Shift) -> str:
    """Alarms that are not OK by name; otherwise how many stand guard."""
    off = [f"{alarm.name} {alarm.state}" for alarm in shift.alarms if alarm.state != "OK"]
    if off:
        return ", ".join(off)
    if not shift.alarms:
        return "no guards"
    return f"{len(shift.alarms)} guard{'' if len(shift.alarms) == 1 else 's'} OK"


def guard_cells(alarm: GuardAlarm) -> tuple[str, str, str, str]:
    """State, rule, last datapoint and name: the name comes last, because it is long and may be cut."""
    state = {"INSUFFICIENT_DATA": "no data"}.get(alarm.state, alarm.state)
    last = "last -" if alarm.last is None else f"last {alarm.last:,.4g}"
    return state, f"{alarm.metric} {alarm.condition}".strip(), last, alarm.name


def telling(shift: Shift) -> tuple[object, ...]:
    """What a reader of a log wants a line for when it changes; figures that only grow are not among it."""
    return shift.status, shift.target_weight, shift.steps, tuple((alarm.name, alarm.state) for alarm in shift.alarms)


def _step(shift: Shift) -> str:
    if shift.over:
        return shift.status
    moving = next((name for name, status in shift.steps if status == "InProgress"), "")
    if moving in _HOOKS and moving in {event for event, _ in shift.hooks}:
        return f"{_HOOKS[moving]} hook runs"
    return f"{moving} runs" if moving else shift.status
