"""The end of an operation: outputs and clean-up when all went well, otherwise the failure and the rollback.

Rolling back is MiniStack's. It is told everything that has to be sent back, and the reason that AWS would give.
"""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.stack_operations import removals
from tapgen.local.extension.cloudformation.stack_operations.operation import (
    CANCEL_REQUESTED,
    IN_FLIGHT,
    RETAIN_EXCEPT_ON_CREATE,
    ROLLBACK_DISABLED,
)
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.cloudformation.stack_operations.operation import Operation

_MODULE = "ministack.services.cloudformation.stacks"
_OUTPUTS = Seam(
    module=_MODULE,
    attribute="_resolve_stack_outputs",
    parameters=("outputs_defs", "conditions", "resources", "param_values", "mappings", "stack_name", "stack_id"),
    gap="Used: the Outputs section, and what it exports.",
)
_FAILED_OPERATION = Seam(
    module=_MODULE,
    attribute="_failed_operation",
    parameters=(
        *("is_update", "previous_stack", "created", "failed_update", "failed_logical_id", "replaced_ids", "cancelled"),
        *("template", "param_values", "retain_except_on_create", "stack_tags", "previous_tags", "imports"),
    ),
    gap="Used: what a rollback needs to know of a failed operation.",
)
_SENDS_BACK = Seam(
    module=_MODULE,
    attribute="_sends_back_failed_update",
    parameters=("resource_type",),
    gap="Used: whether a failed update of a type may have changed something that a rollback must send back.",
)
_REQUEST_TOKEN = Seam(
    module=_MODULE, attribute="CLIENT_REQUEST_TOKEN", parameters=None, gap="Set: the token that events carry."
)
_EXPORTS = Seam(
    module="ministack.services.cloudformation", attribute="_exports", parameters=None, gap="Used: exported outputs."
)
SEAMS: tuple[Seam, ...] = (
    _OUTPUTS,
    _FAILED_OPERATION,
    _SENDS_BACK,
    _REQUEST_TOKEN,
    _EXPORTS,
    cfn.ADD_EVENT,
    cfn.ROLL_BACK,
)

_CLEANUP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
_REASON = "tapgen_reason"
_ATTEMPTS = "tapgen_attempts"
_UNFINISHED = "_tapgen_unfinished"
"""On a stack whose update has failed: its resources whose update was begun or cancelled and needs no sending back."""


def install() -> None:
    """Let rollbacks say why they happen, and that a resource whose update has failed is as it was."""
    replace(cfn.ADD_EVENT, _completing(original(cfn.ADD_EVENT)), also=(cfn.HANDLERS, cfn.CHANGE_SET_ACTIONS))
    replace(cfn.ROLL_BACK, _explaining(original(cfn.ROLL_BACK)), also=(cfn.HANDLERS,))


def in_flight(operation: Operation) -> dict[str, Any]:
    """What it takes to undo a running update, wherever it is: a record whose parts grow with the operation."""
    return {
        **_record(operation),
        "created": operation.touched,
        "replaced_ids": operation.replaced,
        _ATTEMPTS: operation.attempts,
    }


def interrupt(stack: cfn.Stack, record: dict[str, Any]) -> None:
    """Leave a stack whose update was cut off in the state in which RollbackStack sends it back.

    Args:
        stack: As it was saved last.
        record: What ``in_flight`` has kept of the update.
    """
    for logical_id, properties in record.pop(_ATTEMPTS, {}).items():
        found = stack["_resources"].get(logical_id)
        if found and original(_SENDS_BACK)(found["ResourceType"]):
            found.update(ResourceStatus="UPDATE_FAILED", Properties=properties)
            record["created"].append(logical_id)
    stack.update({"_failed_operation": record, "StackStatus": "UPDATE_FAILED"})


async def refuse(operation: Operation, reason: str) -> None:
    """Fail an operation that cannot begin."""
    operation.stack["StackStatusReason"] = reason
    operation.stack["_failed_operation"] = _record(operation)
    cfn.add_event(operation.stack, f"{operation.kind}_FAILED", reason)


async def settle(operation: Operation) -> None:
    """End an operation whose resources are all where they can get."""
    complete = not operation.failures and operation.done >= set(operation.active)
    if not complete or (operation.above is None and operation.cancelled_by_user):
        await _fail(operation)
        return
    denied = removals.find_denied(operation)
    if denied:
        cfn.add_event(operation.stack, "UPDATE_FAILED", denied)
        await _fail(operation, denied)
        return
    try:
        outputs, exports = _outputs(operation)
    except ValueError as error:
        cfn.add_event(operation.stack, f"{operation.kind}_FAILED", str(error))
        await _fail(operation, str(error))
        return
    _publish(operation, outputs, exports)
    if operation.is_update:
        removals.note_removed(operation)
        await _enter_cleanup(operation)
    else:
        cfn.add_event(operation.stack, "CREATE_COMPLETE")


def _outputs(operation: Operation) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    stack, active = operation.stack, operation.active
    found: tuple[list[dict[str, Any]], dict[str, Any]] = original(_OUTPUTS)(
        operation.template.get("Outputs", {}),
        operation.conditions,
        {name: record for name, record in stack["_resources"].items() if name in active},
        operation.parameters,
        operation.template.get("Mappings", {}),
        stack["StackName"],
        stack["StackId"],
    )
    return found


def _publish(operation: Operation, outputs: list[dict[str, Any]], exports: dict[str, Any]) -> None:
    stack = operation.stack
    stack["_template"], stack["_resolved_params"] = operation.template, operation.parameters
    stack["Outputs"] = outputs
    original(_EXPORTS).update(exports)


async def _enter_cleanup(operation: Operation) -> None:
    """A nested stack waits in this phase for its root, which deletes what all of them have left behind."""
    cfn.add_event(operation.stack, _CLEANUP)
    if operation.above is not None:
        return
    for removal in operation.removals:
        await removals.remove(removal)
    for stack in (*cfn.descendants(operation.stack), operation.stack):
        stack.pop(cfn.ROLLBACK_POINT, None)
        if stack["StackStatus"] == _CLEANUP:
            cfn.add_event(stack, "UPDATE_COMPLETE")


async def _fail(operation: Operation, reason: str = "") -> None:
    stack = operation.stack
    summary = cfn.failure_reason(stack, since=operation.first_event)
    _leave(operation)
    if stack[ROLLBACK_DISABLED]:
        stack["StackStatusReason"] = summary or reason
        stack["_failed_operation"] = _record(operation)
        cfn.add_event(stack, f"{operation.kind}_FAILED", summary or reason)
        return
    record = _record(operation)
    if summary:
        record[_REASON] = summary if operation.is_update else f"{summary} Rollback requested by user."
    if record["cancelled"]:
        stack.pop(CANCEL_REQUESTED)
        original(_REQUEST_TOKEN).set(stack.pop("_cancel_token", ""))
    await original(cfn.ROLL_BACK)(stack["StackName"], stack["StackId"], stack, record)


def _leave(operation: Operation) -> None:
    """Leave the resources that have failed in the state in which a rollback, now or later, expects them."""
    resources = operation.stack["_resources"]
    unfinished = []
    for logical_id, failure in operation.failures.items():
        record = resources.get(logical_id)
        if record is None:
            continue
        if operation.record(logical_id) is None:
            operation.touched.append(logical_id)  # a nested stack that failed half-way and has to be deleted
            continue
        record.update(ResourceStatus="UPDATE_FAILED", ResourceStatusReason=failure.reason)
        (operation.record(logical_id) or {}).update(ResourceStatus="UPDATE_COMPLETE", Timestamp=cfn.now())
        if failure.attempted is not None and original(_SENDS_BACK)(record["ResourceType"]):
            record["Properties"] = failure.attempted
            operation.touched.append(logical_id)
        else:
            unfinished.append(logical_id)
    operation.stack[_UNFINISHED] = unfinished


def _record(operation: Operation) -> dict[str, Any]:
    stack = operation.stack
    record: dict[str, Any] = original(_FAILED_OPERATION)(
        operation.is_update,
        operation.previous,
        operation.touched,
        None,
        next(iter(operation.failures), None),
        operation.replaced,
        operation.above is None and operation.cancelled_by_user,
        operation.template,
        operation.parameters,
        stack[RETAIN_EXCEPT_ON_CREATE],
        stack.get("Tags") or [],
        (operation.previous or {}).get("Tags") or [],
        operation.imports,
    )
    return record


def _completing(add_event: Callable[..., None]) -> Callable[..., None]:
    """A rollback finds a resource whose update has failed as it was before, and says so at its start."""

    @functools.wraps(add_event)
    def report(
        stack_id: str, stack_name: str, logical_id: str, resource_type: str, status: str, *rest: Any, **more: Any
    ) -> None:
        add_event(stack_id, stack_name, logical_id, resource_type, status, *rest, **more)
        if logical_id != stack_name or status != "UPDATE_ROLLBACK_IN_PROGRESS":
            return
        stack = cfn.stacks()[stack_name]
        for name in stack.pop(_UNFINISHED, ()):
            record = stack["_resources"][name]
            place = (stack_id, stack_name, name, record["ResourceType"])
            add_event(*place, "UPDATE_COMPLETE", physical_id=record["PhysicalResourceId"])

    return report


def _explaining(roll_back: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(roll_back)
    async def explain(
        stack_name: str, stack_id: str, stack: cfn.Stack, operation: dict[str, Any], reason_override: str = ""
    ) -> None:
        reason = reason_override or ("" if operation.get("cancelled") else operation.get(_REASON, ""))
        if operation.get("is_update"):
            stack[IN_FLIGHT] = copy.deepcopy(operation)
        if reason_override:
            # RollbackStack begins long after the failure that the stack still tells of.
            stack["StackStatusReason"] = ""
        await roll_back(stack_name, stack_id, stack, operation, reason)
        stack.pop(IN_FLIGHT, None)

    return explain
