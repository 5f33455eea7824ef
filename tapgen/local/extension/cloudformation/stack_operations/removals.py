"""What an update removes or replaces: deleted once the root and all its nested stacks have been updated.

So a late failure can still send everything back. AWS documentation: "Nested stacks roll back", "DeletionPolicy
attribute", "UpdateReplacePolicy attribute".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation import stack_policies
from tapgen.local.extension.cloudformation.stack_operations.operation import Removal
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.cloudformation.stack_operations.operation import Operation

_PROVISIONERS = "ministack.services.cloudformation.provisioners"
_POLICY = Seam(
    module="ministack.services.cloudformation.stacks",
    attribute="_resource_policy",
    parameters=("res_def", "attribute", "resources", "params", "conditions", "mappings", "stack_name", "stack_id"),
    gap="Used: a resource's DeletionPolicy or UpdateReplacePolicy.",
)
_RETAINING = Seam(
    module=_PROVISIONERS,
    attribute="_RETAINING_POLICIES",
    parameters=None,
    gap="Used: the policies that keep a resource.",
)
_SNAPSHOT = Seam(
    module=_PROVISIONERS,
    attribute="_snapshot_resource",
    parameters=("resource_type", "physical_id", "props"),
    gap="Used: takes the snapshot that a deletion policy asks for.",
)
_SORT = Seam(
    module="ministack.services.cloudformation.engine",
    attribute="_topological_sort",
    parameters=("resources", "conditions"),
    gap="Used: the reverse order of deletions.",
)
SEAMS: tuple[Seam, ...] = (
    _POLICY,
    _RETAINING,
    _SNAPSHOT,
    _SORT,
    cfn.DELETE_RESOURCE,
    cfn.ON_WORKER_THREAD,
    cfn.ADD_EVENT,
)


def retains_replaced(operation: Operation, logical_id: str) -> bool:
    """Whether a resource is kept when another one takes its place."""
    policy = _policy(operation, operation.stack, operation.definition(logical_id), "UpdateReplacePolicy")
    return policy in original(_RETAINING)


def note_replaced(operation: Operation, logical_id: str, new_id: str, deletes: list[Any]) -> None:
    """Keep in mind what a replacement leaves behind.

    Args:
        operation: The update.
        logical_id: The resource.
        new_id: Its physical id now; the old one when the type's handler has replaced it under the same id.
        deletes: Function, arguments and keyword arguments of each delete that the handler has put off.
    """
    before = operation.record(logical_id) or {}
    actions = [_bound(function, *args, **kwargs) for function, args, kwargs in deletes]
    renamed = new_id != before.get("PhysicalResourceId")
    if renamed:
        actions.append(_deletion(operation.stack, logical_id, before))
    removal = _removal(operation, logical_id, before, actions)
    if not retains_replaced(operation, logical_id):
        operation.root.removals.insert(0, removal)  # a dependent was replaced later, and goes first
    elif renamed:
        _report(removal, "DELETE_SKIPPED")


def note_removed(operation: Operation) -> None:
    """Take what the template no longer has out of the stack, dependents first, and keep in mind to delete it."""
    previous = operation.previous or {}
    definitions = (previous.get("_template") or {}).get("Resources", {})
    for logical_id in reversed(_removed(operation, definitions)):
        record = previous["_resources"][logical_id]
        operation.stack["_resources"].pop(logical_id, None)
        policy = _policy(operation, previous, definitions.get(logical_id), "DeletionPolicy")
        actions = [_deletion(operation.stack, logical_id, record)]
        if policy == "Snapshot":
            what = (record["ResourceType"], record["PhysicalResourceId"], record["Properties"])
            actions.insert(0, _bound(original(_SNAPSHOT), *what))
        removal = _removal(operation, logical_id, record, actions)
        if policy in original(_RETAINING):
            _report(removal, "DELETE_SKIPPED")
        else:
            operation.root.removals.append(removal)


def find_denied(operation: Operation) -> str:
    """Why the stack's policy keeps the update from deleting what its template has no more; empty when it does not."""
    if not operation.is_update:
        return ""
    resources = (operation.previous or {}).get("_resources", {})
    reasons = (
        stack_policies.denial(operation.stack, logical_id, resources[logical_id]["ResourceType"], "Update:Delete")
        for logical_id in resources
        if logical_id not in operation.active
    )
    return next((reason for reason in reasons if reason), "")


async def remove(removal: Removal) -> None:
    """Delete what an update has left behind; a failure is reported and does not fail the update."""
    from ministack.core.concurrency import run_reentrant

    _report(removal, "DELETE_IN_PROGRESS")
    try:
        for action in removal.actions:
            if original(cfn.ON_WORKER_THREAD)(removal.resource_type):
                await run_reentrant(action)
            else:
                action()
    except Exception as error:  # noqa: BLE001 - any type's handler, any failure: AWS goes on cleaning up
        _report(removal, "DELETE_FAILED", str(error))
    else:
        _report(removal, "DELETE_COMPLETE")


def _removal(
    operation: Operation, logical_id: str, record: dict[str, Any], actions: list[Callable[[], Any]]
) -> Removal:
    return Removal(
        stack=operation.stack,
        logical_id=logical_id,
        resource_type=record["ResourceType"],
        physical_id=record["PhysicalResourceId"],
        actions=tuple(actions),
    )


def _removed(operation: Operation, definitions: dict[str, Any]) -> list[str]:
    previous = operation.previous or {}
    gone = set(previous.get("_resources", {})) - set(operation.active)
    order = [name for name in original(_SORT)(definitions, previous.get("_conditions", {})) if name in gone]
    return [*sorted(gone - set(order)), *order]


def _policy(operation: Operation, record: cfn.Stack, definition: Any, attribute: str) -> str:
    stack = operation.stack
    template, parameters = record.get("_template") or {}, record.get("_resolved_params", {})
    conditions = record.get("_conditions", {})
    if record is stack:
        template, parameters, conditions = operation.template, operation.parameters, operation.conditions
    found: str = original(_POLICY)(
        definition,
        attribute,
        record.get("_resources", {}),
        parameters,
        conditions,
        template.get("Mappings", {}),
        stack["StackName"],
        stack["StackId"],
    )
    return found


def _deletion(stack: cfn.Stack, logical_id: str, record: dict[str, Any]) -> Callable[[], Any]:
    return _bound(
        original(cfn.DELETE_RESOURCE),
        record["ResourceType"],
        record["PhysicalResourceId"],
        record["Properties"],
        stack["StackName"],
        logical_id,
    )


def _bound(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[[], Any]:
    return lambda: function(*args, **kwargs)


def _report(removal: Removal, status: str, reason: str = "") -> None:
    stack = removal.stack
    original(cfn.ADD_EVENT)(
        stack["StackId"],
        stack["StackName"],
        removal.logical_id,
        removal.resource_type,
        status,
        reason,
        removal.physical_id,
    )
