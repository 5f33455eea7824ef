"""What is rehearsed: one candidate and one expectation each. Pure; doing it is ``stage``'s, deciding ``judging``'s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tapgen.config.environment import shift_duration_min
from tapgen.rehearsal import faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.config.environment import Environment
    from tapgen.rehearsal.faults import Fault

Guard = Literal["errors", "5xx", "latency"]
Hook = Literal["BeforeAllowTraffic", "AfterAllowTraffic"]

# So much slower than the threshold that no caller's luck brings the percentile below it.
_SLOWNESS = 1.5
# Where in a shift's first step an operator stops it.
HALF_WAY = 0.5


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One rollout and what must come of it."""

    name: str
    """For ``--scenario``, and of the files that are written."""
    title: str
    """What is shipped: ``a candidate that throws``."""
    fault: Callable[[Environment], Fault] | None
    """What the candidate does wrong; None ships the project as it is."""
    guard: Guard | None = None
    """The alarm that must stop the shift. Others may turn red as well, and do not count."""
    hook: Hook | None = None
    """The hook that must fail."""
    operator: bool = False
    """Somebody stops the shift half-way."""
    loses_share: bool = False
    """Whether callers may get bad answers: as many as the new version's share, no more. Otherwise none may."""
    needs_steps: bool = False
    """Means nothing where the new version gets all the traffic at once."""

    @property
    def ships(self) -> bool:
        """Whether the candidate must go live."""
        return self.guard is None and self.hook is None and not self.operator

    @property
    def error_code(self) -> str:
        """CodeDeploy's word for why the shift ended; empty when it must succeed."""
        if self.guard:
            return "ALARM_ACTIVE"
        if self.hook:
            return "HOOK_EXECUTION_FAILURE"
        return "MANUAL_STOP" if self.operator else ""


def slow_enough_ms(environment: Environment) -> float:
    """How long an answer must take to be beyond the latency guard's threshold for certain."""
    return environment.alarms.latency_p90_ms * _SLOWNESS


CANDIDATE = Scenario(name="candidate", title="the candidate itself", fault=None)

SCENARIOS: tuple[Scenario, ...] = (
    CANDIDATE,
    Scenario(
        name="throws",
        title="a candidate that throws",
        fault=lambda _: faults.THROWS,
        guard="errors",
        loses_share=True,
        needs_steps=True,
    ),
    Scenario(
        name="answers-500",
        title="a candidate that answers 500 without throwing",
        fault=lambda _: faults.ANSWERS_500,
        guard="5xx",
        loses_share=True,
        needs_steps=True,
    ),
    Scenario(
        name="slow",
        title="a candidate that is slow past the p90 threshold",
        fault=lambda environment: faults.slow(slow_enough_ms(environment) / 1000),
        guard="latency",
        needs_steps=True,
    ),
    Scenario(
        name="pre-hook",
        title="a candidate that the hook before the traffic refuses",
        fault=lambda _: faults.REPLACES_WRONGLY,
        hook="BeforeAllowTraffic",
    ),
    Scenario(
        name="post-hook",
        title="a candidate that the hook after the traffic refuses",
        fault=lambda _: faults.WEARS_OUT,
        hook="AfterAllowTraffic",
        needs_steps=True,
    ),
    Scenario(
        name="stop",
        title="an operator who stops the shift half-way",
        fault=lambda _: faults.HARMLESS,
        operator=True,
        needs_steps=True,
    ),
)


def why_not(scenario: Scenario, environment: Environment) -> str:
    """Why a scenario says nothing about this environment; empty when it can be rehearsed."""
    shift = environment.shift
    if scenario.needs_steps and not shift_duration_min(
        shift.type, percentage=shift.percentage, interval_min=shift.interval_min
    ):
        return "shifts all at once: the new version has all the traffic before an alarm or a person can see it"
    return ""
