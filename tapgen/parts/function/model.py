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

HOOKS = "hooks"
"""The name of the functions that judge versions; tapgen makes them, so no function of a service has it."""


@dataclass(frozen=True, kw_only=True)
class Function(Part):
    """A Lambda function behind a live alias."""

    kind: ClassVar[str] = "function"

    folder: str
    """Its folder below ``handlers/``."""
    entry_point: str = "app.handler"
    """Module and function within the folder."""
    runtime: str = "python3.13"
    layered: bool = True
    """Whether it uses the dependency layer."""
    description: str = ""
    routes: tuple[Route, ...] = ()
    sources: tuple[Source, ...] = ()
    grants: tuple[Grant, ...] = ()
    variables: Mapping[str, Variable] = field(default_factory=dict, hash=False)
    journey: Journey | None = field(default=None, hash=False)
    """How it is tried; None tries as little as is possible without one."""

    @property
    def answers_requests(self) -> bool:
        """Whether somebody waits for its answers."""
        return bool(self.routes)


PART = Function
