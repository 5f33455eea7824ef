"""The nested stacks of a service, built from one environment: four, and as many again for what does not fit."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from tapgen.elements import wiring
from tapgen.naming import Names
from tapgen.templates import compute, data, observability, security

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tapgen.config.environment import Environment
    from tapgen.model import Artifact

_MODULES = {"security": security, "data": data, "compute": compute, "observability": observability}


def build_stacks(environment: Environment, artifacts: Mapping[str, Artifact]) -> tuple[wiring.Stack, ...]:
    """The stacks in the order in which they depend on each other.

    Raises:
        RenderError: troposphere refuses a property; it names stack, resource and property.
    """
    first = wiring.Context(environment=environment, names=Names(environment), artifacts=artifacts)
    contexts = [dataclasses.replace(first, block=block) for block in range(1, first.service.last_block + 1)]
    stacks: list[wiring.Stack] = []
    for name, module in _MODULES.items():
        built = []
        # The first block's alarms are made last: its composite alarms name those of the others.
        for context in reversed(contexts) if name == "observability" else contexts:
            with wiring.translated(wiring.stack_name(name, context.block)):
                stack = module.build(context)
            if stack.template.resources:
                built.append(stack)
        stacks += built
    _order(stacks)
    return tuple(stacks)


def _order(stacks: Sequence[wiring.Stack]) -> None:
    """What has only names of another stack in it waits for that stack."""
    names = {stack.name for stack in stacks}
    further = [name for name in names if name.startswith("observability") and name != "observability"]
    for stack in stacks:
        if stack.name == "observability":
            stack.after = tuple(sorted(further))
        else:
            base = stack.name.rstrip("0123456789")
            stack.after = (base,) if base in ("data", "compute") and base != stack.name and base in names else ()


def render_stacks(stacks: tuple[wiring.Stack, ...]) -> dict[str, dict[str, Any]]:
    """Finished templates by stack name.

    Raises:
        RenderError: troposphere refuses a property; it names stack, resource and property.
    """
    return {stack.name: wiring.finish(stack.template, stack.name) for stack in stacks}
