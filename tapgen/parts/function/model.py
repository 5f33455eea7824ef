"""A function as the model holds it; users make it with ``Service.function``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from tapgen.parts.part import Grant, Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.journey.steps import Journey
    from tapgen.parts.part import Variable
    from tapgen.parts.route import Route
    from tapgen.parts.source import Source

DESTINATIONS = ("queue", "topic", "event bus", "function")
"""Kinds that Lambda can tell of asynchronous invocations."""
HOOKS = "hooks"
"""The name of the functions that judge versions; tapgen makes them, so no function of a service has it."""


@dataclass(frozen=True, kw_only=True)
class Vpc:
    """A network of others that functions run in."""

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Calls:
    """What becomes of asynchronous invocations (Lambda developer guide, "asynchronous invocation")."""

    on_success: Part | None = None
    """A queue, topic, bus or function that is told of each result."""
    on_failure: Part | None = None
    """A queue, topic, bus or function that gets what failed for good."""
    retries: int = 2
    """How often Lambda tries again (0 to 2)."""
    maximum_age_s: int = 21600
    """Seconds after which Lambda gives up (60 to 21,600)."""


@dataclass(frozen=True, kw_only=True)
class Function(Part):
    """A Lambda function behind a live alias."""

    kind: ClassVar[str] = "function"

    folder: str
    """Its folder below ``handlers/``."""
    entry_point: str = "app.handler"
    """Module and function within the folder."""
    runtime: str = "python3.13"
    build: str = ""
    """Command that makes the code: run in the project, it fills the folder that ``$TAPGEN_OUT`` names."""
    image: str = ""
    """URI of a container image, instead of a zip."""
    layered: bool = True
    """Whether it uses the dependency layer."""
    layers: tuple[str, ...] = ()
    """ARNs of further layers: extensions, tracing."""
    role_arn: str = ""
    """A role of others, instead of one of its own."""
    vpc: Vpc | None = None
    calls: Calls | None = None
    description: str = ""
    routes: tuple[Route, ...] = ()
    sources: tuple[Source, ...] = ()
    grants: tuple[Grant, ...] = ()
    variables: Mapping[str, Variable] = field(default_factory=dict, hash=False)
    journey: Journey | None = field(default=None, hash=False)
    """How it is tried; None tries as little as is possible without one."""

    @property
    def uses_layer(self) -> bool:
        """Whether the Python dependency layer is for it."""
        return self.layered and self.runtime.startswith("python") and not self.image

    @property
    def answers_requests(self) -> bool:
        """Whether somebody waits for its answers."""
        return bool(self.routes)


PART = Function
