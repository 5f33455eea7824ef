"""DescribeStackResources by the physical id alone: which stack a resource belongs to.

CloudFormation API reference, DescribeStackResources: with PhysicalResourceId all resources of the stack that it belongs
to are answered; one that belongs to none is a ValidationError. MiniStack knows the stack's name alone.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.answers import refusal
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.cloudformation.answers import Answer

    Parameters = dict[str, Any]
    Action = Callable[[Parameters], Answer]

SEAMS: tuple[Seam, ...] = (cfn.ACTIONS, cfn.STACKS)


def install() -> None:
    """Wrap the action."""
    actions = original(cfn.ACTIONS)
    describe = actions["DescribeStackResources"]
    actions["DescribeStackResources"] = functools.wraps(describe)(_finding(describe))


def _finding(describe: Action) -> Action:
    def handle(params: Parameters) -> Answer:
        physical_id = _first(params, "PhysicalResourceId")
        if not physical_id or _first(params, "StackName"):
            return describe(params)
        owner = _find_owner(physical_id)
        if owner is None:
            return refusal(f"Stack for {physical_id} does not exist")
        return describe({"StackName": [owner["StackName"]]})

    return handle


def _find_owner(physical_id: str) -> cfn.Stack | None:
    for stack in cfn.stacks().values():
        records = stack.get("_resources", {}).values()
        if stack["StackStatus"] != "DELETE_COMPLETE" and any(
            record.get("PhysicalResourceId") == physical_id for record in records
        ):
            return stack
    return None


def _first(params: Parameters, name: str) -> str:
    value = params.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value or "")
