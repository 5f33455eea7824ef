"""What follows a shift that proved nothing and got all traffic all the same: a longer watch, or the way back.

With the policy ``extend`` the version is watched on for as long again, since CodeDeploy cannot lengthen a shift; a
guard that goes into ALARM then is answered with a rollback to the release before. With ``fail`` the shift should have
been stopped, and was not when nobody was there at its last moment: the release goes back at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from tapgen.aws.alarms import ShiftedVersion, describe_guards, find_alarms, read_figures
from tapgen.aws.shifts import read_alarm_names
from tapgen.deploy.rollback.execute import RollbackRequest, rollback
from tapgen.engine.patience import patiently
from tapgen.engine.polling import Pace, Ticker
from tapgen.errors import DeploymentError
from tapgen.naming import LIVE_ALIAS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tapgen.deploy.probes import Probes
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.events import Result
    from tapgen.model import GuardAlarm, ShiftOutcome, ShiftPolicy

_PACE = Pace(shortest_s=0.1, longest_s=10.0, share=0.05)


@dataclass(frozen=True, kw_only=True)
class ExtendedWatch:
    """What is needed to watch on, and to go back."""

    deployment: Deployment
    policy: ShiftPolicy
    probes: Callable[[], Probes | None]
    """Makes synthetic callers, where the configuration wants some."""


def find_unproven(result: Result, policy: ShiftPolicy) -> ShiftOutcome | None:
    """The shift that something follows, or None when everything is proven or a warning is enough. Pure."""
    if policy.inconclusive == "warn" or result.status not in {"done", "unchanged"}:
        return None
    return next((outcome for outcome in result.shifts if outcome.outcome == "inconclusive"), None)


def extend_watch(context: Context, wanted: ExtendedWatch, result: Result) -> Result:
    """Do what the policy wants after a shift that proved nothing; answers the result with what came of it.

    Raises:
        DeploymentError: A guard went into ALARM, or the policy is ``fail``: the release before it is live again.
        Whatever ``rollback`` raises: Going back failed, too.
    """
    outcome = find_unproven(result, wanted.policy)
    if outcome is None:
        return result
    if wanted.policy.inconclusive == "fail":
        _go_back(context, wanted, replace(outcome, code="UNPROVEN"), [f"{_name(outcome)} got all traffic unproven"])
    with context.step("prolong", f"Watching version {outcome.target_version} on, until it is proven") as step:
        proven, red = _watch(context, wanted, outcome, _guard_names(context, result, outcome))
        step.text = _describe(proven, red)
    if red:
        rules = [f"{guard.name} is in ALARM: {guard.metric} {guard.condition}; {guard.reason}" for guard in red]
        why = [f"{_name(proven)} had all traffic when a guard went into ALARM", *rules]
        _go_back(context, wanted, replace(proven, code="ALARM_ACTIVE", red=tuple(red)), why)
    if proven.outcome == "inconclusive":
        context.warn(f"{_name(proven)} is live and unproven: {_served(proven)}", code="live-unproven")
    return replace(result, shifts=tuple(proven if each is outcome else each for each in result.shifts))


def _guard_names(context: Context, result: Result, outcome: ShiftOutcome) -> tuple[str, ...]:
    """The guards of the function's deployment group, which is called like the function."""
    applications = [result.outputs.get(f"CodeDeployApplication{number}Name", "") for number in ("", "2")]
    found = (read_alarm_names(context.aws, name, outcome.function) for name in applications if name)
    return next((names for names in found if names), ())


def _watch(
    context: Context, wanted: ExtendedWatch, outcome: ShiftOutcome, names: Sequence[str]
) -> tuple[ShiftOutcome, list[GuardAlarm]]:
    """Watch until the version has answered enough, a guard is in ALARM, or the time is over."""
    version = ShiftedVersion(function=outcome.function, alias=LIVE_ALIAS, version=outcome.target_version)
    since, ticker = datetime.now(UTC), Ticker(context.clock, _PACE)
    probes = wanted.probes() if wanted.policy.probes_per_min else None
    if probes:
        probes.start()
    try:
        while True:
            alarms = patiently(context, lambda: find_alarms(context.aws, names))
            lasts, served = patiently(context, partial(read_figures, context.aws, alarms, version, since=since))
            seen = _add(outcome, requests=served.requests, errors=served.errors)
            red = [guard for guard in describe_guards(alarms, lasts) if guard.state == "ALARM"]
            over = ticker.elapsed_s >= outcome.window_min * context.minute_s
            if red or over or seen.outcome == "passed":
                return seen, red
            ticker.wait()
    finally:
        if probes:
            probes.stop()


def _add(outcome: ShiftOutcome, *, requests: int, errors: int) -> ShiftOutcome:
    total = outcome.requests + requests
    return replace(
        outcome,
        requests=total,
        errors=outcome.errors + errors,
        outcome="passed" if total >= outcome.minimum_requests else "inconclusive",
    )


def _describe(proven: ShiftOutcome, red: Sequence[GuardAlarm]) -> str:
    if red:
        return f"{', '.join(guard.name for guard in red)} went into ALARM"
    return f"Version {proven.target_version} {'is proven' if proven.outcome == 'passed' else 'is still unproven'}"


def _name(outcome: ShiftOutcome) -> str:
    return f"{outcome.function} version {outcome.target_version}"


def _served(outcome: ShiftOutcome) -> str:
    return f"it had answered {outcome.requests} of {outcome.minimum_requests} requests that count as proof"


def _go_back(context: Context, wanted: ExtendedWatch, outcome: ShiftOutcome, why: Sequence[str]) -> NoReturn:
    rollback(
        context,
        RollbackRequest(deployment=wanted.deployment, confirm=lambda _: True, confirm_stop=lambda: True),
    )
    errors = f"{outcome.errors or 'none'} of them with an error"
    raise DeploymentError(
        "the release was taken back, and the one before it is live again",
        why="\n".join([*why, f"{_served(outcome)}, {errors}"]),
        hint="raise shift.probes.rate_per_min, so that the canary itself is tried",
        code="taken-back",
    ).with_shifts((replace(outcome, outcome="rolled-back"),))
