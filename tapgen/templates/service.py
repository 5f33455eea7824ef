"""The nested stacks of a service, built from one environment: four, and as many again for what does not fit."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from tapgen.elements import wiring
from tapgen.naming import Names
from tapgen.templates import compute, data, further, observability, security

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tapgen.config.environment import Environment
    from tapgen.model import Artifact

_BUILDERS = {
    "security": security.build,
    data.NAME: data.build,
    further.SHIFTS: further.build_shifts,
    "compute": compute.build,
    further.ROUTES: further.build_routes,
    "observability": observability.build,
}
_DIGITS = "0123456789"


def build_stacks(environment: Environment, artifacts: Mapping[str, Artifact]) -> tuple[wiring.Stack, ...]:
    """The stacks in the order in which they depend on each other.

    Raises:
        RenderError: troposphere refuses a property; it names stack, resource and property.
    """
    first = wiring.Context(environment=environment, names=Names(environment), artifacts=artifacts)
    contexts = [dataclasses.replace(first, block=block) for block in range(1, first.service.last_block + 1)]
    stacks: list[wiring.Stack] = []
    for name, build in _BUILDERS.items():
        built = []
        # The first block's alarms are made last: its composite alarms name those of the others.
        for context in reversed(contexts) if name == "observability" else contexts:
            with wiring.translated(wiring.stack_name(name, context.block)):
                stack = build(context)
            if stack.template.resources:
                built.append(stack)
        stacks += built
    _order(stacks)
    return tuple(stacks)


def _order(stacks: Sequence[wiring.Stack]) -> None:
    """What has only names of another stack in it waits for that stack."""
    names = [stack.name for stack in stacks]
    for stack in stacks:
        stack.after = tuple(name for name in names if name != stack.name and _is_before(name, stack.name))


def _is_before(name: str, other: str) -> bool:
    """Whether a stack has something by its name that another one needs."""
    base, place = name.rstrip(_DIGITS), other.rstrip(_DIGITS)
    match place:
        case "data":
            return other != place and name == place
        case "compute":
            # Destinations of a function are named, in whichever stack they are.
            return base == "data" or (other != place and base == further.SHIFTS)
        case further.ROUTES:
            return name in ("compute", f"compute{other.removeprefix(place)}")
        case "observability":
            return other == place and base == place
    return False


def render_stacks(stacks: tuple[wiring.Stack, ...]) -> dict[str, dict[str, Any]]:
    """Finished templates by stack name.

    Raises:
        RenderError: troposphere refuses a property; it names stack, resource and property.
    """
    return {stack.name: wiring.finish(stack.template, stack.name) for stack in stacks}
