"""What was seen of traffic shifts, moment by moment → their stories. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from tapgen.report.model import AlarmSpan, Sample, ShiftStory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tapgen.model import Shift


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A shift at a moment of this machine's clock."""

    at: float
    shift: Shift


def tell_shifts(seen: Iterable[Seen]) -> tuple[ShiftStory, ...]:
    """One story for each deployment, in the order in which they were seen first."""
    by_id: dict[str, list[Seen]] = {}
    for each in seen:
        by_id.setdefault(each.shift.deployment_id, []).append(each)
    return tuple(_tell(moments) for moments in by_id.values())


def _tell(moments: Sequence[Seen]) -> ShiftStory:
    first, last = moments[0], moments[-1]
    started = last.shift.created_at
    return ShiftStory(
        function=last.shift.function,
        current_version=last.shift.current_version,
        target_version=last.shift.target_version,
        window_min=last.shift.window_min,
        start=min(first.at, started.timestamp()) if started else first.at,
        end=last.at,
        samples=tuple(_samples(moments)),
        steps=tuple(_steps(moments)),
        alarms=tuple(_alarms(moments)),
    )


def _samples(moments: Iterable[Seen]) -> Iterator[Sample]:
    for each in moments:
        shift = each.shift
        yield Sample(
            at=each.at,
            weight=shift.target_weight,
            status=shift.status,
            requests=shift.served.requests,
            errors=shift.served.errors,
        )


def _steps(moments: Iterable[Seen]) -> Iterator[tuple[float, str, str]]:
    known: dict[str, str] = {}
    for each in moments:
        for event, status in each.shift.steps:
            if known.get(event) != status and status != "Pending":
                known[event] = status
                yield each.at, event, status


def _alarms(moments: Sequence[Seen]) -> Iterator[AlarmSpan]:
    """Each guard's states; a state lasts until another one is seen."""
    names = dict.fromkeys(alarm.name for each in moments for alarm in each.shift.alarms)
    end = moments[-1].at
    for name in names:
        states = [(each.at, alarm) for each in moments for alarm in each.shift.alarms if alarm.name == name]
        changes = [
            states[0],
            *(new for old, new in pairwise(states) if old[1].state != new[1].state),
        ]
        ends = [*(at for at, _ in changes[1:]), end]
        for (at, alarm), until in zip(changes, ends, strict=True):
            yield AlarmSpan(name=name, start=at, end=until, state=alarm.state, reason=alarm.reason)
