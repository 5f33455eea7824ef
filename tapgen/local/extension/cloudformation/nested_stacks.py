"""Nested stacks that behave as stacks: AWS::CloudFormation::Stack through MiniStack's own top-level operations.

MiniStack deploys a nested stack with a short copy of its stack operation, which forgets the attributes of unchanged
resources on update, has no rollback, no clean-up phase and no deletion policies. Here a child is created, updated,
rolled back and deleted by the operations that a root stack uses; this module only prepares its record and reports to
the parent. It runs on the worker thread that MiniStack gives to the type. AWS documentation: "Working with nested
stacks", "Nested stacks roll back".
"""

from __future__ import annotations

import asyncio
import copy
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import nested_records
from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.nested_records import (
    KEPT,
    Desired,
    apply,
    attributes,
    desired,
    differs,
    new_record,
    reviewed,
)
from tapgen.local.extension.cloudformation.stack_operations.operation import (
    IMPORTS,
    RETAIN_EXCEPT_ON_CREATE,
    ROLLBACK_DISABLED,
    Cancelled,
    Operation,
)
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tapgen.local.extension.settings import Settings

SEAMS: tuple[Seam, ...] = (
    *nested_records.SEAMS,
    cfn.DEPLOY,
    cfn.ROLL_BACK,
    cfn.ADD_EVENT,
    cfn.DELETE_STACK,
    cfn.CONTINUE_ROLLBACK,
    cfn.RESOURCE_HANDLERS,
)

CONTINUED = "_tapgen_continued"
"""On a child whose rollback has failed: its root's rollback is being continued."""

SKIPPED = "_tapgen_skipped"
"""On such a child: its resources that are to be left as they are."""


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Give the type handlers of its own."""
    handlers = original(cfn.RESOURCE_HANDLERS)
    handlers[cfn.STACK_TYPE] = {
        **handlers[cfn.STACK_TYPE],
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": delete,
    }


def create(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
    """Create a child and return its id and its outputs as attributes.

    Raises:
        ValueError: The child was not created; the text is AWS's.
        Cancelled: It was not created because something else has failed.
    """
    parent = cfn.stacks()[stack_name]
    wanted = desired(props, parent=parent)
    child = reviewed(parent, logical_id) or new_record(parent, logical_id)
    apply(child, wanted)
    child["StackStatusReason"] = ""
    cfn.add_event(child, "CREATE_IN_PROGRESS")
    _tell_parent(parent, logical_id, child, "CREATE_IN_PROGRESS", "Resource creation Initiated")
    operation = _deploy(child, wanted, previous=None, rollback_disabled=True)
    if child["StackStatus"] != "CREATE_COMPLETE":
        _leave_failed(parent, logical_id, child, props)
        if operation.cut_short:
            raise Cancelled
        reason = _reason(child)
        raise ValueError(f"Embedded stack {child['StackId']} was not successfully created: {reason}")
    return child["StackId"], attributes(child)


def update(
    physical_id: str, old_props: dict[str, Any], new_props: dict[str, Any], stack_name: str, logical_id: str
) -> tuple[str, dict[str, str]]:
    """Update a child, or send it back when its parent is rolling back.

    Raises:
        ValueError: The child was not updated or not sent back; the text is AWS's.
        Cancelled: It was not updated because something else has failed, or somebody has cancelled the update.
    """
    child = cfn.find(physical_id)
    if child is None:
        raise ValueError(f"Stack {physical_id} does not exist")
    parent = cfn.stacks()[stack_name]
    if "ROLLBACK" in parent["StackStatus"]:
        _send_back(child)
        return child["StackId"], attributes(child)
    wanted = desired(new_props, parent=parent)
    if old_props != new_props and differs(child, wanted):
        _tell_parent(parent, logical_id, child, "UPDATE_IN_PROGRESS", "")
        _update(child, wanted, rollback_disabled=bool(parent.get(ROLLBACK_DISABLED)))
    return child["StackId"], attributes(child)


def delete(physical_id: str, props: dict[str, Any]) -> None:  # noqa: ARG001 - the signature of MiniStack's handlers
    """Delete a child with everything in it that no deletion policy keeps.

    Raises:
        ValueError: Something in it could not be deleted.
    """
    child = cfn.find(physical_id)
    if child is None or child["StackStatus"] == "DELETE_COMPLETE":
        return
    parent = cfn.parent(child)
    if parent and "ROLLBACK" in parent["StackStatus"]:
        policies = ("RetainExceptOnCreate", "Retain") if _retain_except_on_create(child) else ("RetainExceptOnCreate",)
        child["_template"] = _without_policies(child["_template"], policies)
    _run(original(cfn.DELETE_STACK)(child["StackName"], child["StackId"]))
    if child["StackStatus"] != "DELETE_COMPLETE":
        raise ValueError(
            f"Embedded stack {child['StackId']} was not successfully deleted: {child.get('StackStatusReason', '')}"
        )


def _update(child: cfn.Stack, wanted: Desired, *, rollback_disabled: bool) -> None:
    previous = copy.deepcopy({key: child.get(key) for key in KEPT})
    child[cfn.ROLLBACK_POINT] = copy.deepcopy(previous)
    start = len(cfn.events(child["StackId"]))
    apply(child, wanted)
    cfn.add_event(child, "UPDATE_IN_PROGRESS")
    operation = _deploy(child, wanted, previous=previous, rollback_disabled=rollback_disabled)
    if child["StackStatus"].startswith("UPDATE_COMPLETE"):
        return
    child.pop(cfn.ROLLBACK_POINT, None)
    child["_conditions"] = previous["_conditions"]
    if operation.cut_short:
        raise Cancelled
    state = "UPDATE_FAILED" if rollback_disabled else "UPDATE_ROLLBACK_IN_PROGRESS"
    raise ValueError(
        f"Embedded stack {child['StackId']} was not successfully updated. "
        f"Currently in {state} with reason: {_reason(child, since=start)}"
    )


def _send_back(child: cfn.Stack) -> None:
    """Bring a child to where it was before its root's operation; one that has rolled itself back is there already."""
    point = child.pop(cfn.ROLLBACK_POINT, None)
    failed = child.pop("_failed_operation", None)
    name, stack_id = child["StackName"], child["StackId"]
    if child.pop(CONTINUED, False):
        _run(original(cfn.CONTINUE_ROLLBACK)(name, stack_id, frozenset(child.pop(SKIPPED, ()))))
    elif failed or point:
        operation = failed or _completed_operation(child, point)
        previous = operation["previous_stack"]
        with Operation.start(child, child["_template"], child["_resolved_params"], previous=previous).running():
            _run(original(cfn.ROLL_BACK)(name, stack_id, child, operation))
        child["_conditions"] = previous["_conditions"]
    if child["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
        raise ValueError(
            f"Embedded stack {stack_id} was not successfully updated. "
            f"Currently in UPDATE_ROLLBACK_FAILED with reason: {child.get('StackStatusReason', '')}"
        )


def _completed_operation(child: cfn.Stack, previous: dict[str, Any]) -> dict[str, Any]:
    """A finished update in the form in which MiniStack keeps a failed one."""
    return {
        "is_update": True,
        "previous_stack": previous,
        "created": list(child["_resources"]),
        "failed_update": None,
        "failed_logical_id": None,
        "replaced_ids": [],
        "cancelled": False,
        "template": child["_template"],
        "param_values": child["_resolved_params"],
        "retain_except_on_create": _retain_except_on_create(child),
        "stack_tags": child.get("Tags") or [],
        "previous_tags": previous.get("Tags") or [],
        "imports": {},
    }


def _deploy(
    child: cfn.Stack, wanted: Desired, *, previous: dict[str, Any] | None, rollback_disabled: bool
) -> Operation:
    operation: Operation = _run(
        original(cfn.DEPLOY)(
            child["StackName"],
            child["StackId"],
            wanted.template,
            wanted.parameters,
            rollback_disabled,
            wanted.tags,
            is_update=previous is not None,
            previous_stack=previous,
            retain_except_on_create=_retain_except_on_create(child),
            imports=child.pop(IMPORTS, None),
        )
    )
    return operation


def _run(operation: Coroutine[Any, Any, Any]) -> Any:
    """Run a stack operation to its end on this worker thread, which has no event loop of its own."""
    return asyncio.run(operation)


def _reason(child: cfn.Stack, *, since: int = 0) -> str:
    """Why the child failed: its resources, or what its own last failure says when no resource is to blame."""
    summary = cfn.failure_reason(child, since=since)
    if summary:
        return summary
    reasons = [str(event["ResourceStatusReason"]) for event in cfn.events(child["StackId"])[since:]]
    return next((reason for reason in reversed(reasons) if reason), str(child["StackStatusReason"]))


def _tell_parent(parent: cfn.Stack, logical_id: str, child: cfn.Stack, status: str, reason: str) -> None:
    """Record an event on the parent that carries the child's id, so that a watcher can follow it from the start."""
    stack_id, name = parent["StackId"], parent["StackName"]
    original(cfn.ADD_EVENT)(stack_id, name, logical_id, cfn.STACK_TYPE, status, reason, child["StackId"])


def _leave_failed(parent: cfn.Stack, logical_id: str, child: cfn.Stack, props: dict[str, Any]) -> None:
    """Keep a failed child among the parent's resources, where the parent's rollback finds and deletes it."""
    parent["_resources"][logical_id] = {
        "PhysicalResourceId": child["StackId"],
        "ResourceType": cfn.STACK_TYPE,
        "ResourceStatus": "CREATE_FAILED",
        "LogicalResourceId": logical_id,
        "Properties": props,
        "Attributes": {},
        "Timestamp": child["LastUpdatedTime"],
    }


def _retain_except_on_create(child: cfn.Stack) -> bool:
    """Whether the running operation was asked to take along what it has created, retained or not."""
    return bool(cfn.root(child).get(RETAIN_EXCEPT_ON_CREATE))


def _without_policies(template: dict[str, Any], policies: tuple[str, ...]) -> dict[str, Any]:
    """The template as the rollback of a create reads it: these deletion policies keep nothing there."""
    changed = copy.deepcopy(template)
    for resource in changed.get("Resources", {}).values():
        if resource.get("DeletionPolicy") in policies:
            resource["DeletionPolicy"] = "Delete"
    return changed
