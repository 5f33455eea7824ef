"""The proof itself: run each mutant, in place and side by side, and require that AWS refuses a named operation."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from tapgen.proof.mutants import make_mutants, statement_of
from tapgen.proof.need import record_need, run_scenario
from tapgen.proof.witnesses import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tapgen.iam.calls import CallSite
    from tapgen.iam.stated import Stated
    from tapgen.local.authorizations import AuthorizationLog
    from tapgen.proof.mutants import Mutant
    from tapgen.proof.need import Failed, Need
    from tapgen.proof.scenarios import Scenario

_WORKERS = 4


class RolePolicies(Protocol):
    """The inline policies of roles, read and written in place."""

    def read(self, role: str) -> Mapping[str, Mapping[str, Any]]:
        """Policy name → document."""
        ...

    def write(self, role: str, policy: str, document: Mapping[str, Any] | None) -> None:
        """Replace a policy; None deletes it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A role whose permissions are proven.

    Attributes:
        role: Its name.
        stated: What cannot be proven of it here.
        folder: Where the code that uses it is; empty when an AWS service uses it.
        sites: What that code calls.
        unread: Why nothing is known of what it calls; empty when it was read.
    """

    role: str
    stated: tuple[Stated, ...] = ()
    folder: str = ""
    sites: tuple[CallSite, ...] = ()
    unread: str = ""


@dataclass(frozen=True, kw_only=True)
class Caught:
    """A mutant that a step noticed."""

    mutant: Mutant
    step: str
    got: str
    duration_s: float = 0.0
    """Of the scenario that caught it."""


@dataclass(frozen=True, kw_only=True)
class Survived:
    """A mutant that nothing noticed: what it lacks is not needed, as far as the scenarios know."""

    mutant: Mutant
    tried: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What came of it."""

    need: Need
    caught: tuple[Caught, ...] = ()
    survived: tuple[Survived, ...] = ()
    unproven: tuple[Mutant, ...] = ()
    """What the code can use and no journey does: neither needed for certain nor too much; not counted."""
    stated: tuple[tuple[Mutant, Stated], ...] = ()
    differences: tuple[str, ...] = ()
    """Where the witnesses differ."""

    @property
    def total(self) -> int:
        """Mutants that had to be caught."""
        return len(self.caught) + len(self.survived)

    @property
    def holds(self) -> bool:
        """Whether every permission is needed and none is missing."""
        return not (self.need.failed or self.survived or self.differences)

    def faults(self) -> list[str]:
        """What is wrong, one sentence each."""
        return [
            *(_missing(failure) for failure in self.need.failed),
            *(f"{item.mutant} is not needed: {_tried(item.tried)}" for item in self.survived),
            *self.differences,
        ]


def _divide(mutants: Iterable[Mutant], subjects: Sequence[Subject], need: Need) -> tuple[list[Mutant], list[Mutant]]:
    """Mutants that a use must notice, and those that no use can although the code may need what they lack."""
    called = {(subject.role, site.action) for subject in subjects for site in subject.sites}
    unread = {subject.role for subject in subjects if subject.unread}
    run: list[Mutant] = []
    unproven: list[Mutant] = []
    for mutant in mutants:
        used = any(mutant.hurts(use) for use in need.uses)
        callable_ = mutant.role in unread or any((mutant.role, grant.action) in called for grant in mutant.grants)
        (unproven if callable_ and not used else run).append(mutant)
    return run, unproven


def _missing(failure: Failed) -> str:
    refused = ", ".join(f"{entry.principal} lacks {entry.action} on {entry.resource}" for entry in failure.refused)
    return f"{failure.step}: {failure.got}{f'; {refused}' if refused else ''}"


def _tried(scenarios: tuple[str, ...]) -> str:
    return f"without it, {' and '.join(scenarios)}" if scenarios else "no scenario uses it"


def _describe(failure: Failed | None) -> str:
    return f"failed for another reason ({_missing(failure)})" if failure else "went well"


@dataclass(kw_only=True)
class Prover:
    """Runs a proof.

    Attributes:
        scenarios: Uses of the service.
        log: IAM's decisions.
        policies: Of the roles.
        tell: Hears what is being done.
    """

    scenarios: tuple[Scenario, ...]
    log: AuthorizationLog
    policies: RolePolicies
    tell: Callable[[str], None] = field(default=lambda _: None)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)

    def prove(self, subjects: Iterable[Subject]) -> Proof:
        """Record the need, compare the witnesses, run the mutants. Every policy is as before when it returns."""
        subjects = tuple(subjects)
        chosen = [s for s in self.scenarios if s.roles & {subject.role for subject in subjects}]
        need = record_need(chosen, self.log, tell=self.tell)
        if need.failed:
            return Proof(need=need)
        mutants, stated = self._mutants(subjects)
        mutants, unproven = _divide(mutants, subjects, need)
        granted = {(mutant.role, grant.action) for mutant in unproven for grant in mutant.grants}
        differences = [
            text
            for subject in subjects
            if subject.folder and not subject.unread
            for text in compare(
                subject.role,
                subject.folder,
                # A call that the role may make and no journey makes is told with the grant.
                [site for site in subject.sites if (subject.role, site.action) not in granted],
                need.uses,
            )
        ]
        self.tell(f"running {len(mutants)} mutants")
        self._locks = {
            role: threading.Lock() for scenario in self.scenarios for role in scenario.roles | scenario.bystanders
        }
        with ThreadPoolExecutor(_WORKERS) as pool:
            outcomes = list(pool.map(lambda mutant: self._run(mutant, need), mutants))
        return Proof(
            need=need,
            caught=tuple(item for item in outcomes if isinstance(item, Caught)),
            survived=tuple(item for item in outcomes if isinstance(item, Survived)),
            unproven=tuple(unproven),
            stated=tuple(stated),
            differences=tuple(differences),
        )

    def _mutants(self, subjects: Iterable[Subject]) -> tuple[list[Mutant], list[tuple[Mutant, Stated]]]:
        """Those to run, and those that can only be stated."""
        run, stated = [], []
        for subject in subjects:
            for mutant in make_mutants(subject.role, self.policies.read(subject.role)):
                reason = statement_of(mutant, subject.stated)
                if reason:
                    stated.append((mutant, reason))
                else:
                    run.append(mutant)
        return run, stated

    def _run(self, mutant: Mutant, need: Need) -> Caught | Survived:
        hurt = {use.scenario for use in need.uses if mutant.hurts(use)}
        tried = []
        for scenario in self._cheapest_first(hurt, need):
            with self._alone(scenario), self._mutated(mutant):
                begun = time.monotonic()
                failure = run_scenario(scenario, self.log, lambda _: None)
                duration_s = time.monotonic() - begun
            if failure and self._refused(mutant, failure):
                return Caught(mutant=mutant, step=failure.step, got=failure.got, duration_s=duration_s)
            tried.append(f"{scenario.name} {_describe(failure)}")
        return Survived(mutant=mutant, tried=tuple(tried))

    def _cheapest_first(self, names: set[str], need: Need) -> list[Scenario]:
        """By how long they took when the need was recorded; those that may wait in vain last."""
        found = [scenario for scenario in self.scenarios if scenario.name in names]
        return sorted(found, key=lambda scenario: (scenario.waits, need.durations_s.get(scenario.name, 0.0)))

    @staticmethod
    def _refused(mutant: Mutant, failure: Failed) -> bool:
        """Whether what was refused is what the mutant lacks: another failure proves nothing."""
        actions = {grant.action for grant in mutant.grants}
        return any(entry.principal == mutant.role and entry.action in actions for entry in failure.refused)

    @contextmanager
    def _alone(self, scenario: Scenario) -> Iterator[None]:
        """While nobody else uses the scenario's roles; locks are taken in one order, so that nobody waits in a ring."""
        with ExitStack() as stack:
            for role in sorted(scenario.roles | scenario.bystanders):
                stack.enter_context(self._locks[role])
            yield

    @contextmanager
    def _mutated(self, mutant: Mutant) -> Iterator[None]:
        original = self.policies.read(mutant.role)[mutant.policy]
        self.policies.write(mutant.role, mutant.policy, mutant.document)
        try:
            yield
        finally:
            self.policies.write(mutant.role, mutant.policy, original)
