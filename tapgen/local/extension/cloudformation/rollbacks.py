"""ContinueUpdateRollback over a hierarchy: the root continues, and its nested stacks with it.

CloudFormation API reference, ContinueUpdateRollback: a resource of a nested stack is skipped as
``NestedStackName.LogicalId``, and the request names the root.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.answers import refusal
from tapgen.local.extension.cloudformation.nested_stacks import CONTINUED, SKIPPED
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.cloudformation.answers import Answer
    from tapgen.local.extension.settings import Settings

SEAMS: tuple[Seam, ...] = (cfn.STACKS, cfn.ACTIONS, cfn.CONTINUE_ROLLBACK)

_ACTION = "ContinueUpdateRollback"
_SKIP = "ResourcesToSkip"


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Wrap the action."""
    actions = original(cfn.ACTIONS)
    actions[_ACTION] = _continuing(actions[_ACTION])


def _continuing(continue_rollback: Callable[..., Answer]) -> Callable[..., Answer]:
    @functools.wraps(continue_rollback)
    def handle(params: dict[str, Any]) -> Answer:
        stack = cfn.find(str(params.get("StackName", [""])[0]))
        if stack is None:
            return continue_rollback(params)
        if cfn.parent(stack):
            return refusal(f"{_ACTION} cannot be called on the nested stack {stack['StackName']}; name its root")
        asked = [values[0] for key, values in params.items() if key.startswith(f"{_SKIP}.member.")]
        nested = [tuple(name.split(".", 1)) for name in asked if "." in name]
        fault = _fault(stack, nested)
        if fault:
            return refusal(fault)
        _mark(stack, nested)
        return continue_rollback(_with_skipped(params, [name for name in asked if "." not in name]))

    return handle


def _fault(root: cfn.Stack, nested: list[tuple[str, ...]]) -> str:
    """Why the nested resources cannot be skipped; empty when they can."""
    below = {child["StackName"]: child for child in cfn.descendants(root)}
    for stack_name, logical_id in nested:
        if logical_id not in below.get(stack_name, {}).get("_rollback_failed", {}):
            return f"Resource [{stack_name}.{logical_id}] cannot be skipped: its rollback has not failed"
    return ""


def _mark(root: cfn.Stack, nested: list[tuple[str, ...]]) -> None:
    for child in cfn.descendants(root):
        if child["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
            child[CONTINUED] = True
            child[SKIPPED] = [logical_id for stack_name, logical_id in nested if stack_name == child["StackName"]]


def _with_skipped(params: dict[str, Any], names: list[str]) -> dict[str, Any]:
    kept = {key: value for key, value in params.items() if not key.startswith(_SKIP)}
    return {**kept, **{f"{_SKIP}.member.{number}": [name] for number, name in enumerate(names, start=1)}}
