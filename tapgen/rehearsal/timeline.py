"""One rollout as a document: weight, requests, errors, alarms, hooks and events over time. Pure.

Times are AWS minutes since the rollout began, with the seconds of this machine beside them where a moment is named.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.rehearsal.judging import guard_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.rehearsal.judging import Verdict
    from tapgen.rehearsal.observation import Observation

BINS_PER_MIN = 4
"""Requests are counted in quarters of an AWS minute."""


@dataclass(frozen=True, kw_only=True)
class Bin:
    """The requests that ended in one quarter of an AWS minute."""

    from_min: float
    requests: int
    bad: int


@dataclass(frozen=True, kw_only=True)
class Span:
    """A state that lasted for a while."""

    from_min: float
    to_min: float
    state: str


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Something that happened at once."""

    at_min: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """What a drawing shows and what the document tells."""

    length_min: float
    weights: tuple[tuple[float, float], ...]
    """(minute, the new version's share from then on), each change once."""
    bins: tuple[Bin, ...]
    alarms: Mapping[str, tuple[Span, ...]]
    """By name, the candidate's guards alone."""
    hooks: Mapping[str, tuple[Span, ...]]
    """By lifecycle event, where a function of ours judges."""
    moments: tuple[Moment, ...]


def make_timeline(verdict: Verdict, seen: Observation) -> Timeline:
    """The timeline of a rollout."""
    end_s = max([seen.samples[-1].at_s, *(call.ended_s for call in seen.calls)])
    return Timeline(
        length_min=seen.minutes(end_s),
        weights=tuple(_weights(seen)),
        bins=tuple(_bins(verdict, seen, seen.minutes(end_s))),
        alarms={name: _alarm_spans(seen, name) for name in sorted(seen.guards)},
        hooks=_hook_spans(seen),
        moments=tuple(sorted(_moments(verdict, seen), key=lambda moment: moment.at_min)),
    )


def as_document(verdict: Verdict, seen: Observation) -> dict[str, Any]:
    """JSON-ready: the verdict, the timeline and every event."""
    timeline = make_timeline(verdict, seen)
    return {
        "scenario": verdict.scenario.name,
        "title": verdict.scenario.title,
        "passed": verdict.passed,
        "minute_s": seen.minute_s,
        "checks": [
            {"subject": check.subject, "must": check.must, "happened": check.happened, "passed": check.passed}
            for check in verdict.checks
        ],
        "outcome": {"status": seen.outcome, "error": seen.error, "stack_status": seen.stack_status},
        "requests": {
            "total": len(seen.calls),
            "by_status": dict(sorted(Counter(str(call.status) for call in seen.calls).items())),
            "while_split": verdict.impact.requests,
            "bad_while_split": verdict.impact.bad,
        },
        "recovery": _recovery(verdict, seen),
        "weights": [{"at_min": _round(at), "share": share} for at, share in timeline.weights],
        "counts": [
            {"from_min": _round(item.from_min), "requests": item.requests, "bad": item.bad} for item in timeline.bins
        ],
        "alarms": {name: _spans(spans) for name, spans in timeline.alarms.items()},
        "hooks": {name: _spans(spans) for name, spans in timeline.hooks.items()},
        "moments": [{"at_min": _round(moment.at_min), "text": moment.text} for moment in timeline.moments],
        "events": [
            {
                "at_min": _round(seen.minutes(event.at_s)),
                "stack": event.stack,
                "logical_id": event.logical_id,
                "status": event.status,
                "reason": event.reason,
            }
            for event in seen.stack_statuses
        ],
    }


def _recovery(verdict: Verdict, seen: Observation) -> dict[str, Any]:
    impact = verdict.impact
    document: dict[str, Any] = {}
    for name, wall_s in (
        ("first_bad", impact.first_bad_s),
        ("alias_back", impact.recovered_s),
        ("lasted", impact.lasted_s),
    ):
        document[f"{name}_s"] = None if wall_s is None else round(wall_s, 3)
        document[f"{name}_min"] = None if wall_s is None else _round(seen.minutes(wall_s))
    return document


def _weights(seen: Observation) -> Iterator[tuple[float, float]]:
    last = -1.0
    for sample in seen.samples:
        share = _share(seen, sample.alias.version, sample.alias.weights)
        if share != last:
            yield seen.minutes(sample.at_s), share
        last = share


def _share(seen: Observation, version: str, weights: Mapping[str, float]) -> float:
    """The new version's share: it is an additional version while it is tried, and the alias's own at the end."""
    if weights:
        return max(weights.values())
    return 0.0 if version == seen.before.version else 1.0


def _bins(verdict: Verdict, seen: Observation, length_min: float) -> Iterator[Bin]:
    requests: Counter[int] = Counter()
    bad: Counter[int] = Counter()
    for call in seen.calls:
        number = int(seen.minutes(max(0.0, call.ended_s)) * BINS_PER_MIN)
        requests[number] += 1
        bad[number] += verdict.is_bad(call)
    for number in range(int(length_min * BINS_PER_MIN) + 1):
        yield Bin(from_min=number / BINS_PER_MIN, requests=requests[number], bad=bad[number])


def _alarm_spans(seen: Observation, name: str) -> tuple[Span, ...]:
    """The API's guard was calm before, or nothing would have begun; a version's exists as long as its version does."""
    changes = [(seen.minutes(change.at_s), change.state) for change in seen.alarm_states if change.name == name]
    end_s = seen.samples[-1].at_s
    if guard_of(name) == "5xx":
        changes = [(0.0, "OK"), *changes]
    elif seen.outcome not in {"done", "unchanged"}:
        end_s = seen.deployed_s
    return _merge([*changes, (seen.minutes(end_s), changes[-1][1])]) if changes else ()


def _hook_spans(seen: Observation) -> dict[str, tuple[Span, ...]]:
    hooks = dict(hook for state in seen.shifts for hook in state.shift.hooks)
    end_min = seen.minutes(seen.samples[-1].at_s)
    spans = {}
    for name in hooks:
        points = [(seen.minutes(state.at_s), _running(dict(state.shift.steps).get(name, ""))) for state in seen.shifts]
        spans[name] = _merge([*points, (end_min, points[-1][1])])
    return spans


def _running(status: str) -> str:
    return "" if status in {"Pending", "Skipped"} else status


def _merge(points: list[tuple[float, str]]) -> tuple[Span, ...]:
    """From (minute, state) in order to spans; an empty state is a gap."""
    spans: list[Span] = []
    began, state = 0.0, ""
    for at, found in [*points, (points[-1][0], "")] if points else []:
        if found == state:
            continue
        if state:
            spans.append(Span(from_min=began, to_min=at, state=state))
        began, state = at, found
    return tuple(spans)


def _moments(verdict: Verdict, seen: Observation) -> Iterator[Moment]:
    if seen.split:
        yield Moment(at_min=seen.minutes(seen.split[0]), text="shift begins")
    if verdict.impact.first_bad_s is not None:
        yield Moment(at_min=seen.minutes(verdict.impact.first_bad_s), text="first bad answer")
    if seen.stopped_s is not None:
        yield Moment(at_min=seen.minutes(seen.stopped_s), text="operator stops")
    for change in seen.red:
        yield Moment(
            at_min=seen.minutes(change.at_s), text=f"the {guard_of(change.name) or change.name} guard is in ALARM"
        )
    if verdict.impact.recovered_s is not None:
        yield Moment(at_min=seen.minutes(verdict.impact.recovered_s), text="alias is back")
    for event in seen.stack_statuses:
        if event.is_root and not event.status.endswith("_CLEANUP_IN_PROGRESS"):
            yield Moment(at_min=seen.minutes(event.at_s), text=f"stack {event.status}")


def _spans(spans: tuple[Span, ...]) -> list[dict[str, Any]]:
    return [{"from_min": _round(span.from_min), "to_min": _round(span.to_min), "state": span.state} for span in spans]


def _round(minutes: float) -> float:
    return round(minutes, 3)
