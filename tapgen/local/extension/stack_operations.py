"""Stack operations as AWS reports them: a clean-up phase after an update, and events only for what an update touches.

What an update removes or replaces is deleted once the root and all its nested stacks have been updated, so that a late
failure can still send everything back. AWS documentation: "Stack status codes", "Nested stacks roll back".
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension import cloudformation as cfn
from tapgen.local.extension.nested_stacks import ROLLBACK_POINT
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

SEAMS: tuple[Seam, ...] = (
    cfn.STACKS,
    cfn.STACK_EVENTS,
    cfn.DEPLOY,
    cfn.ROLL_BACK,
    cfn.ADD_EVENT,
    cfn.UPDATE_RESOURCE,
    cfn.DELETE_RESOURCE,
    cfn.ON_WORKER_THREAD,
)

_HANDLERS = "ministack.services.cloudformation.handlers"
_CHANGE_SETS = "ministack.services.cloudformation.changesets"
_REMOVALS = "_tapgen_removals"
_UNTOUCHED = "_tapgen_untouched"
ADDED = "_tapgen_added"
"""On a stack under operation: the logical ids that were not there before."""

TEMPLATE = "_tapgen_template"
"""On a stack under operation: the template that is being deployed."""

_CLEANUP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Wrap the operations; every module that imported one of them gets the wrapper."""
    replace(cfn.ADD_EVENT, _reporting(original(cfn.ADD_EVENT)), also=(_HANDLERS, _CHANGE_SETS))
    replace(cfn.UPDATE_RESOURCE, _noting_untouched(original(cfn.UPDATE_RESOURCE)))
    delete_now = original(cfn.DELETE_RESOURCE)
    replace(cfn.DELETE_RESOURCE, _deferring(delete_now))
    replace(cfn.ROLL_BACK, _explaining(original(cfn.ROLL_BACK)), also=(_HANDLERS,))
    replace(cfn.DEPLOY, _cleaning_up(original(cfn.DEPLOY), delete_now), also=(_HANDLERS, _CHANGE_SETS))


def _reporting(add_event: Callable[..., None]) -> Callable[..., None]:
    """Events carry the physical id when it is known, and untouched resources have none."""

    @functools.wraps(add_event)
    def report(*args: Any, **kwargs: Any) -> None:
        stack_id, stack_name, logical_id, _, status, *rest = args
        stack = cfn.stacks().get(stack_name) or {}
        if status == "UPDATE_COMPLETE" and logical_id in stack.get(_UNTOUCHED, {}):
            _forget_event(stack_id, logical_id)
            return
        if logical_id in stack.get(ADDED, ()) and stack["StackStatus"] == "UPDATE_IN_PROGRESS":
            args = (*args[:4], status.replace("UPDATE_", "CREATE_"), *rest)
        known = stack.get("_resources", {}).get(logical_id, {}).get("PhysicalResourceId")
        if known and len(rest) < 2 and not kwargs.get("physical_id"):
            kwargs["physical_id"] = known
        if logical_id == stack_name and status in ("CREATE_FAILED", "UPDATE_FAILED"):
            args = (*args[:5], _summary(stack, status) or "".join(rest[:1]), *rest[1:])
        add_event(*args, **kwargs)

    return report


def _forget_event(stack_id: str, logical_id: str) -> None:
    recorded = cfn.events(stack_id)
    for index in range(len(recorded) - 1, -1, -1):
        event = recorded[index]
        if event["LogicalResourceId"] == logical_id:
            if event["ResourceStatus"] == "UPDATE_IN_PROGRESS":
                del recorded[index]
            return


def _summary(stack: cfn.Stack, status: str) -> str:
    """The resources that failed in the operation whose failure is being recorded."""
    recorded = cfn.events(stack["StackId"])
    begun = status.replace("FAILED", "IN_PROGRESS")
    starts = [
        index
        for index, event in enumerate(recorded)
        if event["LogicalResourceId"] == stack["StackName"] and event["ResourceStatus"] == begun
    ]
    return cfn.failure_reason(stack, since=starts[-1] if starts else 0)


def _noting_untouched(update_resource: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(update_resource)
    def update(*args: Any) -> Any:
        resource_type, _, old_props, new_props, stack_name, logical_id, *_ = args
        if old_props == new_props and resource_type != cfn.STACK_TYPE:
            cfn.stacks()[stack_name].setdefault(_UNTOUCHED, {})[logical_id] = True
        return update_resource(*args)

    return update


def _deferring(delete_resource: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(delete_resource)
    def delete(*args: Any) -> None:
        stack = cfn.stacks().get(args[3])
        if stack and stack["StackStatus"] == "UPDATE_IN_PROGRESS":
            cfn.root(stack).setdefault(_REMOVALS, []).append(list(args))
        else:
            delete_resource(*args)

    return delete


def _explaining(roll_back: Callable[..., Any]) -> Callable[..., Any]:
    """The rollback of a create names what failed, and takes a nested stack that failed along."""

    @functools.wraps(roll_back)
    async def explain(
        stack_name: str, stack_id: str, stack: cfn.Stack, operation: dict[str, Any], reason_override: str = ""
    ) -> None:
        failed = operation.get("failed_logical_id")
        if stack["_resources"].get(failed, {}).get("ResourceStatus") == "CREATE_FAILED":
            operation = {**operation, "created": [*operation["created"], failed]}
        if failed and not reason_override and not operation["cancelled"]:
            reason_override = _summary(stack, "UPDATE_FAILED" if operation["is_update"] else "CREATE_FAILED")
            reason_override += "" if operation["is_update"] else " Rollback requested by user."
        await roll_back(stack_name, stack_id, stack, operation, reason_override)

    return explain


def _cleaning_up(deploy: Callable[..., Any], delete_now: Callable[..., None]) -> Callable[..., Any]:
    @functools.wraps(deploy)
    async def deploy_and_clean_up(*args: Any, **kwargs: Any) -> None:
        stack = cfn.stacks()[args[0]]
        stack["_tapgen_rollback_disabled"] = bool(args[4])
        stack["_tapgen_retain_except_on_create"] = bool(kwargs.get("retain_except_on_create"))
        previous = (kwargs.get("previous_stack") or {}).get("_resources", {})
        stack[_UNTOUCHED] = {}
        stack[ADDED] = [name for name in args[2].get("Resources", {}) if name not in previous]
        stack[TEMPLATE] = args[2]
        await deploy(*args, **kwargs)
        stack.pop(TEMPLATE)
        if not kwargs.get("is_update"):
            return
        _correct_states(stack, previous)
        if stack["StackStatus"] == "UPDATE_COMPLETE":
            _enter_cleanup(stack)
            if cfn.parent(stack) is None:
                await _clean_up(stack, delete_now)
        elif cfn.parent(stack) is None and "ROLLBACK" in stack["StackStatus"]:
            stack.pop(_REMOVALS, None)

    return deploy_and_clean_up


def _correct_states(stack: cfn.Stack, previous: dict[str, Any]) -> None:
    """An update leaves a resource that it has added created, and one that it has not touched as it was."""
    for logical_id, resource in stack["_resources"].items():
        if logical_id in stack[ADDED] and resource["ResourceStatus"] == "UPDATE_COMPLETE":
            resource["ResourceStatus"] = "CREATE_COMPLETE"
        elif logical_id in stack[_UNTOUCHED]:
            resource.update({key: previous[logical_id][key] for key in ("ResourceStatus", "Timestamp")})


def _enter_cleanup(stack: cfn.Stack) -> None:
    """Turn the completion that MiniStack has recorded into the phase that AWS goes through before it."""
    stack["StackStatus"] = _CLEANUP
    cfn.events(stack["StackId"])[-1]["ResourceStatus"] = _CLEANUP


async def _clean_up(root: cfn.Stack, delete_now: Callable[..., None]) -> None:
    for removal in root.pop(_REMOVALS, []):
        await _remove(delete_now, *removal)
    for stack in (*cfn.descendants(root), root):
        stack.pop(ROLLBACK_POINT, None)
        if stack["StackStatus"] == _CLEANUP:
            cfn.add_event(stack, "UPDATE_COMPLETE")


async def _remove(delete_now: Callable[..., None], *removal: Any) -> None:
    """Delete what an update has removed or replaced; a failure is reported and does not fail the update."""
    from ministack.core.concurrency import run_reentrant

    resource_type, physical_id, _, stack_name, logical_id = removal
    stack_id = cfn.stacks()[stack_name]["StackId"]

    def report(status: str, reason: str = "") -> None:
        original(cfn.ADD_EVENT)(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id)

    report("DELETE_IN_PROGRESS")
    try:
        if original(cfn.ON_WORKER_THREAD)(resource_type):
            await run_reentrant(delete_now, *removal)
        else:
            delete_now(*removal)
    except Exception as error:  # noqa: BLE001 - any type's handler, any failure: AWS goes on cleaning up
        report("DELETE_FAILED", str(error))
    else:
        report("DELETE_COMPLETE")
