"""What the service asks of each route, for the rules of the API. Judges nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.parts.route import Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.templates import Resource, Templates
    from tapgen.parts.function.model import Function

_IAM = {"IAM": "AWS_IAM"}


def wanted_routes(templates: Templates) -> Iterator[tuple[Function, Route]]:
    """Each route with the function that answers it, a browser's preflight among them."""
    environment = templates.environment
    for function in environment.service.functions:
        yield from ((function, route) for route in function.routes)
        # API Gateway answers a preflight by itself only while no route with an authorizer matches, and $default matches
        # (API Gateway developer guide, "Configure CORS for HTTP APIs").
        if environment.api.cors.allow_origins and any(route.key == "$default" for route in function.routes):
            yield function, Route(key="OPTIONS /{proxy+}", logical_id="Preflight", public=True)


def wanted_authorization(templates: Templates, route: Route) -> str:
    """``JWT``, ``AWS_IAM`` or ``NONE``."""
    settings = templates.environment.api
    kind = "NONE" if route.public else route.authorization or settings.authorization
    if kind == "JWT" and settings.jwt is None:
        return "NONE"
    return _IAM.get(kind, kind)


def found_routes(templates: Templates) -> dict[str, Resource]:
    """Route key → route."""
    return {str(item.get("RouteKey")): item for item in templates.of_type("AWS::ApiGatewayV2::Route")}
