"""Resources whose rollback failed say so: UPDATE_FAILED, as ContinueUpdateRollback wants them named.

CloudFormation user guide, "Continue rolling back an update": resources in the UPDATE_FAILED state are what may be
skipped. MiniStack puts the resources of a stack that rolled back to their state before, failed or not.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.cloudformation.answers import Answer
    from tapgen.local.extension.settings import Settings

SEAMS: tuple[Seam, ...] = (cfn.STACKS, cfn.ACTIONS)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Wrap the actions that answer resources with their status."""
    actions = original(cfn.ACTIONS)
    for name in ("ListStackResources", "DescribeStackResources", "DescribeStackResource"):
        actions[name] = _marking(actions[name])


def _marking(answer: Callable[..., Answer]) -> Callable[..., Answer]:
    @functools.wraps(answer)
    def handle(params: dict[str, Any]) -> Answer:
        for stack in list(cfn.stacks().values()):
            if stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
                for logical_id in stack.get("_rollback_failed", {}):
                    stack["_resources"].get(logical_id, {})["ResourceStatus"] = "UPDATE_FAILED"
        return answer(params)

    return handle
