"""How the functions of a service are tried: by its own journeys, or by as little as is possible without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.journey.defaults import default_journey

if TYPE_CHECKING:
    from tapgen.journey.steps import Journey
    from tapgen.parts.function.model import Function
    from tapgen.service.model import Model

# Kinds of parts whose event sources deliver ``Records``.
_BATCHES = {"table": "stream", "queue": "queue", "topic": "topic", "bucket": "bucket"}


@dataclass(frozen=True, kw_only=True)
class Tried:
    """How one function is tried."""

    function: str
    """Its name in the service."""
    journey: Journey
    routes: tuple[str, ...] = ()
    """``METHOD /path`` of the HTTP routes that invoke it."""
    public: tuple[str, ...] = ()
    """Those of the routes that are open to everybody."""


def tried_of(service: Model) -> tuple[Tried, ...]:
    """Every function of a service, with its journey."""
    return tuple(_tried(function) for function in service.functions)


def _tried(function: Function) -> Tried:
    routes = tuple(route.key for route in function.routes)
    public = tuple(route.key for route in function.routes if route.public or route.authorization == "NONE")
    journey = function.journey or default_journey(
        routes=routes,
        public=public,
        sources=[_BATCHES.get(source.part.kind, source.part.kind) for source in function.sources],
    )
    return Tried(function=function.name, journey=journey, routes=routes, public=public)
