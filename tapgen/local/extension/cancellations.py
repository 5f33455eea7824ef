"""Resources that a failure cancels: AWS works on independent ones at once, and stops those under way when one fails.

MiniStack takes one after the other, so none is ever under way beside the one that fails. Its events are added here for
those that AWS would have started by then: "Resource creation cancelled" and "Resource update cancelled".
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension import cloudformation as cfn
from tapgen.local.extension.nested_stacks import ROLLBACK_POINT
from tapgen.local.extension.seams import Seam, original, replace
from tapgen.local.extension.stack_operations import ADDED, TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.local.extension.settings import Settings

_SORT = Seam(
    module="ministack.services.cloudformation.engine",
    attribute="_topological_sort",
    parameters=("resources", "conditions"),
    gap="Used: the order in which MiniStack takes the resources of a template.",
)

SEAMS: tuple[Seam, ...] = (cfn.STACKS, cfn.ADD_EVENT, cfn.EXTRACT_DEPENDENCIES, _SORT)

_REASONS = {"CREATE": "Resource creation cancelled", "UPDATE": "Resource update cancelled"}


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Add the events behind the event of a failure."""
    modules = ("ministack.services.cloudformation.handlers", "ministack.services.cloudformation.changesets")
    replace(cfn.ADD_EVENT, _cancelling(original(cfn.ADD_EVENT)), also=modules)


def _cancelling(add_event: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(add_event)
    def report(*args: Any, **kwargs: Any) -> None:
        add_event(*args, **kwargs)
        stack_id, name, logical_id, _, status = args[:5]
        stack = cfn.stacks().get(name) or {}
        operation, _, outcome = status.partition("_")
        under_way = TEMPLATE in stack and stack["StackStatus"] == f"{operation}_IN_PROGRESS"
        if outcome != "FAILED" or logical_id == name or not under_way:
            return
        for sibling in _under_way(stack, logical_id):
            verb = "CREATE" if sibling in stack[ADDED] else operation
            resource_type = stack[TEMPLATE]["Resources"][sibling]["Type"]
            add_event(stack_id, name, sibling, resource_type, f"{operation}_IN_PROGRESS")
            add_event(stack_id, name, sibling, resource_type, f"{operation}_FAILED", _REASONS[verb])

    return report


def _under_way(stack: cfn.Stack, failed: str) -> Iterator[str]:
    """The resources that wait for nothing that has not been done when one fails, and that have something to do."""
    definitions = stack[TEMPLATE].get("Resources", {})
    conditions = stack.get("_conditions", {})
    order = [name for name in original(_SORT)(definitions, conditions) if _exists(definitions[name], conditions)]
    done = set(order[: order.index(failed)])
    before = (stack.get(ROLLBACK_POINT) or stack).get("_template") or {}
    for name in order[order.index(failed) + 1 :]:
        changes = name in stack[ADDED] or definitions[name] != before.get("Resources", {}).get(name)
        if changes and original(cfn.EXTRACT_DEPENDENCIES)(definitions[name], set(order)) <= done:
            yield name


def _exists(definition: dict[str, Any], conditions: dict[str, bool]) -> bool:
    return conditions.get(definition.get("Condition", ""), True)
