"""Each route asks who calls as it is configured, and goes to its function's live alias."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.policy_documents import as_text
from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.function.rules.aliases import invokes, live_aliases
from tapgen.parts.http_api.rules.routes import found_routes, wanted_authorization, wanted_routes

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates


def _find(templates: Templates) -> Found:
    found, aliases = found_routes(templates), live_aliases(templates)
    for function, route in wanted_routes(templates):
        item, alias = found.get(route.key), aliases.get(function.name)
        if alias is None:
            continue
        if item is None:
            yield alias, f"no route {route.key!r} leads to {function.label}"
            continue
        kind = wanted_authorization(templates, route)
        scopes = list(route.scopes) or None if kind == "JWT" else None
        yield from differences(item, {"AuthorizationType": kind, "AuthorizationScopes": scopes})
        authorizer = templates.trace(item.stack, item.get("AuthorizerId"))
        if kind == "JWT" and (authorizer is None or authorizer.resource.type != "AWS::ApiGatewayV2::Authorizer"):
            yield item, "asks no authorizer of this API"
        yield from _judge_target(templates, item, alias)


def _judge_target(templates: Templates, route: Resource, alias: Resource) -> Found:
    pattern = as_text(route.get("Target"))
    name = pattern.removeprefix("integrations/${").removesuffix("}")
    integration = templates.find(route.stack, name)
    if integration is None or not invokes(templates, integration, "IntegrationUri", alias=alias):
        yield route, f"goes to {pattern}, which does not invoke {alias.logical_id}"


RULE = Rule(
    id="api-routes",
    holds="Each route that the service has is there, asks who calls as the service or `api.authorization` says, "
    "and leads to the live alias of its function.",
    why="A route without its authorization is open; one that leads past the alias meets versions that no shift has "
    "judged.",
    source='API Gateway developer guide, "Create routes for HTTP APIs" and "Control and manage access to HTTP APIs"',
    find=_find,
)
