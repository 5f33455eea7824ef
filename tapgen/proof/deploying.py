"""What the deployer does, as scenarios: status, records, a deploy that is declined, a deploy with shifts, a rollback.

Each leaves the service as another one can find it: ``restore`` waits until CloudFormation is done and frees the lock,
with the credentials of somebody who may.
"""

from __future__ import annotations

import dataclasses
import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tapgen.aws import stacks
from tapgen.aws.session import assume_role
from tapgen.deploy.context import Context
from tapgen.deploy.deployment import deployment_of
from tapgen.deploy.drift.detect import detect_drift
from tapgen.deploy.pipeline import deploy
from tapgen.deploy.request import DeployRequest
from tapgen.deploy.rollback import RollbackRequest, rollback
from tapgen.deploy.situation import observe, read_history
from tapgen.errors import TapgenError
from tapgen.events import Noted, ShiftProgressed
from tapgen.naming import LIVE_ALIAS, Names, lock_key
from tapgen.proof.scenarios import Scenario, StepFailedError
from tapgen.render import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.aws.session import Aws
    from tapgen.config.environment import Environment
    from tapgen.events import Event
    from tapgen.model import Rendered

_SMALLEST_MB = 640
_TIMEOUT_S = 120.0
_POLL_S = 0.05


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
    """

    environment: Environment
    rendered: Rendered
    owner: Aws
    role_arn: str
    bystanders: frozenset[str]
    minute_s: float
    _sizes: Iterator[int] = field(default_factory=lambda: itertools.count(_SMALLEST_MB))

    def scenarios(self) -> tuple[Scenario, ...]:
        """The cheap ones first: what they need is proven without a deploy."""
        made: tuple[tuple[str, Callable[[Context], Any]], ...] = (
            ("status", lambda context: observe(context, deployment_of(self.rendered))),
            ("releases", lambda context: read_history(context, deployment_of(self.rendered))),
            ("drift", self._look_for_drift),
            ("a declined deploy", self._decline),
            ("deploy", self._deploy),
            ("rollback", self._roll_back),
        )
        roles = frozenset({self.role_arn.rpartition("/")[2]})
        return tuple(
            Scenario(name=name, roles=roles, steps=self._steps(name, work), bystanders=self.bystanders)
            for name, work in made
        )

    def _steps(self, name: str, work: Callable[[Context], Any]) -> Callable[[], Iterator[str]]:
        def run() -> Iterator[str]:
            self._align()
            self._await_calm()
            said: list[Event] = []
            aws = assume_role(self.owner, self.role_arn, session_name="proof")
            try:
                work(Context(aws=aws, emit=said.append, minute_s=self.minute_s))
            except TapgenError as error:
                raise StepFailedError(name, f"{error.code}: {error.what}") from error
            finally:
                locked = self._restore()
            _check(name, said, locked=locked)
            yield name

        return run

    def _look_for_drift(self, context: Context) -> None:
        report = detect_drift(context, deployment_of(self.rendered))
        if report.failures:
            raise StepFailedError("drift", report.failures[0])

    def _decline(self, context: Context) -> None:
        deploy(context, self._request(lambda _: False))

    def _deploy(self, context: Context) -> None:
        deploy(context, self._request(lambda _: True))

    def _roll_back(self, context: Context) -> None:
        request = RollbackRequest(
            deployment=deployment_of(self.rendered), confirm=lambda _: True, confirm_stop=lambda: True
        )
        rollback(context, request)

    def _request(self, confirm: Callable[[Any], bool]) -> DeployRequest:
        """A release that publishes another version of the API function."""
        settings = self.environment.functions
        api = dataclasses.replace(settings.api, memory_mb=next(self._sizes))
        shift = dataclasses.replace(self.environment.shift, type="canary", percentage=50, interval_min=2)
        changed = dataclasses.replace(self.environment, functions=dataclasses.replace(settings, api=api), shift=shift)
        return DeployRequest(
            rendered=render(changed, self.rendered.artifacts),
            confirm=confirm,
            bootstrap_stack=Names(self.environment).bootstrap_stack,
        )

    def _align(self) -> None:
        """Point the live aliases where their stack says: other scenarios have shifted them."""
        state = stacks.describe_stack(self.owner.client("cloudformation"), self.rendered.root_stack)
        outputs = state.outputs if state else {}
        for function in ("Api", "Archiver"):
            name, _, version = outputs[f"{function}VersionArn"].rpartition(":function:")[2].partition(":")
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
        client = self.owner.client("cloudformation")
        deadline = time.monotonic() + _TIMEOUT_S
        while (state := stacks.describe_stack(client, self.rendered.root_stack)) and state.in_progress:
            if time.monotonic() > deadline:
                raise StepFailedError("restore", f"{state.name} is still {state.status}")
            time.sleep(_POLL_S)
        bucket, key = self.rendered.artifact_bucket, lock_key(self.rendered.deployment)
        s3 = self.owner.client("s3")
        locked = bool(s3.list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount"))
        s3.delete_object(Bucket=bucket, Key=key)
        return locked


def _check(name: str, said: list[Event], *, locked: bool) -> None:
    """What a deploy puts up with, because it may not stop for it, is no good end here."""
    for event in said:
        if isinstance(event, Noted) and event.level == "warning" and "denied" in event.text:
            raise StepFailedError(name, event.text.partition(":")[0])
    shifts = [event.shift for event in said if isinstance(event, ShiftProgressed)]
    if shifts and not any(shift.hooks for shift in shifts):
        raise StepFailedError(name, "nobody is told which hooks judge the shift")
    if shifts and name == "deploy" and not any(shift.window_min for shift in shifts):
        raise StepFailedError(name, "nobody is told how long the shift takes")
    if locked:
        raise StepFailedError(name, "the lock is left behind")
