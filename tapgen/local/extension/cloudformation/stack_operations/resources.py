"""One resource of an operation: resolve its properties, report, create or update it, record what it is now.

The handlers of the resource types are MiniStack's. Most of them run on the event loop, one at a time; those that take
their time run on threads of their own, side by side.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation import stack_policies
from tapgen.local.extension.cloudformation.stack_operations import removals
from tapgen.local.extension.cloudformation.stack_operations.operation import AS_FOUND, Cancelled, Failure
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.cloudformation.stack_operations.operation import Operation

_STACKS = "ministack.services.cloudformation.stacks"
_PROVISIONERS = "ministack.services.cloudformation.provisioners"
_CREATE = Seam(
    module=_STACKS,
    attribute="_provision_keeping_seed",
    parameters=(),
    gap="Used: creates a resource; returns its physical id and attributes, and the seed of a name that was made up.",
)
_UPDATE = Seam(
    module=_STACKS,
    attribute="_update_keeping_seed",
    parameters=(),
    gap="Used: updates or replaces a resource; returns the same.",
)
_ADOPT = Seam(
    module=_STACKS,
    attribute="_adopt_resource",
    parameters=("stack_id", "stack_name", "logical_id", "resource_type", "identifier"),
    gap="Used: imports a resource during a create or an update, with AWS's events.",
)
_NAME_SEED = Seam(
    module=_PROVISIONERS, attribute="_NAME_SEED", parameters=None, gap="Set: the seed of the resource's made-up name."
)
_RETAIN_REPLACED = Seam(
    module=_PROVISIONERS,
    attribute="_RETAIN_REPLACED",
    parameters=None,
    gap="Set: whether a replaced resource is kept.",
)
_DEFERRED_DELETES = Seam(
    module=_PROVISIONERS,
    attribute="_DEFERRED_PREDECESSOR_DELETES",
    parameters=None,
    gap="Set: the list that takes what a replacement would delete.",
)
_DYNAMIC = Seam(
    module="ministack.services.cloudformation.engine",
    attribute="_resolve_dynamic_references",
    parameters=("value", "previous", "reuse_ssm", "reuse_secrets"),
    gap="Used: resolves {{resolve:...}}.",
)
_WITH_STACK_TAGS = Seam(
    module=_PROVISIONERS,
    attribute="_with_stack_tags",
    parameters=("resource_type", "props", "stack_tags", "stack_name", "stack_id", "logical_id"),
    gap="Used: adds the stack's tags to the properties of a resource.",
)
_REPLACING = Seam(
    module=_PROVISIONERS,
    attribute="_replacing_change",
    parameters=("resource_type", "old_props", "new_props"),
    gap="Used: whether a change needs a new physical resource.",
)
_NAME_REFUSAL = Seam(
    module=_PROVISIONERS,
    attribute="_custom_named_replacement_error",
    parameters=("resource_type", "old_props", "new_props"),
    gap="Used: whether a change is refused because the resource has a name of its own.",
)
SEAMS: tuple[Seam, ...] = (
    _CREATE,
    _ADOPT,
    _UPDATE,
    _NAME_SEED,
    _RETAIN_REPLACED,
    _DEFERRED_DELETES,
    _DYNAMIC,
    _WITH_STACK_TAGS,
    _REPLACING,
    _NAME_REFUSAL,
    cfn.ON_WORKER_THREAD,
)

_CUSTOM = "AWS::CloudFormation::CustomResource"
_CANCELLED = {"CREATE": "Resource creation cancelled", "UPDATE": "Resource update cancelled"}
_REPLACED = "Requested update requires the creation of a new physical resource; hence creating one."
_RETRY_S = 0.002

_handlers = threading.Lock()
"""Held while a handler runs on an event loop: nested stacks have loops and threads of their own."""


@dataclass(kw_only=True)
class Change:
    """What an operation does with one resource.

    Attributes:
        logical_id: Its name in the template.
        resource_type: For example ``AWS::Lambda::Alias``.
        properties: The template's properties, resolved.
        wanted: The same with the tags of the stack.
        dynamic: What its dynamic references resolved to.
        before: Its record before the update; None when it is new.
        had: The properties and tags that it had.
        attempted: Whether an update in place has begun.
    """

    logical_id: str
    resource_type: str
    properties: dict[str, Any]
    wanted: dict[str, Any]
    dynamic: dict[str, str]
    before: dict[str, Any] | None
    had: dict[str, Any]
    attempted: bool = False

    @property
    def empty(self) -> bool:
        """Whether the resource is as it should be: AWS neither touches nor mentions it then."""
        return self.before is not None and self.had == self.wanted and self.resource_type != cfn.STACK_TYPE


CHECKS: list[Callable[[Operation, Change], None]] = []
"""What looks at a resource that is about to be created or updated; it raises ValueError with AWS's reason."""


async def provision(operation: Operation, logical_id: str) -> None:
    """Bring a resource to where the template wants it. How that went is recorded in the operation."""
    change = None
    verb = "UPDATE" if operation.record(logical_id) else "CREATE"
    try:
        change = _change(operation, logical_id)
        if not change.empty:
            await _carry_out(operation, change)
    except Cancelled:
        operation.fail(logical_id, Failure(_CANCELLED[verb], cancelled=True, attempted=_attempted(change)))
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is the reason of the failure
        operation.fail(logical_id, Failure(str(error), cancelled=False, attempted=_attempted(change)))
    else:
        operation.done.add(logical_id)


def _attempted(change: Change | None) -> dict[str, Any] | None:
    return change.properties if change and change.attempted else None


def _change(operation: Operation, logical_id: str) -> Change:
    definition = operation.definition(logical_id)
    resource_type = definition.get("Type", _CUSTOM)
    before = operation.record(logical_id)
    previous = operation.previous or {}
    unchanged = before is not None and previous["_template"].get("Resources", {}).get(logical_id) == definition
    same = (operation.template, operation.parameters) == (previous.get("_template"), previous.get("_resolved_params"))
    properties, dynamic = original(_DYNAMIC)(
        operation.resolve(definition.get("Properties", {})),
        (before or {}).get("_dynamic"),
        reuse_ssm=same,
        reuse_secrets=unchanged,
    )
    stack = operation.stack
    place = (stack["StackName"], stack["StackId"], logical_id)
    had = (before or {}).get("Properties", {})
    with_tags = original(_WITH_STACK_TAGS)
    return Change(
        logical_id=logical_id,
        resource_type=resource_type,
        properties=properties,
        wanted=with_tags(resource_type, properties, stack.get("Tags") or [], *place),
        dynamic=dynamic,
        before=before,
        had=with_tags(resource_type, had, [] if AS_FOUND in (before or {}) else previous.get("Tags") or [], *place),
    )


async def _carry_out(operation: Operation, change: Change) -> None:
    if change.before is None and change.logical_id in operation.imports:
        _import(operation, change)
        return
    verb = "UPDATE" if change.before else "CREATE"
    _begin(operation, change, f"{verb}_IN_PROGRESS")
    await asyncio.sleep(0)  # everything that is ready begins before anything goes on: AWS starts it all at once
    if operation.ending:
        raise Cancelled
    for check in CHECKS:
        check(operation, change)
    (physical_id, attributes), seed = await (
        _update(operation, change) if change.before else _create(operation, change)
    )
    _keep(operation, change, physical_id, attributes, f"{verb}_COMPLETE")
    if seed:
        operation.stack["_resources"][change.logical_id]["_name_seed"] = seed
    operation.attempts.pop(change.logical_id, None)
    operation.report(change.logical_id, f"{verb}_COMPLETE")


def _import(operation: Operation, change: Change) -> None:
    """Take over what exists, unchanged, with the events of an import."""
    if operation.ending:
        raise Cancelled
    stack = operation.stack
    physical_id, attributes = original(_ADOPT)(
        stack["StackId"],
        stack["StackName"],
        change.logical_id,
        change.resource_type,
        operation.imports[change.logical_id],
    )
    _keep(operation, change, physical_id, attributes, "UPDATE_COMPLETE")


def _keep(operation: Operation, change: Change, physical_id: str, attributes: dict[str, Any], status: str) -> None:
    """Record what the resource is now."""
    operation.stack["_resources"][change.logical_id] = {
        "PhysicalResourceId": physical_id,
        "ResourceType": change.resource_type,
        "ResourceStatus": status,
        "LogicalResourceId": change.logical_id,
        "Properties": change.properties,
        "Attributes": attributes,
        "Timestamp": cfn.now(),
        **({"_dynamic": change.dynamic} if change.dynamic else {}),
    }
    operation.touched.append(change.logical_id)


def _begin(operation: Operation, change: Change, status: str) -> None:
    record = operation.stack["_resources"].get(change.logical_id)
    if record is not None:
        record.update(ResourceStatus=status, Timestamp=cfn.now())
    operation.report(change.logical_id, status)


async def _create(operation: Operation, change: Change) -> Any:
    arguments = (change.resource_type, change.logical_id, change.wanted, operation.stack["StackName"])
    return await _call(original(_CREATE), change.resource_type, arguments)


async def _update(operation: Operation, change: Change) -> Any:
    before = change.before or {}
    old_id = before.get("PhysicalResourceId", change.logical_id)
    deletes: list[Any] = []
    # Set for this task and the thread that it may start; no other resource sees it.
    original(_RETAIN_REPLACED).set(removals.retains_replaced(operation, change.logical_id))
    original(_DEFERRED_DELETES).set(deletes)
    original(_NAME_SEED).set(before.get("_name_seed", ""))
    compared = (change.resource_type, change.had, change.wanted)
    if not original(_NAME_REFUSAL)(*compared):
        replacing = bool(original(_REPLACING)(*compared))
        _check_policy(operation, change, "Update:Replace" if replacing else "Update:Modify")
        change.attempted = not replacing
        if change.attempted:
            operation.attempts[change.logical_id] = change.properties
        else:
            operation.report(change.logical_id, "UPDATE_IN_PROGRESS", _REPLACED)
    arguments = (
        change.resource_type,
        old_id,
        change.had,
        change.wanted,
        operation.stack["StackName"],
        change.logical_id,
        before.get("Attributes", {}),
    )
    (physical_id, attributes), seed = await _call(original(_UPDATE), change.resource_type, arguments)
    if physical_id != old_id or deletes:
        operation.replaced.append(change.logical_id)
        removals.note_replaced(operation, change.logical_id, physical_id, deletes)
    return (physical_id, attributes), seed


def _check_policy(operation: Operation, change: Change, action: str) -> None:
    """Fail what the stack's policy denies; a nested stack is looked at always, and changed only when it differs."""
    if change.resource_type == cfn.STACK_TYPE and change.had == change.wanted:
        return
    reason = stack_policies.denial(operation.stack, change.logical_id, change.resource_type, action)
    if reason:
        raise ValueError(reason)


async def _call(handler: Any, resource_type: str, arguments: tuple[Any, ...]) -> Any:
    from ministack.core.concurrency import run_reentrant

    if original(cfn.ON_WORKER_THREAD)(resource_type):
        return await run_reentrant(handler, *arguments)
    while not _handlers.acquire(blocking=False):  # noqa: ASYNC110 - the lock is between event loops
        await asyncio.sleep(_RETRY_S)
    try:
        return handler(*arguments)
    finally:
        _handlers.release()
