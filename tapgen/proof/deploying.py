"""What the deployer does, as scenarios: every command of the role, and deploys with every end.

Each leaves the service as another one can find it: ``restore`` waits until CloudFormation is done and frees the lock,
with the credentials of somebody who may.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from tapgen.aws import stacks
from tapgen.aws.session import assume_role
from tapgen.config.environment import FUNCTIONS
from tapgen.deploy.plans.document import open_plan
from tapgen.deploy.plans.execute import PlanRequest, deploy_plan
from tapgen.deploy.plans.make import make_plan
from tapgen.deploy.records.markers import NoMarker
from tapgen.deploy.release.attach import AttachRequest, attach
from tapgen.deploy.release.deploy import deploy
from tapgen.deploy.request import DeployRequest
from tapgen.deploy.rollback.execute import RollbackRequest, rollback
from tapgen.deploy.state.observed_state import observe, read_history
from tapgen.deploy.unlock import unlock
from tapgen.engine.context import Context
from tapgen.engine.deployment import deployment_of
from tapgen.engine.lock import hold_lock
from tapgen.errors import TapgenError
from tapgen.naming import LIVE_ALIAS, SHIFT_ALL_AT_ONCE, SHIFT_PARAMETER, Names
from tapgen.object_keys import lock_key
from tapgen.parts.function import values
from tapgen.proof import inspections
from tapgen.proof.endings import check_end, want_rollback
from tapgen.proof.interventions import SHIFT_SPLIT, UPDATE_BEGUN, Operator, refused_role
from tapgen.proof.scenarios import Scenario, StepFailedError
from tapgen.render import render
from tapgen.report.reporter import ReleaseReporter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.aws.session import Aws
    from tapgen.config.environment import Environment
    from tapgen.events import Event
    from tapgen.model import Rendered, StackState
    from tapgen.parts.function.model import Function
    from tapgen.service.model import Model
from tapgen.proof.interventions import Moment

_SMALLEST_MB = 640
_TIMEOUT_S = 120.0
_POLL_S = 0.05
_TRIES = 5
_VALID_FOR = timedelta(hours=1)
_CANCELLED, _STOPPED = "a deploy that is cancelled", "a deploy that is stopped"
_AWAITING = {_CANCELLED, _STOPPED}
"""An operator waits for the moment to intervene."""


def with_canary(environment: Environment) -> Environment:
    """The environment with a canary that is quick, and whose configuration CodeDeploy does not have by itself."""
    shift = replace(environment.shift, type="canary", percentage=50, interval_min=2, inconclusive="warn")
    return replace(environment, shift=shift)


def choose_subject(service: Model) -> Function:
    """The function that deploys change: the first that needs something by a role of tapgen's, otherwise the first."""
    needing = (part for part in service.functions if part.grants and not part.role_arn)
    return next(needing, service.functions[0])


def granted_actions(subject: Function) -> tuple[str, ...]:
    """Every action that was granted to a function; without one it fails its journey where that needs any."""
    return tuple(sorted({action for grant in subject.grants for action in grant.verb.actions})) or ("*",)


def hooks_refuse(service: Model) -> bool:
    """Whether a hook finds the function broken when its role may do nothing: a journey uses what it is granted."""
    subject = choose_subject(service)
    return bool(subject.grants and subject.journey and subject.journey.steps_for("hook"))


@dataclass(kw_only=True)
class Deploying:
    """A deployer at work.

    Attributes:
        environment: What is deployed.
        rendered: Its release.
        owner: Clients of somebody who may do everything, to clean up.
        role_arn: The deployer role.
        bystanders: Roles that work while a deploy shifts traffic.
        minute_s: Seconds of a minute of AWS.
        whose: Follows the names of the scenarios.
        commands: The scenarios to make; all of them when left out.
    """

    environment: Environment
    rendered: Rendered
    owner: Aws
    role_arn: str
    bystanders: frozenset[str]
    minute_s: float
    whose: str = ""
    commands: frozenset[str] = frozenset()
    _sizes: Iterator[int] = field(default_factory=lambda: itertools.count(_SMALLEST_MB))

    def scenarios(self) -> tuple[Scenario, ...]:
        """The cheap ones first: what they need is proven without a deploy."""
        made: dict[str, Callable[[Context], Any]] = {
            "status": lambda context: observe(context, deployment_of(self.rendered)),
            "releases": lambda context: read_history(context, deployment_of(self.rendered)),
            "outputs": lambda context: self._state(context.aws),
            **self._verifications(),
            "drift": lambda context: inspections.look_for_drift(context, self.rendered),
            "report": lambda context: inspections.read_report(context, self.rendered),
            "unlock": self._unlock,
            "diff": lambda context: inspections.compare_online(context, self._request(_no)),
            "a refused change set": lambda context: inspections.have_refused(
                context, self.environment, self._request(_no)
            ),
            "a declined deploy": self._decline,
            "a plan and its deploy": self._deploy_plan,
            "deploy": self._deploy,
            "attach": self._attach,
            "rollback": self._roll_back,
            _CANCELLED: lambda context: self._intervene(context, UPDATE_BEGUN),
            _STOPPED: lambda context: self._intervene(context, SHIFT_SPLIT),
        }
        if hooks_refuse(self.environment.service):
            made["a deploy that a hook refuses"] = self._refuse
        roles = frozenset({self.role_arn.rpartition("/")[2]})
        return tuple(
            Scenario(
                name=f"{name}{self.whose}",
                roles=roles,
                steps=self._steps(name, work),
                bystanders=self.bystanders,
                waits=name in _AWAITING,
            )
            for name, work in made.items()
            if name.partition(":")[0] in self.commands or not self.commands
        )

    def _verifications(self) -> dict[str, Callable[[Context], Any]]:
        return {
            f"verify: {part}": partial(
                inspections.verify, environment=self.environment, rendered=self.rendered, checks=checks
            )
            for part, checks in inspections.verifications(self.environment).items()
        }

    def _steps(self, name: str, work: Callable[[Context], Any]) -> Callable[[], Iterator[str]]:
        def run() -> Iterator[str]:
            self._align()
            self._await_calm()
            said: list[Event] = []
            aws = assume_role(self.owner, self.role_arn, session_name="proof")
            try:
                work(Context(aws=aws, emit=said.append, minute_s=self.minute_s))
            except TapgenError as error:
                raise StepFailedError(f"{name}{self.whose}", f"{error.code}: {error.what}") from error
            finally:
                locked = self._restore()
            check_end(name, said, locked=locked)
            yield f"{name}{self.whose}"

        return run

    def _unlock(self, context: Context) -> None:
        """The lock of an owner who is in the middle of something."""
        deployment = deployment_of(self.rendered)
        with hold_lock(self._theirs, deployment.lock_request("deploy")):
            result = unlock(context, deployment, confirm=lambda: True)
        if result.status != "done":
            raise StepFailedError("unlock", f"the lock is {result.status}")

    def _decline(self, context: Context) -> None:
        deploy(context, self._request(_no))

    def _deploy(self, context: Context) -> None:
        request = self._request(_yes)
        reporter = ReleaseReporter(context, deployment_of(request.rendered), request.rendered)
        deploy(reporter.context, replace(request, reporter=reporter))

    def _deploy_plan(self, context: Context) -> None:
        """What one seals, another one executes; here both are the same. It shifts all at once, as CodeDeploy does."""
        request = self._request(_yes)
        at_once = {**request.rendered.parameters, SHIFT_PARAMETER: SHIFT_ALL_AT_ONCE}
        request = replace(request, rendered=replace(request.rendered, parameters=at_once))
        _, file = make_plan(context, request, expires_in=_VALID_FOR)
        plan = PlanRequest(
            plan=open_plan(file, place="the proof's plan"),
            deployment=deployment_of(self.rendered),
            confirm=_yes,
            marker=NoMarker(),
        )
        if deploy_plan(context, plan).status != "done":
            raise StepFailedError("a plan and its deploy", "it was not executed")

    def _attach(self, context: Context) -> None:
        """Join what the owner has begun and left."""
        begun = self._request(_yes)
        deploy(self._theirs, replace(begun, detach=True))
        request = AttachRequest(
            deployment=deployment_of(self.rendered), policy=begun.rendered.shift, probes=lambda: None
        )
        if attach(context, request).status != "done":
            raise StepFailedError("attach", "nothing was running")

    def _intervene(self, context: Context, moment: Moment) -> None:
        """Stop a deploy at a moment; what was live before has to serve again.

        On a busy machine the shift may have begun before the update is cancelled, which is another stop: every stack
        gets another tag, so that the shift comes late, and if it is too early all the same, try again.
        """
        for _ in range(_TRIES):
            operator = Operator(moment)
            owner = f"proof-{next(self._sizes)}" if moment is UPDATE_BEGUN else ""
            watched, request = operator.watch(context), self._request(_yes, interval_min=5, owner=owner)
            want_rollback(partial(deploy, watched, request))
            if any(moment.answer in text for text in operator.told):
                return
            self._restore()
            self._align()
            self._await_calm()
        raise StepFailedError("intervene", f"{moment.answer!r} was never said in {_TRIES} deploys")

    def _refuse(self, context: Context) -> None:
        """A deploy whose new version may do nothing that it needs, which the hook before the shift finds."""
        subject = choose_subject(self.environment.service)
        role = Names(self.environment).function_role(subject.name)
        with refused_role(self.owner, role, granted_actions(subject)):
            want_rollback(lambda: deploy(context, self._request(_yes)))

    def _roll_back(self, context: Context) -> None:
        """Take back what the owner has released."""
        deploy(self._theirs, self._request(_yes))
        request = RollbackRequest(deployment=deployment_of(self.rendered), confirm=_yes, confirm_stop=lambda: True)
        rollback(context, request)

    @property
    def _theirs(self) -> Context:
        """The owner's, who does what the deployer finds."""
        return Context(aws=self.owner, emit=lambda _: None, minute_s=self.minute_s)

    def _request(self, confirm: Callable[[Any], bool], *, interval_min: int = 2, owner: str = "") -> DeployRequest:
        """A release that publishes another version of one function; another owner changes every stack."""
        parts, function = self.environment.parts, choose_subject(self.environment.service)
        sized = replace(self.environment.functions[function.name], memory_mb=next(self._sizes))
        functions = {**self.environment.functions, function.name: sized}
        shift = replace(with_canary(self.environment).shift, interval_min=interval_min)
        tags = replace(self.environment.tags, owner=owner or self.environment.tags.owner)
        changed = replace(self.environment, parts={**parts, FUNCTIONS: functions}, shift=shift, tags=tags)
        return DeployRequest(
            rendered=render(changed, self.rendered.artifacts),
            confirm=confirm,
            bootstrap_stack=Names(self.environment).bootstrap_stack,
        )

    def _state(self, aws: Aws) -> StackState | None:
        return stacks.describe_stack(aws.client("cloudformation"), self.rendered.root_stack)

    def _align(self) -> None:
        """Point the live aliases where their stack says: other scenarios have shifted them."""
        state = self._state(self.owner)
        outputs = state.outputs if state else {}
        for function in self.environment.service.functions:
            name, _, version = outputs[values.version_arn(function).name].rpartition(":function:")[2].partition(":")
            self.owner.client("lambda").update_alias(
                FunctionName=name,
                Name=LIVE_ALIAS,
                FunctionVersion=version,
                RoutingConfig={"AdditionalVersionWeights": {}},
            )

    def _await_calm(self) -> None:
        """Wait until no guard is red: mutants make functions fail."""
        client, prefix = self.owner.client("cloudwatch"), Names(self.environment).alarm("guard")
        deadline = time.monotonic() + _TIMEOUT_S
        while client.describe_alarms(AlarmNamePrefix=prefix, StateValue="ALARM")["MetricAlarms"]:
            if time.monotonic() > deadline:
                raise StepFailedError("calm", "a guard stays red")
            time.sleep(_POLL_S)

    def _restore(self) -> bool:
        """Answers whether the lock was left behind."""
        deadline = time.monotonic() + _TIMEOUT_S
        while (state := self._state(self.owner)) and state.in_progress:
            if time.monotonic() > deadline:
                raise StepFailedError("restore", f"{state.name} is still {state.status}")
            time.sleep(_POLL_S)
        bucket, key = self.rendered.artifact_bucket, lock_key(self.rendered.deployment)
        s3 = self.owner.client("s3")
        locked = bool(s3.list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount"))
        s3.delete_object(Bucket=bucket, Key=key)
        return locked


def _yes(_: object) -> bool:
    return True


def _no(_: object) -> bool:
    return False
