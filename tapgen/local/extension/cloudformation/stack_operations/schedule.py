"""Which resource is taken when: all that wait for nothing more at once, as AWS does, until one fails."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.stack_operations import resources
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from tapgen.local.extension.cloudformation.stack_operations.operation import Operation

_SORT = Seam(
    module="ministack.services.cloudformation.engine",
    attribute="_topological_sort",
    parameters=("resources", "conditions"),
    gap="Used: an order that keeps dependencies, and the refusal of circular ones.",
)
SEAMS: tuple[Seam, ...] = (_SORT, cfn.EXTRACT_DEPENDENCIES)

_POLL_S = 0.02


def order(operation: Operation) -> list[str]:
    """The logical ids of an operation, what is waited for first.

    Raises:
        ValueError: Resources wait for each other.
    """
    found: list[str] = original(_SORT)(operation.template.get("Resources", {}), operation.conditions)
    return found


async def run(operation: Operation) -> None:
    """Provision every resource as soon as what it waits for is done; nothing new is begun once one has failed."""
    waiting = _dependencies(operation)
    tasks: set[asyncio.Task[None]] = set()
    while waiting or tasks:
        if operation.ending:
            waiting.clear()
        for logical_id in [name for name, awaited in waiting.items() if awaited <= operation.done]:
            del waiting[logical_id]
            tasks.add(asyncio.create_task(resources.provision(operation, logical_id)))
        if tasks:
            finished, tasks = await asyncio.wait(tasks, timeout=_POLL_S, return_when=asyncio.FIRST_COMPLETED)
            for task in finished:
                task.result()  # a resource's own failure is in the operation: this one would be a defect


def _dependencies(operation: Operation) -> dict[str, set[str]]:
    """What each resource waits for, in the order in which equals are taken."""
    active = operation.active
    names = set(active)
    return {name: original(cfn.EXTRACT_DEPENDENCIES)(active[name], names) - {name} for name in sorted(names)}
