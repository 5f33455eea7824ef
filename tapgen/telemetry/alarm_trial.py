"""A trial of an alarm: its state is set, and what it sets off is followed to the people who would hear of it.

The trial changes nothing but states, and puts the state back. A metric alarm's next evaluation would do so as well; a
composite alarm keeps what was set until one of its children changes (CloudWatch API reference, SetAlarmState).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

from tapgen.aws.alarm_states import list_alarms, read_acts, set_state
from tapgen.aws.topics import list_subscriptions
from tapgen.errors import RefusedError, UsageError
from tapgen.telemetry import alarm_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tapgen.aws.alarm_states import AlarmAct, AlarmState
    from tapgen.aws.session import Aws
    from tapgen.aws.topics import Subscription

ActionOutcome = Literal["executed", "failed", "suppressed", "missing"]
_REASON = "tapgen test-alarm: a trial, nothing is wrong"


@dataclass(frozen=True, kw_only=True)
class TrialRequest:
    """Which alarm, into which state, and how long to wait for what it does."""

    prefix: str
    """What the names of the deployment's alarms begin with."""
    name: str
    """With or without the prefix."""
    state: str
    timeout_s: float
    poll_s: float


@dataclass(frozen=True, kw_only=True)
class Act:
    """One action of one alarm."""

    alarm: str
    target: str
    """ARN of what the action is directed at."""
    outcome: ActionOutcome
    text: str
    """CloudWatch's words, or why nothing was done."""


@dataclass(frozen=True, kw_only=True)
class Raised:
    """A composite alarm that looks at the alarm."""

    name: str
    expected: bool
    """Whether its rule puts it into ALARM when the alarm is."""
    state: str
    """As it was seen after the alarm's state was set."""


@dataclass(frozen=True, kw_only=True)
class TopicReach:
    """A topic that was told, and who hears of it."""

    topic: str
    subscriptions: tuple[Subscription, ...]

    @property
    def heard(self) -> bool:
        """Whether anybody gets what is published."""
        return any(item.confirmed for item in self.subscriptions)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a trial has shown."""

    alarm: str
    previous: str
    state: str
    acts: tuple[Act, ...]
    composites: tuple[Raised, ...]
    topics: tuple[TopicReach, ...]
    restored: str
    """The state after the trial."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What would keep people from hearing."""
        silent = [f"no confirmed subscription: {item.topic}" for item in self.topics if not item.heard]
        undone = [f"{act.alarm}: {act.text}" for act in self.acts if act.outcome in ("failed", "missing")]
        nobody = [] if any(act.outcome == "executed" for act in self.acts) else [_why_nobody(self)]
        return (*silent, *undone, *nobody)


def run_trial(aws: Aws, request: TrialRequest, *, sleep: Callable[[float], None]) -> Trial:
    """Set the state, follow what happens, put the state back, also when it is interrupted.

    Raises:
        UsageError: There is no such alarm.
        RefusedError: The alarm is in that state already: nothing would happen.
    """
    alarms = {alarm.name: alarm for alarm in list_alarms(aws, prefix=request.prefix)}
    alarm = find_alarm(alarms, request.prefix, request.name)
    if alarm.state == request.state:
        raise RefusedError(
            f"{alarm.name} is in {request.state} already: setting it would tell nobody",
            hint="see what is wrong first (`tapgen status`), or try another state with --state",
            code="no-transition",
        )
    expected = composites_above(alarms, alarm, request.state)
    raised = frozenset(item.name for item in expected if item.expected and item.state != "ALARM")
    watch = _Watch(alarm=alarm, raised=raised, since=datetime.now(UTC))
    set_state(aws, alarm.name, state=request.state, reason=_REASON)
    try:
        acts, seen = _follow(aws, request, watch, sleep=sleep)
    finally:
        set_state(aws, alarm.name, state=alarm.state, reason=f"{_REASON}; this is the state of before")
    topics = dict.fromkeys(act.target for act in acts if act.outcome == "executed" and ":sns:" in act.target)
    return Trial(
        alarm=alarm.name,
        previous=alarm.state,
        state=request.state,
        acts=acts,
        composites=tuple(replace(item, state=seen.get(item.name, item.state)) for item in expected),
        topics=tuple(TopicReach(topic=topic, subscriptions=list_subscriptions(aws, topic)) for topic in topics),
        restored=alarm.state,
    )


def find_alarm(alarms: Mapping[str, AlarmState], prefix: str, name: str) -> AlarmState:
    """The alarm of that name, with or without the deployment's prefix.

    Raises:
        UsageError: There is none; names those that are near.
    """
    found = alarms.get(f"{prefix}{name}") or alarms.get(name)
    if found is not None:
        return found
    known = [full.removeprefix(prefix) for full in alarms]
    near = get_close_matches(name, known, n=3) or sorted(known)
    raise UsageError(
        f"there is no alarm {name!r}",
        hint=f"did you mean {', '.join(near)}?" if known else "is the environment deployed? see `tapgen status`",
        code="no-alarm",
    )


def composites_above(alarms: Mapping[str, AlarmState], alarm: AlarmState, state: str) -> tuple[Raised, ...]:
    """Every composite alarm that looks at the alarm, directly or through others, and whether it would go off."""
    states = {item.name: item.state for item in alarms.values()} | {alarm.name: state}
    found: dict[str, Raised] = {}
    changed = [alarm.name]
    while changed:
        below = changed.pop()
        for item in alarms.values():
            if not item.rule or item.name in found or below not in alarm_rules.named(item.rule):
                continue
            expected = alarm_rules.holds(item.rule, states)
            found[item.name] = Raised(name=item.name, expected=expected, state=item.state)
            states[item.name] = "ALARM" if expected else "OK"
            changed.append(item.name)
    return tuple(found.values())


@dataclass(frozen=True, kw_only=True)
class _Watch:
    """What is followed from a moment on."""

    alarm: AlarmState
    raised: frozenset[str]
    """Composite alarms that should go off."""
    since: datetime


def _follow(
    aws: Aws, request: TrialRequest, watch: _Watch, *, sleep: Callable[[float], None]
) -> tuple[tuple[Act, ...], dict[str, str]]:
    """What was done until everything that can be expected was, or until the time is over; and states seen meanwhile."""
    waited = 0.0
    seen: dict[str, str] = {}
    while True:
        now = {item.name: item for item in list_alarms(aws, prefix=request.prefix)}
        for name in watch.raised:
            seen[name] = "ALARM" if "ALARM" in (seen.get(name), now[name].state) else now[name].state
        watched = [(now[watch.alarm.name], request.state), *((now[name], "ALARM") for name in sorted(watch.raised))]
        acts = [
            act for item, state in watched for act in _acts(item, state, read_acts(aws, item.name, since=watch.since))
        ]
        if waited >= request.timeout_s or not any(act.outcome == "missing" for act in acts):
            return tuple(acts), seen
        sleep(request.poll_s)
        waited += request.poll_s


def _acts(alarm: AlarmState, state: str, history: Iterable[AlarmAct]) -> list[Act]:
    """Each action that the alarm has for a state, with what came of it."""
    done = [act for act in history if act.kind == "Action"]
    return [_act(alarm, target, done) for target in (alarm.actions[state] if alarm.actions_enabled else ())]


def _act(alarm: AlarmState, target: str, done: Iterable[AlarmAct]) -> Act:
    for act in done:
        if target in act.summary:
            succeeded = act.summary.startswith("Successfully")
            outcome: ActionOutcome = "executed" if succeeded else "failed"
            return Act(alarm=alarm.name, target=target, outcome=outcome, text=act.summary)
    if alarm.suppressed_by == "Alarm":
        return Act(alarm=alarm.name, target=target, outcome="suppressed", text=f"suppressed by {alarm.suppressor}")
    if alarm.suppressor:
        text = (
            f"waits {alarm.suppressor_wait_s} s for {alarm.suppressor} before it acts, longer than the state of a "
            f"metric alarm lasts that was set; try `tapgen test-alarm` on {alarm.name} itself"
        )
        return Act(alarm=alarm.name, target=target, outcome="missing", text=text)
    return Act(alarm=alarm.name, target=target, outcome="missing", text="its history has no action within the time")


def _why_nobody(trial: Trial) -> str:
    if any(act.outcome == "suppressed" for act in trial.acts):
        return "nobody was called: the actions are suppressed while a shift runs"
    if trial.acts:
        return "nobody was called"
    return f"{trial.alarm} has no action for {trial.state}, and raises no composite alarm that has one"
