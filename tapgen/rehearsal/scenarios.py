"""What is rehearsed: one candidate and one expectation each. Pure; doing it is ``stage``'s, deciding ``judging``'s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tapgen.rehearsal import faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.config.environment import Environment
    from tapgen.rehearsal.faults import Fault
    from tapgen.rehearsal.subject import Subject

Guard = Literal["errors", "5xx", "latency"]
Hook = Literal["BeforeAllowTraffic", "AfterAllowTraffic"]

# So much slower than the threshold that no caller's luck brings the percentile below it.
_SLOWNESS = 1.5
# Of the new version, in a minute: a percentile of fewer would be one request's luck.
_SEEN_PER_MIN = 3.0
_SPARE = 2.2
_FEWEST_PER_MIN = 20.0
# Where in a shift's first step an operator stops it.
HALF_WAY = 0.5


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One rollout and what must come of it."""

    name: str
    """For ``--scenario``, and of the files that are written."""
    title: str
    """What is shipped: ``a candidate that throws``."""
    fault: Callable[[Environment, Subject], Fault] | None
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
    needs_callers: bool = False
    """Means nothing of a function whose answers nobody waits for."""
    together: bool = False
    """Other functions change with it, in other compute stacks, too: all must begin together and all go back."""

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


def enough_requests_per_min(environment: Environment) -> float:
    """Requests in an AWS minute that give every guard something to see, and the new version its minimum of requests.

    In each minute of the shift's first step the new version should get twice what its guards need to turn red, and in
    the whole shift clearly more than the minimum that counts as proof: chance sends it now more and now fewer.
    """
    shift, alarms = environment.shift, environment.alarms
    if not _window_min(environment):
        return _FEWEST_PER_MIN
    share = shift.percentage / 100
    seen_per_min = max(_SEEN_PER_MIN, 2 * max(alarms.function_errors, alarms.api_5xx)) / share
    first_steps = shift.minimum_requests * _SPARE / (share * _window_min(environment))
    return round(max(_FEWEST_PER_MIN, seen_per_min, first_steps), 1)


def _window_min(environment: Environment) -> int:
    return environment.shift.duration_min


CANDIDATE = Scenario(name="candidate", title="the candidate itself", fault=None)

SCENARIOS: tuple[Scenario, ...] = (
    CANDIDATE,
    Scenario(
        name="throws",
        title="a candidate that throws",
        fault=lambda _, __: faults.THROWS,
        guard="errors",
        loses_share=True,
        needs_steps=True,
    ),
    Scenario(
        name="answers-500",
        title="a candidate that answers 500 without throwing",
        fault=lambda _, __: faults.ANSWERS_500,
        guard="5xx",
        loses_share=True,
        needs_steps=True,
        needs_callers=True,
    ),
    Scenario(
        name="slow",
        title="a candidate that is slow past the p90 threshold",
        fault=lambda environment, _: faults.slow(slow_enough_ms(environment) / 1000),
        guard="latency",
        needs_steps=True,
        needs_callers=True,
    ),
    Scenario(
        name="pre-hook",
        title="a candidate that the hook before the traffic refuses",
        fault=lambda _, subject: faults.answers_wrongly(subject),
        hook="BeforeAllowTraffic",
    ),
    Scenario(
        name="post-hook",
        title="a candidate that the hook after the traffic refuses",
        fault=lambda _, subject: faults.wears_out(subject),
        hook="AfterAllowTraffic",
        needs_steps=True,
    ),
    Scenario(
        name="stop",
        title="an operator who stops the shift half-way",
        fault=lambda _, __: faults.HARMLESS,
        operator=True,
        needs_steps=True,
    ),
    Scenario(
        name="together",
        title="functions of several stacks at once, one of which throws",
        fault=lambda _, __: faults.THROWS,
        guard="errors",
        loses_share=True,
        needs_steps=True,
        together=True,
    ),
)


def why_not(scenario: Scenario, environment: Environment, subject: Subject) -> str:
    """Why a scenario says nothing about this environment and function; empty when it can be rehearsed."""
    if scenario.needs_callers and not subject.answers_requests:
        return f"nobody waits for answers of the function {subject.name}"
    if scenario.together and len({environment.service.block_of(each) for each in environment.service.functions}) == 1:
        return "every function is in one compute stack"
    if scenario.needs_steps and not _window_min(environment):
        return "shifts all at once: the new version has all the traffic before an alarm or a person can see it"
    return ""
