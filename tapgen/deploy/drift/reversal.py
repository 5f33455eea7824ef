"""Brings drifted resources back to their templates, with change sets that CloudFormation makes for that.

CloudFormation's ``REVERT_DRIFT`` compares one stack's template with what is there. Whether it follows nested stacks is
not documented, so each stack that has drifted gets a change set of its own, with its template and its parameters as
they are.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws import change_sets, stacks
from tapgen.aws.data import DELETERS
from tapgen.aws.session import check_account
from tapgen.deploy.change_sets.change_set import await_change_set, change_set_failed
from tapgen.deploy.drift.detect import detect_drift
from tapgen.deploy.records.changes import walk_changes
from tapgen.deploy.state.stack_tree import survey
from tapgen.engine.lock import hold_lock
from tapgen.engine.patience import patiently
from tapgen.engine.polling import Ticker
from tapgen.errors import AttentionError, DeploymentError, RefusedError
from tapgen.events import ChangesPlanned
from tapgen.gates.firewall import find_threats

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.drift.model import DriftReport
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.model import ChangeSet, StackState

_ALIAS = "AWS::Lambda::Alias"


@dataclass(frozen=True, kw_only=True)
class RevertRequest:
    """What to bring back, and who says so."""

    deployment: Deployment
    confirm: Callable[[], bool]
    """Asked when every change set was shown; False declines."""
    wait: bool = False


@dataclass(frozen=True, kw_only=True)
class Reversal:
    """What came of it."""

    reverted: tuple[str, ...]
    """``Compute.ApiLogGroup``: what is as its template says again."""
    report: DriftReport
    """What is there now."""
    declined: bool = False


def revert_drift(context: Context, request: RevertRequest) -> Reversal:
    """Look, make the change sets, ask, execute them, look again. Holds the deployment's lock.

    Raises:
        RefusedError: It would replace or make empty what holds data, or an alias has drifted.
        DeploymentError, AttentionError: CloudFormation could not bring a stack back.
    """
    deployment = request.deployment
    check_account(context.aws, environment=deployment.environment, account_id=deployment.account_id)
    with hold_lock(context, deployment.lock_request("drift", wait=request.wait)) as lock:
        before = detect_drift(context, deployment)
        _require_revertible(before, deployment)
        made = _make_change_sets(context, deployment, before)
        if not made:
            return Reversal(reverted=(), report=before)
        if not request.confirm():
            _discard(context, made)
            return Reversal(reverted=(), report=before, declined=True)
        lock.require_held()
        for label, change_set in made.items():
            _execute(context, label, change_set, deployment)
        after = detect_drift(context, deployment)
    left = {each.path for each in after.resources if each.revertible}
    drifted = dict.fromkeys(each.path for each in before.resources if each.revertible)
    return Reversal(reverted=tuple(path for path in drifted if path not in left), report=after)


def _require_revertible(report: DriftReport, deployment: Deployment) -> None:
    aliases = [each.path for each in report.resources if each.resource_type == _ALIAS]
    if aliases:
        raise RefusedError(
            f"{', '.join(aliases)} {'has' if len(aliases) == 1 else 'have'} drifted",
            why="a change set would move live traffic by a shift from whatever the alias points at now",
            hint=f"`tapgen recover {deployment.options}` puts aliases right; then revert the rest",
            code="alias-drifted",
        )
    gone = [each.path for each in report.resources if each.status == "DELETED" and each.resource_type in DELETERS]
    if gone:
        raise RefusedError(
            "resources that held data are gone, and a change set would make empty ones",
            why="\n".join(gone),
            hint="restore them from a backup under their old names first",
            code="data-loss",
        )


def _make_change_sets(context: Context, deployment: Deployment, report: DriftReport) -> dict[str, ChangeSet]:
    """Label of the stack → its change set, shown; none where CloudFormation sees nothing to revert."""
    found = survey(context, deployment.root_stack)
    drifted = {each.stack for each in report.resources if each.revertible}
    ids = {stack.label: stack.stack_id for stack in found.stacks if stack.label in drifted} if found else {}
    made: dict[str, ChangeSet] = {}
    try:
        for label, stack_id in ids.items():
            change_set = _make_change_set(context, label, stack_id)
            if change_set:
                made[label] = change_set
                _show(context, label, change_set)
        _require_harmless(made)
    except BaseException:
        _discard(context, made)
        raise
    return made


def _require_harmless(made: dict[str, ChangeSet]) -> None:
    changes = [change for change_set in made.values() for change in walk_changes(change_set.changes)]
    losses = [threat.text for threat in find_threats(changes, {}, {})]
    if losses:
        raise RefusedError(
            "bringing the templates back would take data with it",
            why="\n".join(losses),
            hint="set these properties back by hand",
            code="data-loss",
        )


def _make_change_set(context: Context, label: str, stack_id: str) -> ChangeSet | None:
    client = context.aws.client("cloudformation")
    state = stacks.describe_stack(client, stack_id)
    if state is None:
        return None
    with context.step("change-set", f"Creating the change set of {label}") as step:
        name = f"revert-drift-{uuid.uuid4().hex[:12]}"
        change_set_id = change_sets.create_reverting_change_set(client, state, name=name)
        status = await_change_set(context, change_set_id)
        if status.empty:
            change_sets.delete_change_set(client, change_set_id)
            step.text = f"CloudFormation sees nothing to revert in {label}"
            return None
        if not status.ready:
            change_sets.delete_change_set(client, change_set_id)
            raise change_set_failed(context, change_set_id, status)
        step.text = f"Change set of {label} ready: {name}"
        return change_sets.describe_change_set(client, change_set_id, kind="UPDATE")


def _show(context: Context, label: str, change_set: ChangeSet) -> None:
    context.emit(
        ChangesPlanned(stack=label, kind="UPDATE", change_set_id=change_set.change_set_id, changes=change_set.changes)
    )


def _discard(context: Context, made: dict[str, ChangeSet]) -> None:
    for change_set in made.values():
        change_sets.delete_change_set(context.aws.client("cloudformation"), change_set.change_set_id)


def _execute(context: Context, label: str, change_set: ChangeSet, deployment: Deployment) -> None:
    client = context.aws.client("cloudformation")
    with context.step("execute", f"Bringing {label} back to its template") as step:
        change_sets.execute_change_set(client, change_set)

        def look() -> StackState | None:
            return stacks.describe_stack(client, change_set.stack_id)

        ticker = Ticker(context.clock)
        while (state := patiently(context, look)) and state.in_progress:
            ticker.wait()
        status = state.status if state else "gone"
        step.text = f"{label} is {status}"
    if status == "UPDATE_COMPLETE":
        return
    reason = state.status_reason if state else ""
    if status == "UPDATE_ROLLBACK_COMPLETE":
        raise DeploymentError(
            f"{label} could not be brought back to its template", why=reason, hint="the events of the stack say why"
        )
    raise AttentionError(
        f"{label} is {status}", why=reason, hint=f"`tapgen status {deployment.options}` shows it", code="stack-stuck"
    )
