"""The four nested stacks of a service, built from one environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements import wiring
from tapgen.naming import Names
from tapgen.templates import compute, data, observability, security

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.config.environment import Environment
    from tapgen.model import Artifact

_MODULES = {"security": security, "data": data, "compute": compute, "observability": observability}


def build_stacks(environment: Environment, artifacts: Mapping[str, Artifact]) -> tuple[wiring.Stack, ...]:
    """The stacks in the order in which they depend on each other.

    Raises:
        RenderError: troposphere refuses a property; it names stack, resource and property.
    """
    context = wiring.Context(environment=environment, names=Names(environment), artifacts=artifacts)
    stacks = []
    for name, module in _MODULES.items():
        with wiring.translated(name):
            stacks.append(module.build(context))
    return tuple(stacks)


def render_stacks(stacks: tuple[wiring.Stack, ...]) -> dict[str, dict[str, Any]]:
    """Finished templates by stack name.

    Raises:
        RenderError: troposphere refuses a property; it names stack, resource and property.
    """
    return {stack.name: wiring.finish(stack.template, stack.name) for stack in stacks}
