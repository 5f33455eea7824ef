"""The HTTP API: routes, authorizer, stage with throttling and a structured access log, permission per route."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Ref, Sub, Tags
from troposphere.apigatewayv2 import (
    AccessLogSettings,
    Api,
    Authorizer,
    Cors,
    Integration,
    JWTConfiguration,
    Route,
    RouteSettings,
    Stage,
)
from troposphere.awslambda import Permission
from troposphere.logs import LogGroup

from tapgen.elements.wiring import PUBLIC
from tapgen.errors import RenderError
from tapgen.naming import STAGE
from tapgen.parts.http_api import values
from tapgen.parts.http_api.names import physical_name
from tapgen.parts.route import Route as RoutePart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.wiring import Context
    from tapgen.elements.wiring import Stack as NestedStack
    from tapgen.parts.function.model import Function
    from tapgen.parts.http_api.model import HttpApi

_MAX_INTEGRATION_MS = 30_000
_AUTHORIZER = "JwtAuthorizer"

# Names on the left are ours; an access log entry is one JSON object on one line.
_ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "sourceIp": "$context.identity.sourceIp",
    "userAgent": "$context.identity.userAgent",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "protocol": "$context.protocol",
    "responseLength": "$context.responseLength",
    "responseLatencyMs": "$context.responseLatency",
    "integrationLatencyMs": "$context.integrationLatency",
    "integrationStatus": "$context.integration.status",
    "integrationError": "$context.integrationErrorMessage",
    "authorizerError": "$context.authorizer.error",
    "subject": "$context.authorizer.claims.sub",
    "caller": "$context.identity.userArn",
    "error": "$context.error.message",
}


def add_api(stack: NestedStack, context: Context, part: HttpApi) -> Api:
    """The API itself, which guards and outputs refer to."""
    cors, domain = context.environment.api.cors, context.environment.api.domain
    optional: dict[str, Any] = (
        {
            "CorsConfiguration": Cors(
                AllowOrigins=list(cors.allow_origins),
                AllowHeaders=list(cors.allow_headers),
                AllowMethods=_methods(context),
                ExposeHeaders=["allow", "etag", "location", "retry-after"],
                MaxAge=cors.max_age_s,
            )
        }
        if cors.allow_origins
        else {}
    )
    if domain and not domain.default_endpoint:
        optional["DisableExecuteApiEndpoint"] = True
    api = stack.add(
        Api(
            part.logical_id,
            Name=physical_name(context.names, part),
            Description=part.description or f"API of {context.names.deployment}",
            ProtocolType="HTTP",
            Tags=context.environment.cost_tags,
            **optional,
        )
    )
    stack.export(values.API_ID, api.ref())
    stack.export(values.API_URL, domain.url if domain else GetAtt(api, "ApiEndpoint"))
    if any(_wants_token(context, route) for route in _routes_elsewhere(context)):
        stack.give(values.AUTHORIZER_ID, _authorizer(stack, context, api).ref())
    return api


@dataclass(frozen=True)
class TakenApi:
    """The API that another stack makes, by the parameter that names it here."""

    title: str = values.API_ID.name

    def ref(self) -> Ref:
        """Its id."""
        return Ref(self.title)


def take_api(stack: NestedStack) -> TakenApi:
    """The API of the first block."""
    stack.take(values.API_ID)
    return TakenApi()


def add_routes(stack: NestedStack, context: Context, part: Function, *, api: Api | TakenApi, alias: Any) -> list[str]:
    """A function's integration, its routes with their authorization, and a permission for each; their logical ids."""
    routes = list(_routes(context, part))
    if not routes:
        return []
    timeout_ms = min(context.environment.functions[part.name].timeout_s * 1000, _MAX_INTEGRATION_MS)
    integration = stack.add(
        Integration(
            f"{part.logical_id}Integration",
            ApiId=api.ref(),
            IntegrationType="AWS_PROXY",
            IntegrationUri=alias.ref(),
            PayloadFormatVersion="2.0",
            TimeoutInMillis=timeout_ms,
        )
    )
    for route in routes:
        stack.add(
            Route(
                f"{route.logical_id}Route",
                ApiId=api.ref(),
                RouteKey=route.key,
                Target=Sub(f"integrations/${{{integration.title}}}"),
                **_authorization(stack, context, api, route),
                **({"Metadata": {PUBLIC: "tells nothing about anyone"}} if route.public else {}),
            )
        )
        stack.add(_permission(route, api, alias))
    return [integration.title, *(f"{route.logical_id}Route" for route in routes)]


def _routes(context: Context, part: Function) -> Iterator[RoutePart]:
    yield from part.routes
    # A browser's preflight carries no token. API Gateway answers it by itself only while no route with an authorizer
    # matches, and $default matches (API Gateway developer guide, "Configure CORS for HTTP APIs").
    if context.environment.api.cors.allow_origins and any(route.key == "$default" for route in part.routes):
        yield RoutePart(key="OPTIONS /{proxy+}", logical_id="Preflight", public=True)


def _methods(context: Context) -> list[str]:
    """The methods of the service's routes, which browsers of other origins may use."""
    keys = [route.key for function in context.service.functions for route in function.routes if " " in route.key]
    found = {key.partition(" ")[0] for key in keys}
    return ["*"] if "ANY" in found else sorted(found)


def _routes_elsewhere(context: Context) -> Iterator[RoutePart]:
    """The routes of functions in other blocks than this one."""
    for part in context.service.functions:
        if not context.holds(part):
            yield from _routes(context, part)


def _wants_token(context: Context, route: RoutePart) -> bool:
    settings = context.environment.api
    kind = "NONE" if route.public else route.authorization or settings.authorization
    return kind not in ("IAM", "NONE") and settings.jwt is not None


def _authorization(stack: NestedStack, context: Context, api: Api | TakenApi, route: RoutePart) -> dict[str, Any]:
    settings = context.environment.api
    kind = "NONE" if route.public else route.authorization or settings.authorization
    if kind == "IAM":
        return {"AuthorizationType": "AWS_IAM"}
    if kind == "NONE" or settings.jwt is None:
        return {"AuthorizationType": "NONE"}
    scopes = {"AuthorizationScopes": list(route.scopes)} if route.scopes else {}
    taken = isinstance(api, TakenApi)
    authorizer = stack.take(values.AUTHORIZER_ID) if taken else _authorizer(stack, context, api).ref()
    return {"AuthorizationType": "JWT", "AuthorizerId": authorizer, **scopes}


def _authorizer(stack: NestedStack, context: Context, api: Api) -> Authorizer:
    """The one authorizer of the API, made for the first route that wants it."""
    if _AUTHORIZER in stack.template.resources:
        return stack.template.resources[_AUTHORIZER]
    jwt = context.environment.api.jwt
    if jwt is None:
        raise ValueError("api.jwt is not set, and a route wants JWT")
    return stack.add(
        Authorizer(
            _AUTHORIZER,
            ApiId=api.ref(),
            Name=context.names.name("api", "jwt"),
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration=JWTConfiguration(Issuer=jwt.issuer, Audience=list(jwt.audiences)),
        )
    )


def _permission(route: RoutePart, api: Api | TakenApi, alias: Any) -> Permission:
    """This route of this stage may invoke the live alias, and nothing else may."""
    here = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"
    return Permission(
        f"{route.logical_id}Permission",
        FunctionName=alias.ref(),
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=Sub(f"{here}${{{api.title}}}/{STAGE}/{route.source}"),
    )


def add_stage(stack: NestedStack, context: Context, part: HttpApi, *, api: Api, depends_on: list[str]) -> Stage:
    """The stage that serves the routes, with throttling and the access log."""
    settings = context.environment.api
    key = stack.take_key(context, part)
    encryption = {"KmsKeyId": key} if key else {}
    group = stack.add(
        LogGroup(
            "AccessLogGroup",
            LogGroupName=context.names.access_log_group,
            RetentionInDays=settings.access_log_retention_days,
            Tags=Tags(**context.environment.cost_tags),
            # Who called what and when is evidence: it outlives the service, for as long as its retention says.
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
            **encryption,
        )
    )
    stage = stack.add(
        Stage(
            "ApiStage",
            ApiId=api.ref(),
            StageName=STAGE,
            AutoDeploy=True,
            AccessLogSettings=AccessLogSettings(DestinationArn=GetAtt(group, "Arn"), Format=json.dumps(_ACCESS_LOG)),
            DefaultRouteSettings=RouteSettings(
                DetailedMetricsEnabled=True,
                ThrottlingBurstLimit=settings.throttling.burst,
                ThrottlingRateLimit=settings.throttling.rate_rps,
            ),
            **_route_settings(context),
            DependsOn=depends_on,
            Tags=context.environment.cost_tags,
        )
    )
    stack.export(values.ACCESS_LOG_GROUP_NAME, group.ref())
    return stage


def _route_settings(context: Context) -> dict[str, Any]:
    """Throttling of single routes; what such an entry leaves out is the service's default, not the stage's."""
    default = context.environment.api.throttling
    limited = [
        route for function in context.service.functions for route in function.routes if route.rate_rps or route.burst
    ]
    away = [route for route in _routes_elsewhere(context) if route in limited]
    if away:
        raise RenderError(
            "routes of their own throttling are in a further stack than the API's stage",
            why="\n".join(f"{route.key}: the stage would name a route that is not there yet" for route in away),
            hint="leave rate_rps and burst of these routes out, or move them to a function whose block in "
            "config/stacks.lock.json is 1",
            code="throttled-route-elsewhere",
        )
    found = {
        route.key: {
            "DetailedMetricsEnabled": True,
            "ThrottlingBurstLimit": route.burst or default.burst,
            "ThrottlingRateLimit": route.rate_rps or default.rate_rps,
        }
        for route in limited
    }
    return {"RouteSettings": found} if found else {}
