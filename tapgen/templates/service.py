"""The four nested stacks of the service, built from one environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.naming import Names
from tapgen.templates import compute, data, observability, security, wiring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.config.environment import Environment
    from tapgen.model import Artifact


def build_stacks(environment: Environment, artifacts: Mapping[str, Artifact]) -> tuple[wiring.Stack, ...]:
    """The stacks in the order in which they depend on each other."""
    context = wiring.Context(environment=environment, names=Names(environment), artifacts=artifacts)
    return tuple(module.build(context) for module in (security, data, compute, observability))


def render_stacks(stacks: tuple[wiring.Stack, ...]) -> dict[str, dict[str, Any]]:
    """Finished templates by stack name.

    Raises:
        RenderError: troposphere refuses a property; it names resource and property.
    """
    return {stack.name: wiring.finish(stack.template, stack.name) for stack in stacks}
