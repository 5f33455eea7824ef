"""Where routes ask who calls, all of them do but those that tell nothing about anyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, mapping
from tapgen.naming import PUBLIC_METADATA

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    routes = list(templates.of_type("AWS::ApiGatewayV2::Route"))
    if {route.properties.get("AuthorizationType", "NONE") for route in routes} <= {"NONE"}:
        return
    for route in routes:
        kind, key = route.properties.get("AuthorizationType", "NONE"), route.get("RouteKey")
        if kind == "NONE" and not mapping(route.definition.get("Metadata")).get(PUBLIC_METADATA):
            yield route, f"{key} asks nobody who they are"
        if kind == "JWT" and "AuthorizerId" not in route.properties:
            yield route, f"{key} has no authorizer to check the token"


RULE = Rule(
    id="closed-routes",
    holds="Where routes ask who calls, every route does but those that the service declares public.",
    why="One route that forgets to ask opens what is behind it to everybody.",
    source='API Gateway developer guide, "Control and manage access to HTTP APIs"',
    find=_find,
)
