"""Stack operations as AWS carries them out: whatever is ready at the same time, and a clean-up phase at the end.

    operation    one create or update while it runs: what was asked for, how far it is, whether it must end
    schedule     which resource is taken when: all that wait for nothing more, at once
    resources    one resource: resolve, report, create or update, record
    outcome      the end: outputs, clean-up, failure, rollback
    removals     what an update removes or replaces, and when it is deleted

MiniStack takes one resource after another, so that two traffic shifts of ten minutes take twenty, and nothing is ever
under way beside a resource that fails. Deleting a stack, rolling one back and continuing a rollback are left to it.
AWS documentation: "Stack status codes", "Nested stacks roll back", "Update behaviors of stack resources".
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation import stack_policies
from tapgen.local.extension.cloudformation.stack_operations import operation, outcome, removals, resources, schedule
from tapgen.local.extension.cloudformation.stack_operations.operation import Operation
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_VALIDATE = Seam(
    module="ministack.services.cloudformation.stacks",
    attribute="_fail_property_validation",
    parameters=("stack", "stack_id", "stack_name", "resources_defs", "ordered", "param_values", "conditions"),
    gap="Used: refuses properties before anything is provisioned, and ends the operation then.",
)

SEAMS: tuple[Seam, ...] = (
    *operation.SEAMS,
    *schedule.SEAMS,
    *resources.SEAMS,
    *outcome.SEAMS,
    *removals.SEAMS,
    cfn.DEPLOY,
    _VALIDATE,
)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Replace MiniStack's operation; every module that imported it gets the new one."""
    outcome.install()
    replace(cfn.DEPLOY, _concurrent(original(cfn.DEPLOY)), also=(cfn.HANDLERS, cfn.CHANGE_SET_ACTIONS))


def _concurrent(one_by_one: Callable[..., Any]) -> Callable[..., Any]:
    """The operation in place of MiniStack's."""
    signature = inspect.signature(one_by_one)

    @functools.wraps(one_by_one)
    async def deploy(*args: Any, **kwargs: Any) -> Operation:
        asked = signature.bind(*args, **kwargs)
        asked.apply_defaults()
        return await _deploy(asked.arguments)

    return deploy


async def _deploy(asked: dict[str, Any]) -> Operation:
    """Create or update a stack, as the arguments of MiniStack's own operation ask for it."""
    previous = (asked["previous_stack"] or {}) if asked["is_update"] else None
    stack = cfn.stacks()[asked["stack_name"]]
    started = Operation.start(stack, asked["template"], asked["param_values"], previous=previous)
    started.imports.update(asked["imports"] or {})
    stack[operation.ROLLBACK_DISABLED] = bool(asked["disable_rollback"])
    stack[operation.RETAIN_EXCEPT_ON_CREATE] = bool(asked["retain_except_on_create"])
    if started.is_update:
        stack[operation.IN_FLIGHT] = outcome.in_flight(started)
    with started.running():
        await _carry_out(started)
    # Not where the embedded AWS is stopped meanwhile: it is found again after the next start.
    stack.pop(operation.IN_FLIGHT, None)
    stack_policies.forget_override(stack)
    return started


async def _carry_out(started: Operation) -> None:
    try:
        order = schedule.order(started)
    except ValueError as error:
        await outcome.refuse(started, str(error))
        return
    if not started.stack.get("_disable_validation") and not _valid(started, order):
        return
    await schedule.run(started)
    await outcome.settle(started)


def _valid(started: Operation, order: list[str]) -> bool:
    stack = started.stack
    return not original(_VALIDATE)(
        stack,
        stack["StackId"],
        stack["StackName"],
        started.template.get("Resources", {}),
        order,
        started.parameters,
        started.conditions,
        started.template.get("Mappings", {}),
        stack[operation.ROLLBACK_DISABLED],
        previous_stack=started.previous,
    )
