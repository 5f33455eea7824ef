"""A deployment from its first release to its end, step by step, and calls on stacks that none of its steps needs.

A step that the control plane does not answer is told by its error; the next one goes on.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tapgen.aws import (
    adoptable,
    change_sets,
    dead_letters,
    drift,
    early_validation,
    operations,
    stack_events,
    stacks,
)
from tapgen.aws.import_change_sets import StackChange, create_stack_change, execute_stack_change
from tapgen.deploy.bootstrap import BootstrapRequest, bootstrap
from tapgen.deploy.destroy import DestroyRequest, destroy
from tapgen.deploy.drift.detect import detect_drift
from tapgen.deploy.recovery.execute import RecoverRequest, recover
from tapgen.deploy.release.attach import AttachRequest, attach
from tapgen.deploy.retention.gc import GcRequest, collect_garbage
from tapgen.deploy.rollback.execute import RollbackRequest, rollback
from tapgen.deploy.state.observed_state import observe
from tapgen.deploy.unlock import unlock
from tapgen.engine.context import Context
from tapgen.engine.deployment import deployment_of
from tapgen.errors import TapgenError, UsageError
from tests.local.deploy.service import Service, queue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.engine.context import Clock
    from tapgen.model import StackState

Step = tuple[str, "Callable[[], Any]"]


_MOST_WAITS = 200


class WaitedEnoughError(TapgenError):
    """Whoever watches would go on for ever: a watcher bears everything that AWS may recover from."""


class HurriedClock:
    """A clock whose waits are over at once, for a control plane that says at once what it will ever say."""

    def __init__(self) -> None:
        self._slept_s = 0.0
        self._waits = 0

    def monotonic(self) -> float:
        """Seconds, with what nobody waited for."""
        return time.monotonic() + self._slept_s

    def sleep(self, seconds: float) -> None:
        """Let the time have passed.

        Raises:
            WaitedEnoughError: Nothing comes of waiting.
        """
        self._slept_s += seconds
        self._waits += 1
        if self._waits > _MOST_WAITS:
            raise WaitedEnoughError("nothing comes of waiting", hint="look at what is waited for")


class PeerService(Service):
    """The small service, deployed without waits."""

    @property
    def context(self) -> Context:
        """A context that keeps the events."""
        clock: Clock = HurriedClock()
        return Context(aws=self.aws, emit=self.events.append, clock=clock)


def steps(service: Service) -> Iterator[Step]:
    """The steps in their order; each is called before the next one is made."""
    client = service.aws.client("cloudformation")
    deployment = deployment_of(service.render())
    yield "bootstrap", lambda: bootstrap(service.context, _bootstrap_request(service)).status
    yield "bootstrap again", lambda: bootstrap(service.context, _bootstrap_request(service)).status
    yield "deploy", lambda: service.deploy().status
    yield "deploy again", lambda: service.deploy().status
    _change(service, 20)
    yield "deploy a change", lambda: service.deploy().status
    yield "releases", lambda: [record.succeeded for record in observe(service.context, deployment).history.records]
    yield "attach", lambda: attach(service.context, _attach_request(service)).status
    yield "rollback", lambda: rollback(service.context, _rollback_request(service)).status
    yield "unlock", lambda: unlock(service.context, deployment, confirm=lambda: True).status
    yield (
        "recover",
        lambda: recover(service.context, RecoverRequest(deployment=deployment, confirm=lambda: True)).status,
    )
    yield "gc", lambda: collect_garbage(service.context, _gc_request(service)).status
    yield "drift", lambda: bool(detect_drift(service.context, deployment))
    yield "drift of one stack", lambda: _detect(service)
    yield "drifts listed", lambda: drift.list_drifts(client, service.name)
    yield "template", lambda: bool(stacks.read_template(client, service.name))
    yield "retained", lambda: sorted(stacks.find_retained(client, service.name))
    yield "stack policy", lambda: _set_policy(service)
    yield "termination protection", lambda: _protect(service)
    yield "owner", lambda: _owner(service)
    yield "change set deleted", lambda: _change_and_delete(service)
    yield "events", lambda: bool(stacks.latest_event_time(client, service.name))
    yield "events followed", lambda: bool(_follow(service))
    yield "change of one stack", lambda: _change_alone(service)
    yield "validations", lambda: early_validation.read_objections(service.aws, _change_set_id(service))
    yield "update cancelled", lambda: stacks.cancel_update(client, service.name)
    yield "rollback continued", lambda: operations.continue_rollback(client, service.name)
    yield "stack rolled back", lambda: operations.roll_back_stack(client, service.name)
    yield "destroy", lambda: destroy(service.context, _destroy_request(service)).status


def _change(service: Service, seconds: int) -> None:
    service.resources["Compute"]["Jobs"] = queue(f"{service.name}-jobs", VisibilityTimeout=seconds)


def _bootstrap_request(service: Service) -> BootstrapRequest:
    return BootstrapRequest(
        environment="dev",
        account_id="000000000000",
        stack=f"{service.name}-bootstrap",
        template_body='{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}',
        tags={"Owner": "payments"},
    )


def _attach_request(service: Service) -> AttachRequest:
    rendered = service.render()
    return AttachRequest(deployment=deployment_of(rendered), policy=rendered.shift, probes=lambda: None)


def _rollback_request(service: Service) -> RollbackRequest:
    return RollbackRequest(
        deployment=deployment_of(service.render()), confirm=lambda _: True, confirm_stop=lambda: True
    )


def _gc_request(service: Service) -> GcRequest:
    return GcRequest(deployment=deployment_of(service.render()), keep=1, show=lambda _: None, confirm=lambda: True)


def _destroy_request(service: Service) -> DestroyRequest:
    return DestroyRequest(
        deployment=deployment_of(service.render()), protected=False, confirm=lambda _: True, delete_data=True
    )


def _detect(service: Service) -> str:
    client = service.aws.client("cloudformation")
    return drift.read_detection(client, drift.start_detection(client, service.name) or "").status


def _set_policy(service: Service) -> str:
    client = service.aws.client("cloudformation")
    stacks.set_stack_policy(client, service.name, '{"Statement": []}')
    return stacks.read_stack_policy(client, service.name)


def _protect(service: Service) -> bool:
    client = service.aws.client("cloudformation")
    stacks.set_termination_protection(client, service.name, enabled=True)
    state = stacks.describe_stack(client, service.name)
    stacks.set_termination_protection(client, service.name, enabled=False)
    return state is not None and state.termination_protection


def _live(service: Service) -> StackState:
    found = stacks.describe_stack(service.aws.client("cloudformation"), service.name)
    if found is None:
        raise UsageError("there is no stack")
    return found


def _follow(service: Service) -> Any:
    client = service.aws.client("cloudformation")
    state = _live(service)
    reader = stack_events.StackEventReader(
        client, stack_id=state.stack_id, since=state.last_updated or datetime.now(UTC)
    )
    return reader.read_new() or reader


def _change_alone(service: Service) -> str:
    client = service.aws.client("cloudformation")
    change = StackChange(
        stack=service.name, name="alone", kind="UPDATE", kept_parameters=("ReleaseId",), tags={"Owner": "nobody"}
    )
    change_set_id = create_stack_change(client, change)
    execute_stack_change(client, change_set_id)
    return change_set_id


def _owner(service: Service) -> bool:
    url = dead_letters.find_queue(service.aws.client("sqs"), f"{service.name}-jobs")
    return bool(adoptable.find_owner(service.aws, url))


def _change_and_delete(service: Service) -> str:
    client = service.aws.client("cloudformation")
    live = _live(service)
    change_set_id = change_sets.create_reverting_change_set(client, live, name="again")
    change_sets.delete_change_set(client, change_set_id)
    return "deleted"


def _change_set_id(service: Service) -> str:
    return f"arn:aws:cloudformation:eu-central-1:000000000000:changeSet/{service.name}/1"
