"""The order of a rehearsal: baseline, traffic, candidate, then one fault after the other from a stable service.

::

    baseline ─► create on a private AWS ─► traffic ─► candidate ships ─┬─► throws ─► calm ─► answers 500 ─► calm …
                                                                       └─► it did not: the others are not rehearsed
"""

from __future__ import annotations

import shutil
import tempfile
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.engine.context import Context
from tapgen.events import Noted, ScenarioJudged
from tapgen.rehearsal.baselines import THE_PROJECT
from tapgen.rehearsal.capacity import LONGEST_MINUTE_S, SHORTEST_MINUTE_S, choose_minute_s, was_disturbed
from tapgen.rehearsal.editions import Editions
from tapgen.rehearsal.judging import judge
from tapgen.rehearsal.report import Report, recovery, summary, write_timeline
from tapgen.rehearsal.scenarios import CANDIDATE, why_not
from tapgen.rehearsal.sources import Sources
from tapgen.rehearsal.stage import Pace, PrivateAws, Stage, Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.config.environment import Environment
    from tapgen.deploy.bootstrap import BootstrapRequest
    from tapgen.events import Listener
    from tapgen.rehearsal.baselines import Baseline
    from tapgen.rehearsal.judging import Verdict
    from tapgen.rehearsal.observation import Observation
    from tapgen.rehearsal.scenarios import Scenario
    from tapgen.rehearsal.subject import Subject

_STAGE = "stage"
_STABLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}


@dataclass(frozen=True, kw_only=True)
class RehearsalRequest:
    """What to rehearse and where to write what was seen."""

    project: Path
    environment: Environment
    subject: Subject
    """The function that gets the faults; its journey is the traffic."""
    baselines: tuple[Baseline, ...]
    """What the candidate may replace, best first; the project as it is takes the place of what cannot be rendered."""
    scenarios: tuple[Scenario, ...]
    requests_per_min: float
    """Requests in an AWS minute."""
    minute_s: float | None
    """Seconds that an AWS minute takes; None adapts it to this machine."""
    output: Path
    """Folder for timelines and drawings."""
    keep: bool
    """Leave the embedded AWS and its folder for somebody to look at."""
    bootstrapping: Callable[[Environment], BootstrapRequest]
    """The bootstrap stack of an environment."""


def rehearse(emit: Listener, request: RehearsalRequest) -> Report:
    """Run the scenarios, each judged as it ends.

    Raises:
        UsageError, ConfigError, PackagingError, RenderError: The project, or its baseline, cannot be rendered.
        LocalError: The embedded AWS cannot be started.
        RehearsalError: The service could not be brought to the trial.
    """
    with _folder(emit, keep=request.keep) as folder:
        sources = Sources(request.project, folder, files=_files(request.environment))
        # In a project of its own, so that `tapgen local` can look at what was kept.
        root = sources.copy(_STAGE) / ".tapgen" / "local"
        with PrivateAws(root, request.environment, keep=request.keep) as private:
            editions = Editions(sources, request.environment, request.subject)
            return _Rehearsal(emit, request, editions, private).run()


class _Rehearsal:
    def __init__(self, emit: Listener, request: RehearsalRequest, editions: Editions, private: PrivateAws) -> None:
        self._emit = emit
        self._request = request
        self._editions = editions
        self._private = private
        self._stage = self._open_stage(request.minute_s or SHORTEST_MINUTE_S)
        self._verdicts: list[Verdict] = []

    def run(self) -> Report:
        request = self._request
        reasons = [
            (scenario, why_not(scenario, request.environment, request.subject)) for scenario in request.scenarios
        ]
        scenarios = deque(scenario for scenario, why in reasons if not why)
        with self._stage.context.step("baseline", "Deploying the baseline") as step:
            baseline, url = self._create(with_candidate=CANDIDATE in scenarios)
            step.text = f"The baseline serves: {baseline.text}"
        if request.minute_s is None:
            self._adapt(url)
        obstacle = self._play_all(scenarios, url)
        return Report(
            environment=request.environment.label,
            baseline=baseline.text,
            minute_s=self._stage.pace.minute_s,
            requests_per_min=request.requests_per_min,
            verdicts=tuple(self._verdicts),
            skipped=(
                *((scenario, obstacle) for scenario in scenarios),
                *((scenario, why) for scenario, why in reasons if why),
            ),
            folder=request.output,
        )

    def _open_stage(self, minute_s: float) -> Stage:
        context = Context(aws=self._private.start(minute_s), emit=self._emit, minute_s=minute_s)
        pace = Pace(minute_s=minute_s, requests_per_min=self._request.requests_per_min)
        trial = Trial(environment=self._request.environment, subject=self._request.subject, mint=self._private.mint)
        return Stage(context, trial, pace)

    def _create(self, *, with_candidate: bool) -> tuple[Baseline, str]:
        """Deploy what is to be replaced; the project itself when nothing but faulty candidates follow."""
        request, stage = self._request, self._stage
        baseline, rendered = THE_PROJECT, self._editions.as_it_is
        if with_candidate:
            baseline, rendered = self._editions.choose_baseline(
                request.baselines, warn=partial(stage.context.warn, code="baseline-replaced")
            )
        return baseline, stage.create(rendered, request.bootstrapping(request.environment))

    def _adapt(self, url: str) -> None:
        """Give AWS minutes the time that this machine needs for their requests."""
        with self._stage.context.step("calibrate", "Measuring how fast this machine answers") as step:
            answered_per_s = self._stage.audience.measure(url)
            minute_s = choose_minute_s(self._request.requests_per_min, answered_per_s=answered_per_s)
            if minute_s != self._stage.pace.minute_s:
                self._stage = self._open_stage(minute_s)
            step.text = f"{answered_per_s:.0f} requests a second: an AWS minute takes {minute_s:g} s"

    def _play_all(self, scenarios: deque[Scenario], url: str) -> str:
        """Run the scenarios, each taken out as it is judged; answers why the others could not follow."""
        obstacle = ""
        while scenarios and not obstacle:
            with self._stage.audience.calling(url):
                disturbed = False
                while scenarios and not obstacle and not disturbed:
                    disturbed, obstacle = self._play_next(scenarios)
            if disturbed:
                self._slow_down()
        return obstacle

    def _play_next(self, scenarios: deque[Scenario]) -> tuple[bool, str]:
        """(whether it must be tried again, why no other one can follow)."""
        scenario, stage = scenarios[0], self._stage
        self._await_calm()
        slow_s = self._request.environment.alarms.latency_p90_ms / 1000
        with stage.context.step("rehearse", f"Rehearsing {scenario.title}") as step:
            seen = stage.observe(self._editions.of(scenario), scenario)
            verdict = judge(scenario, seen, slow_s=slow_s)
            step.text = f"Rehearsed {scenario.title}"
        can_slow_down = self._request.minute_s is None and stage.pace.minute_s < LONGEST_MINUTE_S
        disturbed = (
            not verdict.passed
            and can_slow_down
            and was_disturbed(scenario, seen, wanted_per_min=stage.pace.requests_per_min)
        )
        if not disturbed:
            scenarios.popleft()
            self._verdicts.append(verdict)
            write_timeline(self._request.output, verdict, seen)
            self._emit(_judged(verdict))
        return disturbed, "" if disturbed else self._settle(verdict, seen)

    def _settle(self, verdict: Verdict, seen: Observation) -> str:
        """Leave a stable service behind; answers why there is none."""
        if verdict.scenario.ships:
            return "" if verdict.passed else "the candidate itself did not ship as it must"
        if seen.stack_status not in _STABLE:
            return f"the stack was left in {seen.stack_status}"
        if seen.after != seen.before:
            with self._stage.context.step("baseline", "Bringing the candidate back: a faulty one went live") as step:
                self._stage.restore(self._editions.as_it_is)
                step.text = "The candidate serves again"
        return ""

    def _await_calm(self) -> None:
        if self._stage.is_calm:
            return
        with self._stage.context.step("calm", "Waiting until the guards are OK, as on AWS") as step:
            self._stage.await_calm()
            step.text = "The guards are OK"

    def _slow_down(self) -> None:
        """A latency guard measures this machine as well, and what it cannot answer in time is nobody's fault."""
        minute_s = min(LONGEST_MINUTE_S, self._stage.pace.minute_s * 2)
        self._stage.context.warn(
            f"this machine was too busy to tell: an AWS minute takes {minute_s:g} s from now on, and it is tried again",
            code="machine-busy",
        )
        self._stage = self._open_stage(minute_s)


@contextmanager
def _folder(emit: Listener, *, keep: bool) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tapgen-rehearsal-"))
    try:
        yield folder
    finally:
        if keep:
            text = f"the embedded AWS was left as it is, in {folder}"
            emit(
                Noted(
                    level="info",
                    text=text,
                    hint=f"stop it with `tapgen --project {folder / _STAGE} local stop`",
                    code="stage-kept",
                )
            )
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
