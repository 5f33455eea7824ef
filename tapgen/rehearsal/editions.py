"""The releases that a rehearsal deploys, each rendered from a copy of the project: baseline, candidate, faulty ones."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from tapgen.build import Builder, BuildRequest
from tapgen.errors import TapgenError, UsageError
from tapgen.rehearsal import faults
from tapgen.rehearsal.baselines import THE_PROJECT
from tapgen.rehearsal.subject import companions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tapgen.config.environment import Environment
    from tapgen.model import Rendered
    from tapgen.rehearsal.baselines import Baseline
    from tapgen.rehearsal.scenarios import Scenario
    from tapgen.rehearsal.sources import Sources
    from tapgen.rehearsal.subject import Subject

HANDLERS = "handlers"
_BASELINE, _RELEASE, _STAND_IN, _AS_IS = "baseline", "release", "stand-in", "as-it-is"


class Editions:
    """Renders what is asked for, each in a folder of its own.

    Args:
        sources: Makes the copies.
        environment: The candidate's configuration.
        subject: The function that gets the faults.
    """

    def __init__(self, sources: Sources, environment: Environment, subject: Subject) -> None:
        self._sources = sources
        self._environment = environment
        self._subject = subject
        self._faulty: dict[str, Rendered] = {}

    @cached_property
    def as_it_is(self) -> Rendered:
        """The project as it is: the candidate."""
        return self._build(self._sources.copy(_AS_IS))

    def of(self, scenario: Scenario) -> Rendered:
        """A scenario's candidate, with its fault."""
        if scenario.fault is None:
            return self.as_it_is
        if scenario.name not in self._faulty:
            project = self._sources.copy(scenario.name)
            self._plant(scenario.fault(self._environment, self._subject), project)
            for companion in companions_of(self._environment.service, self._subject) if scenario.together else ():
                faults.plant(faults.HARMLESS, project / HANDLERS, companion)
            self._faulty[scenario.name] = self._build(project)
        return self._faulty[scenario.name]

    def choose_baseline(
        self, baselines: Iterable[Baseline], *, warn: Callable[[str], None]
    ) -> tuple[Baseline, Rendered]:
        """The first baseline that can be had; ``warn`` is told of those that cannot.

        Raises:
            TapgenError: One that somebody named cannot be had.
        """
        for baseline in baselines:
            try:
                rendered = self._render(baseline)
                self._require_same_place(rendered)
            except TapgenError as error:
                if baseline.named:
                    raise
                # Nobody asked for it: a commit may be of a time whose configuration this tapgen does not read.
                warn(f"{baseline.text}, cannot be the baseline: {error}")
            else:
                return baseline, rendered
        return THE_PROJECT, self._render(THE_PROJECT)

    def _render(self, baseline: Baseline) -> Rendered:
        if baseline.fetch:
            return baseline.fetch(self._sources.folder / _RELEASE)
        if baseline.revision:
            return self._build(self._sources.export(_BASELINE, baseline.revision))
        # The same function would not be shifted: a wrapper that does nothing tells it apart.
        project = self._sources.copy(_STAND_IN)
        self._plant(faults.HARMLESS, project)
        return self._build(project)

    def _plant(self, fault: faults.Fault, project: Path) -> None:
        faults.plant(fault, project / HANDLERS, self._subject)

    def _require_same_place(self, baseline: Rendered) -> None:
        """The candidate must update what the baseline created, and the same callers must be let in.

        Raises:
            UsageError: Account, region, stack or authorization differ.
        """
        wanted, found = (
            (rendered.account_id, rendered.region, rendered.root_stack, rendered.shift.authorization)
            for rendered in (self.as_it_is, baseline)
        )
        if wanted != found:
            raise UsageError(
                f"it is another deployment: {' '.join(found)} instead of {' '.join(wanted)}",
                hint="name a later commit with --from",
                code="other-deployment",
            )

    def _build(self, project: Path) -> Rendered:
        environment = self._environment
        return Builder(project).build(BuildRequest(environment=environment.name, suffix=environment.suffix))
