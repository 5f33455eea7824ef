"""UpdatePolicy: CodeDeployLambdaAliasUpdate. A changed FunctionVersion is a deployment that the stack waits for.

Sources: CloudFormation User Guide, "UpdatePolicy attribute"; events and texts were seen in stacks of AWS CDK and SAM.
Creating an alias runs no deployment, neither does a change of anything but its FunctionVersion. A stack that rolls back
moves its aliases at once [inferred]: whether AWS runs another shift then is not documented.
"""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any

from ministack.core.concurrency import run_reentrant
from ministack.services.cloudformation import provisioners

from tapgen.local.extension import cloudformation as cfn
from tapgen.local.extension.codedeploy import alias_shifts, appspec, deployments, resource_types, template_scope
from tapgen.local.extension.codedeploy.alias_shifts import AliasShift
from tapgen.local.extension.codedeploy.appspec import Shift
from tapgen.local.extension.codedeploy.errors import CodeDeployError
from tapgen.local.extension.codedeploy.template_scope import ALIAS_TYPE, Scope
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.codedeploy.service import CodeDeploy
    from tapgen.local.extension.codedeploy.state import Record

_FUNCTION_OF_REFERENCE = Seam(
    module="ministack.services.cloudformation.provisioners",
    attribute="_lambda_function_for_cfn_ref",
    parameters=None,
    gap="called only: the function behind the FunctionName of an alias",
)
SEAMS = (
    *alias_shifts.SEAMS,
    cfn.RESOURCE_HANDLERS,
    cfn.ON_WORKER_THREAD,
    cfn.STACKS,
    cfn.ROLL_BACK,
    cfn.DEPLOY,
    cfn.ADD_EVENT,
    _FUNCTION_OF_REFERENCE,
)

_HANDLERS = "ministack.services.cloudformation.handlers"
_CHANGE_SETS = "ministack.services.cloudformation.changesets"
_CANCEL_POLL_S = 0.02
_CANCELLED = "Resource update cancelled"


def install(service: CodeDeploy) -> None:
    """Give aliases an update that knows their policy, off the event loop."""
    handlers = provisioners._RESOURCE_HANDLERS[ALIAS_TYPE]  # noqa: SLF001 - a seam
    updates = AliasUpdates(service, handlers["update"])
    provisioners._RESOURCE_HANDLERS[ALIAS_TYPE] = {  # noqa: SLF001 - a seam
        **handlers,
        "update": updates.update,
        "update_with_logical_id": True,
    }
    blocks = original(cfn.ON_WORKER_THREAD)

    @functools.wraps(blocks)
    def runs_on_worker_thread(resource_type: str) -> bool:
        return resource_type == ALIAS_TYPE or bool(blocks(resource_type))

    replace(cfn.ON_WORKER_THREAD, runs_on_worker_thread)
    replace(cfn.ADD_EVENT, _once(original(cfn.ADD_EVENT), updates), also=(_HANDLERS, _CHANGE_SETS))
    replace(cfn.ROLL_BACK, _after_shifts(original(cfn.ROLL_BACK), updates), also=(_HANDLERS,))
    replace(cfn.DEPLOY, _with_shifts(original(cfn.DEPLOY), updates), also=(_HANDLERS, _CHANGE_SETS))


def _once(add_event: Callable[..., None], updates: AliasUpdates) -> Callable[..., None]:
    """An alias whose failure is on record is not also reported as cancelled because another resource has failed."""

    @functools.wraps(add_event)
    def report(stack_id: str, stack_name: str, *args: Any, **kwargs: Any) -> None:
        recorded = cfn.events(stack_id)
        start = len(recorded) + 1
        add_event(stack_id, stack_name, *args, **kwargs)
        told = updates.told(stack_name)
        recorded[start:] = [event for event in recorded[start:] if event["LogicalResourceId"] not in told]

    return report


def _after_shifts(roll_back: Callable[..., Any], updates: AliasUpdates) -> Callable[..., Any]:
    """A rollback begins when the shifts of its stack have ended, and says so when somebody cancelled the update."""

    @functools.wraps(roll_back)
    async def after_shifts(
        stack_name: str, stack_id: str, stack: cfn.Stack, operation: Record, *args: Any, **kwargs: Any
    ) -> None:
        await run_reentrant(updates.abandon, stack_name)
        if stack.pop("_cancel_requested", False):
            operation = {**operation, "cancelled": True}
        await roll_back(stack_name, stack_id, stack, operation, *args, **kwargs)

    return after_shifts


def _with_shifts(deploy: Callable[..., Any], updates: AliasUpdates) -> Callable[..., Any]:
    """An operation that fails without a rollback takes its shifts along too."""

    @functools.wraps(deploy)
    async def with_shifts(stack_name: str, *args: Any, **kwargs: Any) -> None:
        await deploy(stack_name, *args, **kwargs)
        await run_reentrant(updates.abandon, stack_name)
        updates.forget(stack_name)

    return with_shifts


class AliasUpdates:
    """Updates aliases, through CodeDeploy where their policy says so.

    Args:
        service: CodeDeploy.
        plain_update: MiniStack's own update of an alias.
    """

    def __init__(self, service: CodeDeploy, plain_update: Callable[..., tuple[str, Record]]) -> None:
        self._service = service
        self._plain_update = plain_update
        self._under_way: dict[tuple[str, str], AliasShift] = {}
        self._told: dict[str, set[str]] = {}

    def update(
        self, physical_id: str, old: Record, new: Record, stack_name: str, logical_id: str
    ) -> tuple[str, Record]:
        """Update an alias.

        Raises:
            ValueError: The deployment did not succeed; the alias is back where it was if it was rolled back.
        """
        scope = template_scope.current(stack_name)
        policy = scope.policy(logical_id)
        if _rolling_back(scope.stack):
            return self._send_back(physical_id, old, new, stack_name, logical_id)
        if not policy or not _shifts(old, new):
            return self._plain_update(physical_id, old, new, stack_name, logical_id)
        shift = self._taken(stack_name, logical_id) or self._start(scope, logical_id, new, policy)
        siblings = [shift, *self._start_siblings(scope, logical_id)]
        self._follow(shift, siblings, scope.stack)
        # CodeDeploy has moved the version; whatever else the template changes is left to the plain update.
        moved = {**old, "FunctionVersion": new["FunctionVersion"]}
        return self._plain_update(physical_id, moved, new, stack_name, logical_id)

    def _send_back(self, physical_id: str, old: Record, new: Record, *names: str) -> tuple[str, Record]:
        """Move an alias at once, and end a split that an interrupted or hand-stopped deployment has left behind."""
        if not new.get("RoutingConfig"):
            old = {**old, "RoutingConfig": {}}  # as if the template had dropped it: the plain update then removes it
        return self._plain_update(physical_id, old, new, *names)

    def told(self, stack_name: str) -> set[str]:
        """The aliases of a stack whose failure in the running operation is already on record."""
        return self._told.get(stack_name, set())

    def forget(self, stack_name: str) -> None:
        """The operation on a stack is over."""
        self._told.pop(stack_name, None)

    def abandon(self, stack_name: str) -> None:
        """Stop the shifts that were started ahead and that nobody will wait for, since their stack has failed."""
        shifts = [shift for shift in list(self._under_way.values()) if shift.stack_name == stack_name]
        alias_shifts.stop(shifts)
        for shift in shifts:
            shift.run.done.wait()
            self._tell_end(shift, cancelled=shift.cancelled, last=None)

    def _start(self, scope: Scope, logical_id: str, new: Record, policy: Record) -> AliasShift:
        record = scope.stack["_resources"][logical_id]
        old = record["Properties"]
        request = deployments.Request(
            application=policy["ApplicationName"],
            group=policy["DeploymentGroupName"],
            content=appspec.write(
                Shift(
                    function=_function_name(new["FunctionName"]),
                    alias=new["Name"],
                    current=str(old["FunctionVersion"]),
                    target=str(new["FunctionVersion"]),
                    before=policy.get("BeforeAllowTrafficHook") or "",
                    after=policy.get("AfterAllowTrafficHook") or "",
                )
            ),
        )
        try:
            deployment = deployments.create(self._service.store, request)
        except CodeDeployError as error:
            raise resource_types.failure(error) from error
        self._service.applications.remember_revision(request.application, request.content)
        shift = AliasShift(
            scope.stack["StackName"], logical_id, record["PhysicalResourceId"], self._service.engine.start(deployment)
        )
        shift.record("UPDATE_IN_PROGRESS", f"CodeDeploy deployment started: {deployment.id}")
        return shift

    def _taken(self, stack_name: str, logical_id: str) -> AliasShift | None:
        """The shift that was started together with that of another alias."""
        return self._under_way.pop((stack_name, logical_id), None)

    def _start_siblings(self, scope: Scope, logical_id: str) -> list[AliasShift]:
        """Start every other alias of the stack that is ready to shift: AWS does not let one wait for the other."""
        order = scope.order()
        done = set(order[: order.index(logical_id)])
        started = []
        for other in order[order.index(logical_id) + 1 :]:
            if template_scope.guarded(scope.definition(other)) and scope.dependencies(other) <= done:
                with contextlib.suppress(ValueError):  # it is refused again, and then reported, when its turn comes
                    started += self._start_sibling(scope, other)
        return started

    def _start_sibling(self, scope: Scope, other: str) -> list[AliasShift]:
        known = self._under_way.get((scope.stack["StackName"], other))
        if known:
            return [known]
        new = scope.resolve(scope.definition(other).get("Properties", {}))
        old = scope.stack["_resources"].get(other, {}).get("Properties", {})
        if not old or not _shifts(old, new):
            return []
        shift = self._start(scope, other, new, scope.policy(other))
        self._under_way[(scope.stack["StackName"], other)] = shift
        return [shift]

    def _follow(self, shift: AliasShift, siblings: list[AliasShift], stack: cfn.Stack) -> None:
        """Wait for the end of a shift; a failure or a cancellation ends those of its siblings too."""
        root = cfn.root(stack)
        while not shift.run.done.wait(_CANCEL_POLL_S):
            if root.get("_cancel_requested"):
                alias_shifts.stop(siblings)
            if any(other.failed for other in siblings):
                alias_shifts.stop(siblings)
        if not shift.failed:
            return
        alias_shifts.stop(siblings)
        for other in siblings:
            other.run.done.wait()
            self._tell_end(other, cancelled=other.cancelled, last=shift)
        raise ValueError(_CANCELLED if shift.cancelled else shift.failure())

    def _tell_end(self, shift: AliasShift, *, cancelled: bool, last: AliasShift | None) -> None:
        """Record how a shift ended; that of ``last`` itself is recorded by the stack operation."""
        self._under_way.pop((shift.stack_name, shift.logical_id), None)
        if shift.run.rollback is not None:
            shift.record("UPDATE_IN_PROGRESS", f"CodeDeploy rollback deployment started: {shift.run.rollback.id}")
        if shift is not last and shift.failed:
            self._told.setdefault(shift.stack_name, set()).add(shift.logical_id)
            shift.record("UPDATE_FAILED", _CANCELLED if cancelled else shift.failure())


def _shifts(old: Record, new: Record) -> bool:
    """Whether an update of an alias is one of its version alone: a new name is another alias, made without a shift."""
    replaced = any(old.get(key) != new.get(key) for key in ("Name", "FunctionName"))
    return not replaced and str(old.get("FunctionVersion")) != str(new.get("FunctionVersion"))


def _rolling_back(stack: cfn.Stack | None) -> bool:
    while stack is not None:
        if "ROLLBACK" in stack["StackStatus"]:
            return True
        stack = cfn.parent(stack)
    return False


def _function_name(reference: Any) -> str:
    """The name of the function that an alias's FunctionName (a name or an ARN) means."""
    found = provisioners._lambda_function_for_cfn_ref(reference)  # noqa: SLF001 - a seam
    return str(found[1])
