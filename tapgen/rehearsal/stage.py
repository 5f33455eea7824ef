"""The private AWS of a rehearsal with one environment's service on it: deploys to it and watches what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from tapgen.aws import stacks
from tapgen.aws.alarms import find_red
from tapgen.aws.api_transport import invoke_alias
from tapgen.aws.session import Aws, Target
from tapgen.aws.shifts import stop_shift
from tapgen.deploy.bootstrap import bootstrap
from tapgen.deploy.release.deploy import deploy
from tapgen.deploy.request import DeployRequest
from tapgen.deploy.shifts.shift_preflight import plan_shifts
from tapgen.errors import RehearsalError, TapgenError
from tapgen.events import ShiftProgressed
from tapgen.local.server import LocalAws
from tapgen.local.stand_ins import stand_in
from tapgen.local.tokens import Claims, mint
from tapgen.local.urls import public_url
from tapgen.naming import LIVE_ALIAS, Names
from tapgen.rehearsal.audience import Audience, Visit, authorize
from tapgen.rehearsal.recorder import Ending, Recorder
from tapgen.rehearsal.scenarios import HALF_WAY
from tapgen.rehearsal.subject import companions_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tapgen.config.environment import Environment, Jwt
    from tapgen.deploy.bootstrap import BootstrapRequest
    from tapgen.engine.context import Context
    from tapgen.events import Event, Listener
    from tapgen.model import GuardAlarm, Rendered
    from tapgen.rehearsal.observation import Observation, Sample
    from tapgen.rehearsal.scenarios import Scenario
    from tapgen.rehearsal.subject import Subject

# A guard looks at one minute and is evaluated ten seconds after it: what is red because of the past shows by then.
_CALM_MIN = 2.5
_MOST_CALM_MIN = 30.0
# How long a rollout is watched after its end: one evaluation of the alarms.
_AFTERMATH_MIN = 1.2
_POLL_S = 0.05
_DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast the private AWS lives and how busy it is."""

    minute_s: float
    """Seconds that an AWS minute takes."""
    requests_per_min: float
    """Requests in an AWS minute."""

    @property
    def wall_requests_per_min(self) -> float:
        """Requests in a minute of this machine's time."""
        return self.requests_per_min * 60 / self.minute_s


class PrivateAws:
    """An embedded AWS of the rehearsal's own, which is stopped at the end unless it is to be kept.

    Args:
        root: Its folder.
        environment: Whose account and region it stands for.
        keep: Leave it running.
    """

    def __init__(self, root: Path, environment: Environment, *, keep: bool) -> None:
        self._root = root
        self._environment = environment
        self._keep = keep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._keep:
            LocalAws(self._root).stop()

    def start(self, minute_s: float) -> Aws:
        """Clients of it, with AWS minutes of this length; what it held before it still holds.

        Raises:
            LocalError: It cannot be started.
        """
        local = (
            LocalAws(self._root, minute_s=minute_s)
            if self._keep
            else LocalAws(self._root, lifetime="parent", minute_s=minute_s, save="stop")
        )
        local.stop()
        credentials = LocalAws.credentials(self._environment.account_id)
        return Aws(
            Target(
                region=self._environment.region,
                endpoint_url=local.start().endpoint_url,
                access_key_id=credentials.access_key_id,
                secret_access_key=credentials.secret_access_key,
            )
        )

    def mint(self, jwt: Jwt, subject: str) -> str:
        """A token of the issuer that the environment names, which the private AWS stands in for, for a whole day.

        Raises:
            LocalError: It was not started yet.
        """
        claims = Claims(issuer=jwt.issuer, audience=jwt.audiences[0], subject=subject, expires_in_s=_DAY_S)
        return mint(LocalAws(self._root).status().state_dir, claims)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is tried, and as whom.

    Attributes:
        environment: The candidate's configuration.
        subject: The function that gets the faults; its journey is the traffic.
        mint: Makes tokens where the API wants them.
    """

    environment: Environment
    subject: Subject
    mint: Callable[[Jwt, str], str]


class Stage:
    """The service on its private AWS.

    Args:
        context: Of the rehearsal: its events are for the user, its AWS is the private one.
        trial: What is tried.
        pace: Time and traffic.
    """

    def __init__(self, context: Context, trial: Trial, pace: Pace) -> None:
        self.context = context
        self._environment = trial.environment
        self._names = Names(trial.environment)
        self._function = self._names.function(trial.subject.name)
        companions = companions_of(trial.environment.service, trial.subject)
        self._companions = tuple(self._names.function(each.name) for each in companions)
        self.pace = pace
        visit = Visit(
            journey=trial.subject.tried.journey,
            authorization=authorize(trial.environment, context.aws, trial.mint),
            invoke=invoke_alias(context.aws, self._function, alias=LIVE_ALIAS),
        )
        self.audience = Audience(context, visit, per_min=pace.wall_requests_per_min)

    def create(self, rendered: Rendered, bootstrapping: BootstrapRequest) -> str:
        """Deploy the first release; answers the API's URL, nothing when the service has none."""
        silent = self._context_with(lambda _: None)

        def create_bucket() -> None:
            bootstrap(silent, bootstrapping)

        stand_in(silent.aws, self._environment)
        result = deploy(silent, DeployRequest(rendered=rendered, confirm=lambda _: True, create_bucket=create_bucket))
        return public_url(self.context.aws.target.endpoint_url or "", result.outputs)

    def restore(self, rendered: Rendered) -> None:
        """Deploy a release that is known to be good; nobody watches."""
        deploy(self._context_with(lambda _: None), DeployRequest(rendered=rendered, confirm=lambda _: True))

    def observe(self, rendered: Rendered, scenario: Scenario) -> Observation:
        """Deploy a candidate and watch it until some time after its end."""
        recorder = Recorder(
            self.context.aws,
            self._function,
            companions=self._companions if scenario.together else (),
            minute_s=self.pace.minute_s,
            clock=self.context.clock,
        )
        operator = _Operator(self.context.aws, recorder, patience_s=self._half_way_s)
        if scenario.operator:
            recorder.on_sample = operator.look
        with recorder, self.audience.heard_by(recorder.count):
            outcome, error = self._deploy(rendered, recorder)
            deployed_s = recorder.elapsed_s
            # A version that throws is started anew for each request: the last answers come some time after it is gone.
            self.audience.await_answers_to(self.context.clock.monotonic())
            self.context.clock.sleep(_AFTERMATH_MIN * self.pace.minute_s)
        state = stacks.describe_stack(self.context.aws.client("cloudformation"), rendered.root_stack)
        ending = Ending(
            outcome=outcome,
            error=error,
            stack_status=state.status if state else "absent",
            deployed_s=deployed_s,
            stopped_s=operator.stopped_s,
        )
        plans = plan_shifts(rendered.templates)
        guards = next((plan.guards for plan in plans if plan.function == self._function), ())
        return recorder.conclude(ending, guards=guards)

    @property
    def is_calm(self) -> bool:
        """Whether no guard is red, and none will be because of the past."""
        quiet_s = self.context.clock.monotonic() - self.audience.last_bad_s
        return quiet_s >= _CALM_MIN * self.pace.minute_s and not self._red_guards()

    def await_calm(self) -> None:
        """Wait until the stage is calm.

        The API's 5xx guard has no version: it stays red for the last bad answers, and the next shift would be stopped
        for them. So it is on AWS, where a person waits in the same way.

        Raises:
            RehearsalError: A guard stays red.
        """
        deadline_s = self.context.clock.monotonic() + _MOST_CALM_MIN * self.pace.minute_s
        while not self.is_calm:
            if self.context.clock.monotonic() > deadline_s:
                red = [f"{alarm.name}: {alarm.reason}" for alarm in self._red_guards()]
                raise RehearsalError(
                    f"the guards did not go back to OK in {_MOST_CALM_MIN:.0f} AWS minutes",
                    why="\n".join(red) or "the API still gives bad answers",
                    code="not-calm",
                )
            self.context.clock.sleep(_POLL_S)

    @property
    def _half_way_s(self) -> float:
        return HALF_WAY * self._environment.shift.interval_min * self.pace.minute_s

    def _deploy(self, rendered: Rendered, recorder: Recorder) -> tuple[str, str]:
        def emit(event: Event) -> None:
            recorder.note(event)
            if isinstance(event, ShiftProgressed):
                self.context.emit(event)

        try:
            result = deploy(self._context_with(emit), DeployRequest(rendered=rendered, confirm=lambda _: True))
        except TapgenError as error:
            return error.code, error.why or error.what
        return result.status, ""

    def _context_with(self, emit: Listener) -> Context:
        return replace(self.context, emit=emit)

    def _red_guards(self) -> tuple[GuardAlarm, ...]:
        return find_red(self.context.aws, prefix=self._names.alarm("guard-"))


class _Operator:
    """Somebody who looks on for a while and then stops the shift, once.

    Args:
        aws: Clients of the private AWS.
        recorder: Knows the running shift.
        patience_s: How long the new version may have had its share.
    """

    def __init__(self, aws: Aws, recorder: Recorder, *, patience_s: float) -> None:
        self._aws = aws
        self._recorder = recorder
        self._patience_s = patience_s
        self._split_s: float | None = None
        self.stopped_s: float | None = None

    def look(self, sample: Sample) -> None:
        """Decide at each sample."""
        if self.stopped_s is not None or not sample.alias.weights:
            return
        if self._split_s is None:
            self._split_s = sample.at_s
        if self._recorder.deployment_id and sample.at_s - self._split_s >= self._patience_s:
            self.stopped_s = sample.until_s
            stop_shift(self._aws, self._recorder.deployment_id)
