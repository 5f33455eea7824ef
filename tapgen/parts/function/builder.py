"""A function and its routes while ``config/service.py`` writes them: frozen when the service is whole."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.journey.steps import Journey
from tapgen.parts.faults import calling_place, tell
from tapgen.parts.part import Grant, Verb
from tapgen.parts.route import Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.parts.function.model import Function
    from tapgen.parts.route import Authorization

# What API Gateway takes as the key of a route (API Gateway developer guide, "Working with routes for HTTP APIs").
_ROUTE = re.compile(r"(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) (/\S*)|\$default")


class FunctionBuilder:
    """A function under definition."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._routes: list[RouteBuilder] = []
        self._grants: list[Grant] = []
        self._journey: Journey | None = None

    @property
    def part(self) -> Function:
        """The function as it was begun."""
        return self._function

    @property
    def name(self) -> str:
        """Of the function."""
        return self._function.name

    def may(self, *verbs: Verb) -> FunctionBuilder:
        """Grant verbs, for whatever event invokes the function."""
        sources = ", ".join(source.label for source in self._function.sources)
        self._grant(verbs, sources or f"function {self.name}")
        return self

    def route(  # noqa: PLR0913 - each is a property of a route
        self,
        key: str,
        *,
        public: bool = False,
        authorization: Authorization | None = None,
        scopes: Sequence[str] = (),
        rate_rps: int | None = None,
        burst: int | None = None,
        logical_id: str | None = None,
    ) -> RouteBuilder:
        """Answer a route of the HTTP API: ``GET /orders/{orderId}``.

        Args:
            key: Method and path, or ``$default`` for whatever no other route takes.
            public: Open to everybody whatever the environment's authorization.
            authorization: Of this route; the environment's when left out.
            scopes: With JWT: the caller's token needs one of them.
            rate_rps: Steady requests per second of this route; the stage's when left out.
            burst: Requests at once; the stage's when left out.
            logical_id: Stem of the route's ids, for a deployed stack that has another.
        """
        if not _ROUTE.fullmatch(key):
            tell(f"route {key!r}: write METHOD /path or $default, e.g. 'GET /{self.name}/{{id}}'")
        route = Route(
            key=key,
            logical_id=logical_id or _route_id(key),
            public=public,
            authorization=authorization,
            scopes=tuple(scopes),
            rate_rps=rate_rps,
            burst=burst,
            place=calling_place(),
        )
        builder = RouteBuilder(route, self)
        self._routes.append(builder)
        return builder

    def tried_by(self, journey: object) -> FunctionBuilder:
        """How the function is tried by hooks, probes, ``verify``, ``rehearse`` and ``iam prove``."""
        if not isinstance(journey, Journey):
            tell(f"tried_by({journey!r}): not a Journey; tapgen.journey makes them")
            return self
        self._journey = journey
        return self

    def freeze(self) -> Function:
        """The finished function."""
        merged: dict[Verb, list[str]] = {}
        for grant in self._grants:
            reasons = merged.setdefault(grant.verb, [])
            if grant.reason not in reasons:
                reasons.append(grant.reason)
        return replace(
            self._function,
            routes=tuple(builder.route for builder in self._routes),
            grants=tuple(Grant(verb=verb, reason=", ".join(reasons)) for verb, reasons in merged.items()),
            journey=self._journey,
        )

    def grant(self, verbs: Sequence[Verb], *, reason: str) -> None:
        """Grant verbs for a reason; :meth:`may` and a route's ``may`` say it for their users."""
        self._grant(verbs, reason)

    def _grant(self, verbs: Sequence[object], reason: str) -> None:
        for verb in verbs:
            if not isinstance(verb, Verb):
                shown = getattr(verb, "__name__", None) or repr(verb)
                tell(f"may({shown}): not a verb; a verb is what a part offers, e.g. table.put or queue.send")
                continue
            self._grants.append(Grant(verb=verb, reason=reason))


class RouteBuilder:
    """A route under definition."""

    def __init__(self, route: Route, function: FunctionBuilder) -> None:
        self.route = route
        self._function = function

    def may(self, *verbs: Verb) -> RouteBuilder:
        """Grant verbs to the function; the route is their reason."""
        self._function.grant(verbs, reason=self.route.key)
        return self


def _route_id(key: str) -> str:
    """``GET /orders/{orderId}`` → ``GetOrdersOrderId``."""
    if key == "$default":
        return "Default"
    words = re.findall(r"[A-Za-z0-9]+", key)
    return "".join(
        word[:1].upper() + (word[1:].lower() if index == 0 else word[1:]) for index, word in enumerate(words)
    )
