"""What roles were used for: each scenario run once, with every decision that IAM made meanwhile."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tapgen.proof.scenarios import StepFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tapgen.local.authorizations import Authorization, AuthorizationLog
    from tapgen.proof.scenarios import Scenario


@dataclass(frozen=True, kw_only=True)
class Use:
    """One action on one resource that a role was used for."""

    role: str
    action: str
    resource: str
    scenario: str
    step: str
    by_service: bool = False
    """A service of AWS did it with the role: no code of a function explains it."""


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A scenario that did not end well, and what IAM refused meanwhile."""

    scenario: str
    step: str
    got: str
    refused: tuple[Authorization, ...]


@dataclass(frozen=True, kw_only=True)
class Need:
    """What came of all scenarios."""

    uses: tuple[Use, ...]
    failed: tuple[Failed, ...]
    durations_s: Mapping[str, float] = field(default_factory=dict)
    """Scenario → how long it took."""


def record_need(scenarios: Iterable[Scenario], log: AuthorizationLog, *, tell: Callable[[str], None]) -> Need:
    """Run every scenario once, one after another."""
    uses: list[Use] = []
    failed: list[Failed] = []
    durations_s: dict[str, float] = {}
    for scenario in scenarios:
        tell(f"using {scenario.name}")
        begun = time.monotonic()
        failure = run_scenario(scenario, log, uses.append)
        durations_s[scenario.name] = time.monotonic() - begun
        if failure:
            failed.append(failure)
    return Need(uses=tuple(dict.fromkeys(uses)), failed=tuple(failed), durations_s=durations_s)


def run_scenario(scenario: Scenario, log: AuthorizationLog, note: Callable[[Use], None]) -> Failed | None:
    """Run one scenario; what its roles were allowed goes to ``note``, step by step. Answers how it failed."""
    start = mark = log.mark()
    try:
        for step in scenario.steps():
            reached = log.mark()
            for entry in log.since(mark):
                if entry.principal in scenario.roles and entry.allowed:
                    use = Use(
                        role=entry.principal,
                        action=entry.action,
                        resource=entry.resource,
                        scenario=scenario.name,
                        step=step,
                        by_service=entry.by_service,
                    )
                    note(use)
            mark = reached
    except StepFailedError as error:
        refused = [entry for entry in log.since(start) if entry.principal in scenario.roles and not entry.allowed]
        return Failed(scenario=scenario.name, step=error.step, got=error.got, refused=tuple(dict.fromkeys(refused)))
    return None
