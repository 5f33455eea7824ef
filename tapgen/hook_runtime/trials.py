"""How each function is tried: its journey against the new version, what that leaves, a call of the live alias."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tapgen.hook_runtime.invocations import CHECK_RESERVE_S, CLEAN_UP_RESERVE_S, Functions, Qualified
from tapgen.hook_runtime.verdict import CheckFailedError
from tapgen.journey.codec import from_document
from tapgen.journey.gateway import InvokeTransport
from tapgen.journey.sweep import delete_leftovers
from tapgen.journey.values import SYNTHETIC_PREFIX
from tapgen.journey.walker import Course, walk, walk_step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tapgen.hook_runtime.deployments import Deployment
    from tapgen.hook_runtime.verdict import Log
    from tapgen.journey.steps import Journey
    from tapgen.journey.walker import Outcome

USER = f"{SYNTHETIC_PREFIX}hook"
"""In whose name the hooks work."""

_LIVE = "live alias"
# An alias that has just been moved may send a call to the old version for some seconds.
_LOOKS = 10
_PAUSE_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Trial:
    """How one function is tried."""

    journey: Journey
    routes: tuple[str, ...] = ()
    """``METHOD /path`` of the HTTP routes that invoke it."""


def read_trials(path: Path, *, prefix: str) -> dict[str, Trial]:
    """Name of a function → how it is tried.

    Args:
        path: The file that ``tapgen.packaging`` writes into the zip: functions by their names in the service.
        prefix: What the names of this deployment's functions begin with.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    return {
        f"{prefix}{name}": Trial(journey=from_document(found["journey"]), routes=tuple(found["routes"]))
        for name, found in document.items()
    }


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What a trial works with.

    Args:
        functions: Calls functions.
        function_arn: ARN of the function on trial, without a qualifier.
        remaining_s: How many seconds the hook still has.
        timeout_s: How many it had when it began: no hook works longer.
        log: Gets a line for each check.
    """

    functions: Functions
    function_arn: str
    remaining_s: Callable[[], float]
    timeout_s: float
    log: Log

    def qualified(self, qualifier: str, *, reserve_s: float = CHECK_RESERVE_S) -> Qualified:
        """A version or an alias of the function."""
        return Qualified(self.functions, f"{self.function_arn}:{qualifier}", self.remaining_s, reserve_s)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A trial of one deployment's new version."""

    trial: Trial
    deployment: Deployment
    bench: Bench
    executed: list[str] = field(default_factory=list)
    """The versions that executed the calls of the live alias."""

    def check(self) -> None:
        """Walk the journey on the version on trial.

        Raises:
            CheckFailedError: The first step that fails; what the walk made is deleted by then.
        """
        target = self.deployment.target_version
        rescue = [self._carrier(qualifier, reserve_s=CLEAN_UP_RESERVE_S) for qualifier in self._rescuers]
        course = self._course(self._report, rescue=rescue)
        if self.trial.journey.weak:
            self.bench.log.note("weak trial", why=self.trial.journey.weak)
        done = walk(self.trial.journey, self._carrier(target), course)
        failed = next((outcome for outcome in done.outcomes if not outcome.passed and not outcome.clean_up), None)
        self._sweep(rescue if failed else [self._carrier(target)], failed=failed is not None)
        if failed:
            raise CheckFailedError(failed.step, expected=failed.expected, got=failed.got)

    def check_live(self) -> None:
        """The live alias sends its calls to the target version; a journey without a harmless step cannot tell.

        Raises:
            CheckFailedError: It does not, or the version does not answer through it.
        """
        step = self.trial.journey.harmless
        if step is None:
            self.bench.log.note("live alias not tried", why="the journey has no step that changes nothing")
            return
        target, alias = self.deployment.target_version, self._carrier(self.deployment.alias)
        for _ in range(_LOOKS):
            outcome = walk_step(step, alias, self._course(lambda _: None))
            if not outcome.passed:
                raise CheckFailedError(_LIVE, expected=outcome.expected, got=outcome.got)
            if self.executed[-1] == target:
                self.bench.log.passed(_LIVE, executed_version=target)
                return
            self.bench.functions.sleep(_PAUSE_S)
        raise CheckFailedError(_LIVE, expected=f"version {target}", got=f"version {self.executed[-1]} answers")

    @property
    def _rescuers(self) -> tuple[str, str]:
        """Who cleans up after a failure: the version that had the traffic before, which is known to work.

        Should it not be (the new version is its fix), the version on trial does it.
        """
        return self.deployment.current_version, self.deployment.target_version

    def _carrier(self, qualifier: str, *, reserve_s: float = CHECK_RESERVE_S) -> InvokeTransport:
        qualified = self.bench.qualified(qualifier, reserve_s=reserve_s)

        def invoke(event: Any) -> Any:
            invocation = qualified.call(event)
            self.executed.append(invocation.executed_version)
            return invocation.document

        return InvokeTransport(invoke=invoke, routes=self.trial.routes, label=qualifier)

    def _course(self, report: Callable[[Outcome], None], *, rescue: Sequence[InvokeTransport] = ()) -> Course:
        return Course(purpose="hook", user=USER, report=report, rescue=rescue, sleep=self.bench.functions.sleep)

    def _report(self, outcome: Outcome) -> None:
        log = self.bench.log
        if outcome.left_out:
            log.note("check left out", check=outcome.step, why=outcome.left_out)
        elif outcome.clean_up and not outcome.passed:
            log.note("not cleaned up", check=outcome.step, by_version=outcome.through, got=outcome.got)
        elif outcome.passed and not outcome.clean_up:
            status = {"status": outcome.status} if outcome.status else {}
            log.passed(outcome.step, **status, duration_ms=round(outcome.duration_s * 1000))

    def _sweep(self, through: Sequence[InvokeTransport], *, failed: bool) -> None:
        """Delete what is left of the synthetic user's.

        After a failure all of it goes: what a wrong answer did not tell is found all the same. Otherwise only what
        crashed hooks left: what is younger than a hook's time may be another one's at work.
        """
        leftovers = self.trial.journey.leftovers
        if leftovers is None:
            return
        for carrier in through:
            older_than_s = 0.0 if failed else self.bench.timeout_s
            got = delete_leftovers(leftovers, carrier, self._course(lambda _: None), older_than_s=older_than_s)
            if not got:
                return
            self.bench.log.note("not cleaned up", by_version=carrier.label, got=got)


def find_trial(trials: Mapping[str, Trial], function: str) -> Trial:
    """How a function is tried.

    Raises:
        CheckFailedError: Nobody can try it: the hooks and the function are of two releases.
    """
    if function not in trials:
        raise CheckFailedError("target", expected=" or ".join(trials), got=function)
    return trials[function]
