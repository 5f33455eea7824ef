"""Takes an earlier release live again, or stops the one that is on its way.

``rollback_plan`` decides from the observed state; this does it. Only CloudFormation and CodeDeploy move an alias: one
that is moved by hand differs from its stack, and the next deploy trips over it.
"""

from __future__ import annotations

import platform
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tapgen._version import __version__
from tapgen.aws import shifts, stacks
from tapgen.aws.session import check_account
from tapgen.aws.stacks import STABLE
from tapgen.deploy.records.release_record import Purpose
from tapgen.deploy.release.release import release
from tapgen.deploy.request import DeployRequest
from tapgen.deploy.rollback.decide import CancelUpdate, Redeploy, Refuse, StopShifts, plan_rollback
from tapgen.deploy.state.observed_state import observe
from tapgen.deploy.state.preflight import Ready
from tapgen.deploy.state.recorded_release import restore
from tapgen.deploy.watch.stack_watcher import Operation, follow
from tapgen.engine.lock import hold_lock
from tapgen.engine.reporting import NoReporter
from tapgen.errors import AttentionError, ExitCode, RefusedError, UsageError
from tapgen.events import Noted, Result
from tapgen.gates.allowances import Allowances
from tapgen.ledger.history import choose_target
from tapgen.ledger.record import Outcome
from tapgen.naming import RELEASE_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from tapgen.deploy.state.observed_state import History, Situation
    from tapgen.deploy.watch.stack_watcher import Followed
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.engine.reporting import Reporter
    from tapgen.ledger.record import Record
    from tapgen.model import ChangeSet, StackState


@dataclass(frozen=True, kw_only=True)
class RollbackRequest:
    """What to go back to, and how."""

    deployment: Deployment
    confirm: Callable[[ChangeSet], bool]
    """Asked with the change set in hand; False declines."""
    confirm_stop: Callable[[], bool]
    """Asked before something that runs is stopped; False declines."""
    to: str | None = None
    """An id, a number or ``-N``; None is the release before the live one."""
    gradual: bool = False
    """Shift as the release configured it, instead of all at once."""
    role_arn: str | None = None
    """Service role that CloudFormation assumes; None takes the recorded one."""
    allow_replace: tuple[str, ...] = ()
    """Resources that may lose data or protection: ``--allow-replace``."""
    wait: bool = False
    """Wait for the deployment's lock."""
    reporter: Reporter = field(default_factory=NoReporter)
    """Told of the execution and of its end."""


def rollback(context: Context, request: RollbackRequest) -> Result:
    """Go back.

    Returns:
        ``done`` with outputs, ``unchanged``, ``declined``, or ``detached`` when the operator left.

    Raises:
        CredentialsError: The credentials are of another account.
        UsageError: Nothing is deployed, or there is no such release.
        RefusedError: It would take data with it, the release's files are gone, or somebody else holds the lock.
        AttentionError: The stack is in a state that only ``recover`` leads out of.
        DeploymentError: The rollback itself failed; what was live before still is.
    """
    deployment = request.deployment
    check_account(context.aws, environment=deployment.environment, account_id=deployment.account_id)
    while True:
        with context.step("preflight", "Looking at the stack and its shifts") as step:
            situation = observe(context, deployment)
            root = situation.history.root
            plan = plan_rollback(root, running=situation.running, options=deployment.options)
            step.text = f"{deployment.root_stack} is {root.status if root else 'not there'}"
        if isinstance(plan, Refuse):
            raise plan.error
        if isinstance(plan, Redeploy):
            return _redeploy(context, request, situation.history)
        if isinstance(plan, StopShifts | CancelUpdate):
            result = _stop(context, request, situation, plan)
        else:
            result = _await(context, request, situation)
        if result:
            return result


def _stop(
    context: Context, request: RollbackRequest, situation: Situation, plan: StopShifts | CancelUpdate
) -> Result | None:
    """Stop what runs and follow the stack back; None when it was over before it could be stopped."""
    _refuse_target(request)
    what = f"the shift {', '.join(plan.deployment_ids)}" if isinstance(plan, StopShifts) else "the update"
    context.warn(
        f"{what} is running; it will be stopped, and what was live before serves again", code="release-stopped"
    )
    if not request.confirm_stop():
        return _result(request, "declined", exit_code=ExitCode.REFUSED)
    record = _record_stop(context, request, situation.history)
    with context.step("stop", f"Stopping {what}") as step:
        _do_stop(context, request, plan)
        followed = _follow(context, situation, request.deployment.options)
        step.text = f"{request.deployment.root_stack} is {followed.status}"
    if followed.detached:
        return _result(request, "detached", exit_code=ExitCode.INTERRUPTED)
    state = stacks.describe_stack(context.aws.client("cloudformation"), request.deployment.root_stack)
    returned = state is not None and state.status == "UPDATE_ROLLBACK_COMPLETE"
    if record:
        status: Literal["succeeded", "failed"] = "succeeded" if returned else "failed"
        outputs = state.outputs if state and returned else {}
        outcome = Outcome(
            status=status, finished_at=datetime.now(UTC), reason="" if returned else step.text, outputs=outputs
        )
        request.deployment.ledger(context).settle(record.sequence, outcome)
    if returned and state:
        return _result(request, "done", state=state)
    if state and state.status not in STABLE:
        raise AttentionError(
            f"the rollback left the stack in {state.status}",
            why=state.status_reason,
            hint=f"`tapgen recover {request.deployment.options}` shows the safe action and takes it",
            code="needs-recovery",
        )
    context.warn(f"{what} was over before it could be stopped", code="release-over")
    return None


def _do_stop(context: Context, request: RollbackRequest, plan: StopShifts | CancelUpdate) -> None:
    if isinstance(plan, StopShifts):
        for deployment_id in plan.deployment_ids:
            shifts.stop_shift(context.aws, deployment_id)
    else:
        stacks.cancel_update(context.aws.client("cloudformation"), request.deployment.root_stack)


def _refuse_target(request: RollbackRequest) -> None:
    if request.to:
        raise UsageError(
            f"an update is running, so that --to {request.to} cannot be taken live now",
            hint="run rollback without --to, which stops the update; then again with it",
            code="update-running",
        )


def _record_stop(context: Context, request: RollbackRequest, history: History) -> Record | None:
    """A record of its own, which points at what serves again; None when that has no record."""
    running = next((record for record in reversed(history.records) if record.execution), None)
    before = running.intent.previous if running else None
    restored = next((record for record in history.records if before and record.sequence == before.sequence), None)
    if running is None or restored is None:
        return None
    intent = replace(
        restored.intent,
        sequence=history.records[-1].sequence + 1,
        token=uuid.uuid4().hex,
        operation="rollback",
        who=context.aws.identity().arn,
        host=platform.node(),
        started_at=datetime.now(UTC),
        tool=f"tapgen/{__version__}",
        previous=restored.reference,
        restores=restored.reference,
        stops=running.reference,
        break_glass=None,
        allowances=None,
    )
    return replace(restored, intent=request.deployment.ledger(context).begin(intent))


def _await(context: Context, request: RollbackRequest, situation: Situation) -> Result | None:
    """Follow what cannot be stopped to its end; None when it is there."""
    with context.step("wait", "Waiting until CloudFormation has finished") as step:
        followed = _follow(context, situation, request.deployment.options)
        step.text = "Left" if followed.detached else f"The stack is {followed.status}"
    return _result(request, "detached", exit_code=ExitCode.INTERRUPTED) if followed.detached else None


def _follow(context: Context, situation: Situation, options: str) -> Followed:
    root = situation.history.root
    if root is None:
        raise UsageError("there is no stack to follow")
    since = root.last_updated or datetime.min.replace(tzinfo=UTC)
    return follow(context, Operation(stack_id=root.stack_id, since=since, options=options))


def _redeploy(context: Context, request: RollbackRequest, history: History) -> Result:
    deployment = request.deployment
    target = choose_target(history.records, history.live, request.to)
    with context.step("restore", f"Reading release {target.sequence} back") as step:
        rendered = restore(context, deployment, target, gradual=request.gradual)
        step.text = f"Release {target.sequence} ({target.release_id}) of {target.intent.started_at:%Y-%m-%d %H:%M} UTC"
    context.emit(
        Noted(
            level="info",
            text="code and configuration go back; data stays as it is now",
            hint="a table's earlier state comes back by point-in-time recovery alone, into a new table",
            code="data-not-rolled-back",
        )
    )
    role_arn = request.role_arn or target.intent.role_arn
    wanted = DeployRequest(
        rendered=rendered,
        confirm=request.confirm,
        # What roles may do and what is open was allowed when it was live. Data is another matter: it is of today.
        allowances=Allowances(broadening=True, replace=request.allow_replace),
        restores_exposure=True,
        role_arn=role_arn,
        # Somebody goes back because something is wrong: a guard that is in ALARM for it must not stop the rollback.
        break_glass=f"rollback to release {target.sequence}",
        reporter=request.reporter,
        purpose=lambda: Purpose(operation="rollback", source=target.intent.source, role_arn=role_arn, restores=target),
    )
    with hold_lock(context, deployment.lock_request("rollback", wait=request.wait)) as lock:
        state = _unmoved(context, request, history)
        result = release(context, wanted, Ready(kind="UPDATE", state=state), lock)
    return replace(result, operation="rollback")


def _unmoved(context: Context, request: RollbackRequest, history: History) -> StackState:
    """The stack, which must still be the one that the target was chosen for."""
    state = stacks.describe_stack(context.aws.client("cloudformation"), request.deployment.root_stack)
    live = state.parameters.get(RELEASE_PARAMETER, "") if state else ""
    if state is None or state.status not in STABLE or live != history.live_release:
        raise RefusedError(
            f"{request.deployment.root_stack} has moved since it was looked at",
            why=f"it was {history.live_release}, it is {live or 'gone'}, {state.status if state else 'not there'}",
            hint="rerun: the target would be another one now",
            code="stack-moved",
        )
    return state


def _result(
    request: RollbackRequest,
    status: Literal["done", "declined", "detached"],
    *,
    state: StackState | None = None,
    exit_code: ExitCode = ExitCode.DONE,
) -> Result:
    return Result(
        status=status,
        operation="rollback",
        deployment=request.deployment.name,
        exit_code=exit_code,
        release_id=state.parameters.get(RELEASE_PARAMETER, "") if state else "",
        outputs=dict(state.outputs) if state else {},
    )
