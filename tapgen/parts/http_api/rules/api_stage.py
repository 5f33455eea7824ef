"""The stage serves every route, throttled and logged as it is configured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule, differences, listed
from tapgen.naming import STAGE

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates

_WANTED_LOG = ("$context.requestId", "$context.routeKey", "$context.status", "$context.error.message")


def _find(templates: Templates) -> Found:
    settings = templates.environment.api
    for stage in templates.generated("AWS::ApiGatewayV2::Stage"):
        yield from differences(
            stage,
            {
                "StageName": STAGE,
                "AutoDeploy": True,
                "DefaultRouteSettings.DetailedMetricsEnabled": True,
                "DefaultRouteSettings.ThrottlingRateLimit": settings.throttling.rate_rps,
                "DefaultRouteSettings.ThrottlingBurstLimit": settings.throttling.burst,
                "RouteSettings": _limits(templates) or None,
            },
        )
        api = templates.trace(stage.stack, stage.get("ApiId"))
        if api is None or api.resource.type != "AWS::ApiGatewayV2::Api":
            yield stage, "serves no API of these templates"
        yield from _judge_log(templates, stage)
        needed = {
            item.logical_id
            for item in templates.of_type("AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Integration")
            if item.stack == stage.stack
        }
        missing = needed - set(listed(stage.definition.get("DependsOn")))
        if missing:
            yield stage, f"must depend on {', '.join(sorted(missing))}, or it is deployed without them"


def _limits(templates: Templates) -> dict[str, Any]:
    """What an entry leaves out is the service's default, not the stage's."""
    default = templates.environment.api.throttling
    routes = [route for function in templates.environment.service.functions for route in function.routes]
    return {
        route.key: {
            "DetailedMetricsEnabled": True,
            "ThrottlingBurstLimit": route.burst or default.burst,
            "ThrottlingRateLimit": route.rate_rps or default.rate_rps,
        }
        for route in routes
        if route.rate_rps or route.burst
    }


def _judge_log(templates: Templates, stage: Resource) -> Found:
    target = templates.trace(stage.stack, stage.get("AccessLogSettings.DestinationArn"))
    if target is None or target.resource.type != "AWS::Logs::LogGroup":
        yield stage, "logs no access"
        return
    days = templates.environment.api.access_log_retention_days
    wanted = {"LogGroupName": templates.names.access_log_group, "RetentionInDays": days}
    yield from differences(target.resource, wanted)
    text = str(stage.get("AccessLogSettings.Format"))
    if not _is_object(text) or not all(name in text for name in _WANTED_LOG):
        yield stage, "has an access log that is no JSON with request id, route, status and error"


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


RULE = Rule(
    id="api-stage",
    holds="The stage deploys every change, throttles as `api.throttling` and the routes say, publishes metrics of "
    "each route, and logs each request as JSON to a group that is kept as it is configured.",
    why="Without throttling one caller takes the concurrency of all; without the log nobody can tell who called what.",
    source='API Gateway developer guide, "Stages for HTTP APIs", "Throttle requests to your HTTP APIs" and '
    '"Configure logging for HTTP APIs"',
    find=_find,
)
