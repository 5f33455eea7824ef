"""Leads a deployment out of whatever an operation left it in, one safe action after the other, each shown first.

``decide`` decides, this does it and looks again. The same action is never taken twice: what did not help once is for
a person to look at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tapgen.aws import change_sets, functions, operations, shifts, stacks
from tapgen.aws.contents import holds_data
from tapgen.aws.data import DELETERS
from tapgen.aws.session import check_account
from tapgen.aws.stacks import STABLE
from tapgen.deploy.change_sets.stack_policies import set_standing_policies
from tapgen.deploy.recovery.actions import (
    ContinueRollback,
    DeleteAgain,
    DeleteChangeSets,
    DeleteEmptyStack,
    DeleteFailedCreate,
    Nothing,
    Refuse,
    RepairAlias,
    RollBackStack,
    SettleRecords,
    StopShifts,
)
from tapgen.deploy.recovery.decide import NEVER_CREATED, Facts, choose_action
from tapgen.deploy.release.reconcile import settle_records
from tapgen.deploy.state.observed_state import observe
from tapgen.deploy.watch.stack_watcher import Operation, follow
from tapgen.engine.lock import hold_lock
from tapgen.engine.polling import Ticker
from tapgen.engine.root_cause import find_cause
from tapgen.errors import AttentionError, ExitCode
from tapgen.events import Noted, Result
from tapgen.naming import RELEASE_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    from tapgen.deploy.recovery.actions import Action
    from tapgen.deploy.state.observed_state import Situation
    from tapgen.deploy.state.stack_tree import Survey
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.model import StackResource


@dataclass(frozen=True, kw_only=True)
class RecoverRequest:
    """Which deployment, and who is asked."""

    deployment: Deployment
    confirm: Callable[[], bool]
    """Asked before each action that was just shown; False declines."""
    wait: bool = False
    """Wait for the deployment's lock."""


def recover(context: Context, request: RecoverRequest) -> Result:
    """Take safe actions until all is well.

    Returns:
        ``done``, ``unchanged`` when all was well, ``declined``, or ``detached`` when the watcher left.

    Raises:
        CredentialsError: The credentials are of another account.
        RefusedError: An operation is running, or somebody holds the lock.
        AttentionError: No action is safe, or one did not help.
    """
    deployment = request.deployment
    check_account(context.aws, environment=deployment.environment, account_id=deployment.account_id)
    taken: list[Action] = []
    with hold_lock(context, deployment.lock_request("recover", wait=request.wait)):
        while True:
            with context.step("survey", "Looking at stacks, shifts, aliases and records") as step:
                situation = _unlocked(observe(context, deployment))
                action = choose_action(situation, _look_closer(context, situation), options=deployment.options)
                step.text = f"Found: {action.text}" if not isinstance(action, Nothing) else "All is well"
            if isinstance(action, Refuse):
                raise action.error
            if isinstance(action, Nothing):
                _seal(context, situation)
                return _result(request, situation, "done" if taken else "unchanged")
            if action in taken:
                raise _useless(action, situation, deployment)
            context.emit(Noted(level="info", text=f"the safe action: {action.text}", code="safe-action"))
            if not request.confirm():
                return _result(request, situation, "declined", ExitCode.REFUSED)
            recovery = _Recovery(context, request, situation)
            recovery.take(action)
            if recovery.left:
                return _result(request, situation, "detached", ExitCode.INTERRUPTED)
            taken.append(action)


class _Recovery:
    """Takes one action."""

    def __init__(self, context: Context, request: RecoverRequest, situation: Situation) -> None:
        self._context = context
        self._request = request
        self._situation = situation
        self._client = context.aws.client("cloudformation")
        self.left = False
        """Whether the watcher left before the operation's end."""

    def take(self, action: Action) -> None:
        """Do it and wait for its end."""
        with self._context.step("recover", f"{action.text[0].upper()}{action.text[1:]}") as step:
            if isinstance(action, StopShifts):
                self._stop(action)
            elif isinstance(action, DeleteEmptyStack | DeleteFailedCreate | DeleteAgain):
                self._delete()
            elif isinstance(action, ContinueRollback):
                self._operate(lambda: operations.continue_rollback(self._client, self._stack_id, skip=action.skip))
            elif isinstance(action, RollBackStack):
                self._operate(lambda: operations.roll_back_stack(self._client, self._stack_id))
            elif isinstance(action, RepairAlias):
                client = self._context.aws.client("lambda")
                functions.set_alias(client, function=action.function, alias=action.alias, version=action.version)
            elif isinstance(action, DeleteChangeSets):
                for change_set_id in action.change_set_ids:
                    change_sets.delete_change_set(self._client, change_set_id)
            elif isinstance(action, SettleRecords):
                settle_records(self._context, self._request.deployment, self._situation.history)
            step.text = f"Done: {action.text}"

    @property
    def _survey(self) -> Survey:
        if self._situation.survey is None:
            raise AttentionError("the stack is gone", hint="run recover again")
        return self._situation.survey

    @property
    def _stack_id(self) -> str:
        return self._survey.root.stack_id

    def _stop(self, action: StopShifts) -> None:
        for deployment_id in action.deployment_ids:
            shifts.stop_shift(self._context.aws, deployment_id)
        ticker = Ticker(self._context.clock)
        while any(
            shifts.list_unfinished(self._context.aws, group.application, group.name) for group in self._situation.groups
        ):
            ticker.wait()

    def _delete(self) -> None:
        leftovers = list(_data_resources(self._survey))
        self._operate(lambda: stacks.delete_stack(self._client, self._stack_id))
        # What the templates retain would stand in the way of the next create; it holds nothing.
        for resource in () if self.left else leftovers:
            if holds_data(self._context.aws, resource.resource_type, resource.physical_id) is False:
                DELETERS[resource.resource_type](self._context.aws, resource.physical_id)

    def _operate(self, begin: Callable[[], None]) -> None:
        since = stacks.latest_event_time(self._client, self._stack_id) + timedelta(microseconds=1)
        begin()
        options = self._request.deployment.options
        followed = follow(self._context, Operation(stack_id=self._stack_id, since=since, options=options))
        self.left = followed.detached
        if self.left:
            return
        if followed.status.endswith("_FAILED"):
            cause = find_cause(followed.events)
            raise AttentionError(
                f"the stack is in {followed.status} again",
                why=f"{cause.stack}.{cause.logical_id}: {cause.reason}" if cause else followed.events[-1].reason,
                hint=(cause.hint if cause else "") or "correct the cause named above, then run recover again",
                code="recover-failed",
                failure=cause,
            )


def _seal(context: Context, situation: Situation) -> None:
    """What an operation that got stuck was allowed to replace or delete, nobody else is."""
    root = situation.history.root
    if root and root.status in STABLE:
        set_standing_policies(context, root.stack_id)


def _unlocked(situation: Situation) -> Situation:
    """The lock is ours: nothing that is unfinished is on its way."""
    return replace(situation, history=replace(situation.history, lock=None))


def _look_closer(context: Context, situation: Situation) -> Facts:
    """What some rows of the table need: data in a stack that was never created, versions of aliases that differ."""
    found = situation.survey
    held: tuple[str, ...] = ()
    if found and found.root.status in NEVER_CREATED:
        held = tuple(
            f"{resource.resource_type} {resource.physical_id}"
            for resource in _data_resources(found)
            if holds_data(context.aws, resource.resource_type, resource.physical_id)
        )
    differing = {alias.state.function for alias in situation.aliases if alias.drift and alias.state}
    client = context.aws.client("lambda") if differing else None
    versions = {function: functions.list_versions(client, function) for function in differing} if client else {}
    return Facts(held=held, versions=versions)


def _data_resources(found: Survey) -> Iterator[StackResource]:
    for stack in found.stacks:
        for resource in stack.resources:
            if resource.resource_type in DELETERS and resource.physical_id and resource.status != "DELETE_COMPLETE":
                yield resource


def _useless(action: Action, situation: Situation, deployment: Deployment) -> AttentionError:
    root = situation.history.root
    return AttentionError(
        f"it did not help to {action.text}",
        why=f"the stack is in {root.status}: {root.status_reason}" if root else "",
        hint=f"`tapgen status {deployment.options}` names the failed resources",
        code="recover-failed",
    )


def _result(
    request: RecoverRequest,
    situation: Situation,
    status: Literal["done", "unchanged", "declined", "detached"],
    exit_code: ExitCode = ExitCode.DONE,
) -> Result:
    root = situation.history.root
    return Result(
        status=status,
        operation="recover",
        deployment=request.deployment.name,
        exit_code=exit_code,
        release_id=root.parameters.get(RELEASE_PARAMETER, "") if root else "",
        outputs=dict(root.outputs) if root else {},
    )
