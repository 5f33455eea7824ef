"""The order of a rehearsal: baseline, traffic, candidate, then one fault after the other from a stable service.

::

    baseline ─► create on a private AWS ─► traffic ─► candidate ships ─┬─► throws ─► calm ─► answers 500 ─► calm …
                                                                       └─► it did not: the others are not rehearsed
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.build import Builder, BuildRequest
from tapgen.deploy.context import Context
from tapgen.errors import TapgenError, UsageError
from tapgen.events import Noted, ScenarioJudged
from tapgen.rehearsal import faults
from tapgen.rehearsal.baselines import THE_PROJECT
from tapgen.rehearsal.judging import judge
from tapgen.rehearsal.report import Report, recovery, summary, write_timeline
from tapgen.rehearsal.scenarios import CANDIDATE, why_not
from tapgen.rehearsal.sources import Sources
from tapgen.rehearsal.stage import Stage, open_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.config.environment import Environment
    from tapgen.deploy.bootstrap import BootstrapRequest
    from tapgen.events import Listener
    from tapgen.model import Rendered
    from tapgen.rehearsal.audience import TokenSource
    from tapgen.rehearsal.baselines import Baseline
    from tapgen.rehearsal.judging import Verdict
    from tapgen.rehearsal.scenarios import Scenario
    from tapgen.rehearsal.stage import Pace

_BASELINE = "baseline"
_RELEASE = "release"
_STAND_IN = "stand-in"
_AS_IS = "as-it-is"
_STAGE = "stage"
_STABLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}


@dataclass(frozen=True, kw_only=True)
class RehearsalRequest:
    """What to rehearse and where to write what was seen."""

    project: Path
    environment: Environment
    baselines: tuple[Baseline, ...]
    """What the candidate may replace, best first; the project as it is takes the place of what cannot be rendered."""
    scenarios: tuple[Scenario, ...]
    pace: Pace
    output: Path
    """Folder for timelines and drawings."""
    keep: bool
    """Leave the embedded AWS and its folder for somebody to look at."""
    tokens: TokenSource | None
    """Makes tokens where the API wants them."""
    bootstrapping: Callable[[Environment], BootstrapRequest]
    """The bootstrap stack of an environment."""


def rehearse(emit: Listener, request: RehearsalRequest) -> Report:
    """Run the scenarios, each judged as it ends.

    Raises:
        UsageError, ConfigError, PackagingError, RenderError: The project, or its baseline, cannot be rendered.
        LocalError: The embedded AWS cannot be started.
        RehearsalError: The service could not be brought to the trial.
    """
    environment = request.environment
    with _folder(emit, keep=request.keep) as folder:
        sources = Sources(request.project, folder, files=_files(environment))
        # In a project of its own, so that `tapgen local` can look at what was kept.
        root = sources.copy(_STAGE) / ".tapgen" / "local"
        with open_aws(root, environment, minute_s=request.pace.minute_s, keep=request.keep) as aws:
            context = Context(aws=aws, emit=emit, minute_s=request.pace.minute_s)
            stage = Stage(context, environment, request.pace, tokens=request.tokens)
            return _Rehearsal(context, request, sources).run(stage)


class _Rehearsal:
    def __init__(self, context: Context, request: RehearsalRequest, sources: Sources) -> None:
        self._context = context
        self._request = request
        self._sources = sources

    def run(self, stage: Stage) -> Report:
        request = self._request
        scenarios = [scenario for scenario in request.scenarios if not why_not(scenario, request.environment)]
        skipped = [(scenario, why) for scenario in request.scenarios if (why := why_not(scenario, request.environment))]
        with self._context.step("baseline", "Deploying the baseline") as step:
            baseline, first = self._choose_baseline() if CANDIDATE in scenarios else (THE_PROJECT, self._as_is)
            url = stage.create(first, request.bootstrapping(request.environment))
            step.text = f"The baseline serves: {baseline.text}"
        verdicts: list[Verdict] = []
        obstacle = ""
        with stage.audience.calling(url):
            for scenario in scenarios:
                if obstacle:
                    skipped.append((scenario, obstacle))
                    continue
                verdict, obstacle = self._play(stage, scenario)
                verdicts.append(verdict)
        return Report(
            environment=request.environment.label,
            baseline=baseline.text,
            minute_s=request.pace.minute_s,
            requests_per_min=request.pace.requests_per_min,
            verdicts=tuple(verdicts),
            skipped=tuple(skipped),
        )

    def _play(self, stage: Stage, scenario: Scenario) -> tuple[Verdict, str]:
        """Run one scenario; answers why no other one can follow as well, or nothing."""
        if not stage.is_calm:
            with self._context.step("calm", "Waiting until the guards are calm, as one must on AWS") as step:
                stage.await_calm()
                step.text = "The guards are calm"
        slow_s = self._request.environment.alarms.latency_p90_ms / 1000
        with self._context.step("rehearse", f"Rehearsing {scenario.title}") as step:
            seen = stage.observe(self._render(scenario), scenario)
            verdict = judge(scenario, seen, slow_s=slow_s)
            write_timeline(self._request.output, verdict, seen)
            step.text = f"Rehearsed {scenario.title}"
        self._context.emit(_judged(verdict))
        if scenario.ships:
            return verdict, "" if verdict.passed else "the candidate itself did not ship as it must"
        if seen.stack_status not in _STABLE:
            return verdict, f"the stack was left in {seen.stack_status}"
        if seen.after != seen.before:
            self._restore(stage)
        return verdict, ""

    def _restore(self, stage: Stage) -> None:
        """A faulty candidate went live: take it down, so that the next scenario has a stable service to start from."""
        with self._context.step("baseline", "Bringing the candidate back, since a faulty one went live") as step:
            stage.restore(self._as_is)
            step.text = "The candidate serves again"

    def _choose_baseline(self) -> tuple[Baseline, Rendered]:
        """The first baseline that can be had.

        Raises:
            TapgenError: The one that somebody named cannot.
        """
        for baseline in self._request.baselines:
            try:
                rendered = self._render_baseline(baseline)
                self._require_same_place(rendered)
            except TapgenError as error:
                if baseline.named:
                    raise
                # Nobody asked for it: a commit may be of a time whose configuration this tapgen does not read.
                self._context.warn(f"{baseline.text}, cannot be the baseline: {error}")
            else:
                return baseline, rendered
        return THE_PROJECT, self._render_baseline(THE_PROJECT)

    def _render_baseline(self, baseline: Baseline) -> Rendered:
        if baseline.fetch:
            return baseline.fetch(self._sources.folder / _RELEASE)
        if baseline.revision:
            return self._build(self._sources.export(_BASELINE, baseline.revision))
        # The same function would not be shifted: a wrapper that does nothing tells it apart.
        project = self._sources.copy(_STAND_IN)
        faults.plant(faults.HARMLESS, project / "handlers")
        return self._build(project)

    def _require_same_place(self, baseline: Rendered) -> None:
        """The candidate must update what the baseline created.

        Raises:
            UsageError: Account, region or stack differ.
        """
        wanted, found = (
            (rendered.account_id, rendered.region, rendered.root_stack) for rendered in (self._as_is, baseline)
        )
        if wanted != found:
            raise UsageError(
                f"the baseline is another deployment: {' '.join(found)} instead of {' '.join(wanted)}",
                hint="name a later commit with --from",
                code="other-deployment",
            )

    def _render(self, scenario: Scenario) -> Rendered:
        project = self._sources.copy(scenario.name)
        if scenario.fault:
            faults.plant(scenario.fault(self._request.environment), project / "handlers")
        return self._build(project)

    @cached_property
    def _as_is(self) -> Rendered:
        return self._build(self._sources.copy(_AS_IS))

    def _build(self, project: Path) -> Rendered:
        environment = self._request.environment
        return Builder(project).build(BuildRequest(environment=environment.name, suffix=environment.suffix))


@contextmanager
def _folder(emit: Listener, *, keep: bool) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tapgen-rehearsal-"))
    try:
        yield folder
    finally:
        if keep:
            text = f"the embedded AWS was left as it is, in {folder}"
            emit(Noted(level="info", text=text, hint=f"stop it with `tapgen --project {folder / _STAGE} local stop`"))
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _files(environment: Environment) -> tuple[str, ...]:
    return tuple(name for name in (environment.layer.path, environment.layer.requirements) if name)


def _judged(verdict: Verdict) -> ScenarioJudged:
    return ScenarioJudged(
        scenario=verdict.scenario.name,
        passed=verdict.passed,
        text=_headline(verdict),
        details=summary(verdict),
    )


def _headline(verdict: Verdict) -> str:
    """One line for people: the first thing that went wrong, or how it was caught."""
    check = verdict.failed[0] if verdict.failed else verdict.checks[0]
    text = f"{check.must}: {check.happened}"
    after = "" if verdict.failed else recovery(verdict)
    return f"{text}; {after}" if after else text
