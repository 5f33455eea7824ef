"""From what was seen of a rollout to a verdict: what had to happen, what happened, whether that is the same. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tapgen.rehearsal.tolerance import most_by_chance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.deploy.traffic import Call
    from tapgen.rehearsal.observation import Observation
    from tapgen.rehearsal.scenarios import Guard, Scenario

Subject = Literal["caught", "stopped", "rollback", "alias", "requests", "calm", "together"]

_ROLLED_BACK = "UPDATE_ROLLBACK_COMPLETE"
_SHIPPED = "UPDATE_COMPLETE"
# A version's guards carry its hash; the API's has no version.
_MARKS: tuple[tuple[Guard, re.Pattern[str]], ...] = (
    ("errors", re.compile(r"-guard-.+-errors-[^-]+$")),
    ("latency", re.compile(r"-guard-.+-latency-[^-]+$")),
    ("5xx", re.compile(r"-guard-.+-5xx$")),
)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that had to happen."""

    subject: Subject
    must: str
    happened: str
    passed: bool


@dataclass(frozen=True, kw_only=True)
class Impact:
    """What callers noticed."""

    requests: int
    """Made while the new version had a share."""
    bad: int
    """Of them, answered badly (``Verdict.is_bad``)."""
    first_bad_s: float | None
    recovered_s: float | None
    """When the alias was seen on the old version alone again; None when it never left it, or never came back."""

    @property
    def lasted_s(self) -> float | None:
        """From the first bad answer to the alias being back; None without either."""
        if self.first_bad_s is None or self.recovered_s is None:
            return None
        return max(0.0, self.recovered_s - self.first_bad_s)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of one scenario."""

    scenario: Scenario
    checks: tuple[Check, ...]
    impact: Impact
    minute_s: float
    slow_s: float
    """An answer that takes so long is beyond the latency guard's threshold."""

    @property
    def passed(self) -> bool:
        """Whether everything happened that had to."""
        return all(check.passed for check in self.checks)

    @property
    def failed(self) -> tuple[Check, ...]:
        """What did not."""
        return tuple(check for check in self.checks if not check.passed)

    def is_bad(self, call: Call) -> bool:
        """Whether a caller may complain: of an error, of silence, and of slowness where that is the fault."""
        return is_bad(call, self.scenario, slow_s=self.slow_s)


def guard_of(alarm_name: str) -> Guard | None:
    """Which kind of guard an alarm is, by its name."""
    return next((guard for guard, mark in _MARKS if mark.search(alarm_name)), None)


def judge(scenario: Scenario, seen: Observation, *, slow_s: float) -> Verdict:
    """Decide.

    Args:
        scenario: What had to happen.
        seen: What happened.
        slow_s: An answer that takes so long is bad in a scenario of the latency guard.
    """
    checks = _shipping(seen) if scenario.ships else _stopping(scenario, seen)
    inside, _ = _divide(seen)
    bad = [call for call in inside if is_bad(call, scenario, slow_s=slow_s)]
    return Verdict(
        scenario=scenario,
        checks=(*checks, _requests(scenario, seen)),
        impact=Impact(
            requests=len(inside),
            bad=len(bad),
            first_bad_s=min((call.ended_s for call in bad), default=None),
            recovered_s=_recovered_s(seen),
        ),
        minute_s=seen.minute_s,
        slow_s=slow_s,
    )


def is_bad(call: Call, scenario: Scenario, *, slow_s: float) -> bool:
    """Whether a caller may complain of an answer in this scenario."""
    return not call.good or (scenario.guard == "latency" and call.duration_s >= slow_s)


def _shipping(seen: Observation) -> Iterator[Check]:
    yield Check(
        subject="rollback",
        must="the deploy succeeds",
        happened=_failure(seen),
        passed=seen.outcome in {"done", "unchanged"} and (seen.outcome == "unchanged" or seen.stack_status == _SHIPPED),
    )
    shift = seen.shift
    if shift is None:
        same = seen.after == seen.before and not seen.after.weights
        text = f"the alias stays on version {seen.before.version}: the function is the baseline's"
        yield Check(subject="alias", must="an unchanged function is not shifted", happened=text, passed=same)
        return
    red = [change.name for change in seen.red]
    yield Check(
        subject="calm",
        must="no guard goes into ALARM",
        happened=f"in ALARM: {', '.join(red)}" if red else f"{len(seen.guards)} guards stayed OK",
        passed=not red,
    )
    yield Check(
        subject="alias",
        must=f"version {shift.target_version} gets all the traffic",
        happened=_describe_alias(seen),
        passed=seen.after.version == shift.target_version and not seen.after.weights,
    )


def _stopping(scenario: Scenario, seen: Observation) -> Iterator[Check]:
    yield _caught(scenario, seen)
    shift = seen.shift
    yield Check(
        subject="stopped",
        must=f"CodeDeploy ends {'one of the shifts' if scenario.together else 'the shift'} with {scenario.error_code}",
        happened=(
            f"{shift.status}, {shift.error_code or 'no error'}, at {_share_at_end(seen):.0%} of the traffic"
            if shift
            else "no shift was seen"
        ),
        passed=shift is not None and scenario.error_code in _codes(scenario, seen),
    )
    if scenario.together:
        yield _together(seen)
    yield Check(
        subject="rollback",
        must="the deploy fails and the stack is rolled back",
        happened=_outcome(seen),
        passed=seen.outcome not in {"done", "unchanged"} and seen.stack_status == _ROLLED_BACK,
    )
    yield Check(
        subject="alias",
        must=f"version {seen.before.version} has all the traffic again",
        happened=_describe_alias(seen),
        passed=seen.after == seen.before and not seen.after.weights,
    )


def _codes(scenario: Scenario, seen: Observation) -> set[str]:
    """Why the shift ended; where several shift together, whichever saw the trouble first ends the others."""
    others = [each.shifts for each in seen.companions] if scenario.together else []
    return {states[-1].shift.error_code for states in (seen.shifts, *others) if states}


def _together(seen: Observation) -> Check:
    """All begin before one of them has ended, and all are back where they were."""
    ends = [state.at_s for state in seen.shifts if state.shift.over]
    first_end_s = ends[0] if ends else float("inf")
    late = [each.function for each in seen.companions if not each.shifts or each.shifts[0].at_s >= first_end_s]
    away = [each.function for each in seen.companions if each.after != each.before or each.after.weights]
    total = len(seen.companions)
    told = [f"{total - len(late)} of {total} began with it, {total - len(away)} are back"]
    told += [f"late: {', '.join(late)}"] if late else []
    told += [f"not back: {', '.join(away)}"] if away else []
    return Check(
        subject="together",
        must="the other changed functions begin to shift with it, and their versions before have all the traffic again",
        happened="; ".join(told),
        passed=total > 0 and not late and not away,
    )


def _caught(scenario: Scenario, seen: Observation) -> Check:
    if scenario.guard:
        return _caught_by_guard(scenario.guard, seen)
    if scenario.hook:
        status = dict(seen.shift.steps).get(scenario.hook, "absent") if seen.shift else "absent"
        judged = seen.shift is not None and scenario.hook in dict(seen.shift.hooks)
        return Check(
            subject="caught",
            must=f"the hook {scenario.hook} finds it and fails",
            happened=f"{scenario.hook} {status}" if judged else f"no function judges at {scenario.hook}",
            passed=judged and status == "Failed",
        )
    text = "never" if seen.stopped_s is None else f"stopped {_ago(seen, seen.stopped_s)}, at {seen.share:.0%}"
    return Check(
        subject="caught",
        must="StopDeployment is called half-way through the first step",
        happened=text,
        passed=seen.stopped_s is not None,
    )


def _caught_by_guard(guard: Guard, seen: Observation) -> Check:
    wanted = [name for name in seen.guards if guard_of(name) == guard]
    caught = next((change for change in seen.red if change.name in wanted), None)
    if caught:
        text = f"in ALARM {_ago(seen, caught.at_s)}: {caught.reason}"
        return Check(subject="caught", must=f"the {guard} guard goes into ALARM", happened=text, passed=True)
    others = [change.name for change in seen.red]
    stayed = f"{', '.join(wanted)} stayed OK" if wanted else f"the shift has no {guard} guard"
    text = f"{stayed}; {', '.join(others)} went into ALARM instead" if others else f"{stayed}, as did every other guard"
    return Check(subject="caught", must=f"the {guard} guard goes into ALARM", happened=text, passed=False)


def _requests(scenario: Scenario, seen: Observation) -> Check:
    inside, outside = _divide(seen)
    lost = sum(not call.good for call in inside)
    lost_outside = sum(not call.good for call in outside)
    if not scenario.loses_share:
        total = len(inside) + len(outside)
        return Check(
            subject="requests",
            must="no request gets a bad answer",
            happened=f"{lost + lost_outside} of {total}",
            passed=total > 0 and not lost + lost_outside,
        )
    limit = most_by_chance(len(inside), seen.share)
    return Check(
        subject="requests",
        must=f"no more bad answers than the new version's share of {seen.share:.0%}",
        happened=f"{lost} of {len(inside)}, chance allows {limit}; {lost_outside} of {len(outside)} before and after",
        passed=len(inside) > 0 and lost <= limit and not lost_outside,
    )


def _divide(seen: Observation) -> tuple[list[Call], list[Call]]:
    """Calls that the new version may have answered, and the others."""
    if seen.split is None:
        return [], list(seen.calls)
    start_s, end_s = seen.split
    inside: list[Call] = []
    outside: list[Call] = []
    for call in seen.calls:
        (inside if call.ended_s >= start_s and call.started_s <= end_s else outside).append(call)
    return inside, outside


def _recovered_s(seen: Observation) -> float | None:
    away = [index for index, sample in enumerate(seen.samples) if sample.alias != seen.before or sample.alias.weights]
    if not away or away[-1] + 1 == len(seen.samples):
        return None
    return seen.samples[away[-1] + 1].at_s


def _share_at_end(seen: Observation) -> float:
    return seen.shift.target_weight if seen.shift else 0.0


def _outcome(seen: Observation) -> str:
    ended = "deployed" if seen.outcome == "done" else seen.outcome
    return f"{ended}, {seen.stack_status}"


def _failure(seen: Observation) -> str:
    """The outcome, and what the deploy said of it where that was not wanted."""
    return f"{_outcome(seen)}: {seen.error}" if seen.error else _outcome(seen)


def _describe_alias(seen: Observation) -> str:
    state = seen.after
    if not state.weights:
        return f"version {state.version}, alone"
    shares = ", ".join(f"{share:.0%} to version {version}" for version, share in state.weights.items())
    return f"version {state.version}, with {shares}"


def _ago(seen: Observation, at_s: float) -> str:
    """When, by the shift's own time."""
    split = seen.split
    after_s = max(0.0, at_s - split[0]) if split else at_s
    return f"{seen.minutes(after_s):.1f} min into the shift"
