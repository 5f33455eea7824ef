"""Browsers of the configured origins may call, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences, listed

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates

_EXPOSED = {"allow", "etag", "location", "retry-after"}


def _find(templates: Templates) -> Found:
    cors = templates.environment.api.cors
    for api in templates.generated("AWS::ApiGatewayV2::Api"):
        domain = templates.environment.api.domain
        closed = True if domain and not domain.default_endpoint else None
        yield from differences(api, {"ProtocolType": "HTTP", "DisableExecuteApiEndpoint": closed})
        if not cors.allow_origins:
            yield from differences(api, {"CorsConfiguration": None})
            continue
        wanted = {
            "AllowOrigins": list(cors.allow_origins),
            "AllowHeaders": list(cors.allow_headers),
            "AllowMethods": _methods(templates),
            "AllowCredentials": None,
            "MaxAge": cors.max_age_s,
        }
        yield from differences(api, {f"CorsConfiguration.{name}": value for name, value in wanted.items()})
        missing = _EXPOSED - set(listed(api.get("CorsConfiguration.ExposeHeaders")))
        if missing:
            yield api, f"hides the headers {', '.join(sorted(missing))} from browsers"


def _methods(templates: Templates) -> list[str]:
    routes = [route for function in templates.environment.service.functions for route in function.routes]
    found = {route.key.partition(" ")[0] for route in routes if " " in route.key}
    return ["*"] if "ANY" in found else sorted(found)


RULE = Rule(
    id="api-origins",
    holds="Browsers of the origins in `api.cors` may call the methods of the service's routes, with the headers "
    "that are configured; without origins there is no CORS.",
    why="Another origin's page would call with its visitor's token; a header that is not exposed is not there for "
    "the page.",
    source='API Gateway developer guide, "Configure CORS for HTTP APIs"',
    find=_find,
)
