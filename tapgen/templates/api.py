"""The HTTP API: routes, authorizer, stage with throttling and a structured access log, permission per route."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Sub, Tags
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

from tapgen.naming import STAGE
from tapgen.templates import wiring
from tapgen.templates.routes import routes_of

if TYPE_CHECKING:
    from tapgen.templates.routes import Route as RouteDefinition
    from tapgen.templates.wiring import Context
    from tapgen.templates.wiring import Stack as NestedStack

_METHODS = ["DELETE", "GET", "POST", "PUT"]
_MAX_INTEGRATION_MS = 30_000

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


def add_api(stack: NestedStack, context: Context) -> Api:
    """The API itself, which guards and outputs refer to."""
    cors = context.environment.api.cors
    optional = (
        {
            "CorsConfiguration": Cors(
                AllowOrigins=list(cors.allow_origins),
                AllowHeaders=list(cors.allow_headers),
                AllowMethods=_METHODS,
                ExposeHeaders=["allow", "etag", "location", "retry-after"],
                MaxAge=cors.max_age_s,
            )
        }
        if cors.allow_origins
        else {}
    )
    api = stack.add(
        Api(
            "Api",
            Name=context.names.name("api", "api"),
            Description=f"Transactions API of {context.names.deployment}",
            ProtocolType="HTTP",
            Tags=context.environment.cost_tags,
            **optional,
        )
    )
    stack.give(wiring.API_ID, api.ref())
    stack.give(wiring.API_URL, GetAtt(api, "ApiEndpoint"))
    return api


def add_routes(stack: NestedStack, context: Context, api: Api, alias: Any) -> None:
    """Integration, routes with their authorization, permissions, and the stage that serves them."""
    timeout_ms = min(context.environment.functions.api.timeout_s * 1000, _MAX_INTEGRATION_MS)
    integration = stack.add(
        Integration(
            "ApiIntegration",
            ApiId=api.ref(),
            IntegrationType="AWS_PROXY",
            IntegrationUri=alias.ref(),
            PayloadFormatVersion="2.0",
            TimeoutInMillis=timeout_ms,
        )
    )
    authorization = _authorization(stack, context, api)
    routes = routes_of(origins=bool(context.environment.api.cors.allow_origins))
    for route in routes:
        stack.add(
            Route(
                f"{route.logical_id}Route",
                ApiId=api.ref(),
                RouteKey=route.key,
                Target=Sub("integrations/${ApiIntegration}"),
                **({"AuthorizationType": "NONE"} if route.public else authorization),
            )
        )
        stack.add(_permission(route, alias))
    _add_stage(stack, context, api, depends_on=[integration.title, *(f"{route.logical_id}Route" for route in routes)])


def _authorization(stack: NestedStack, context: Context, api: Api) -> dict[str, Any]:
    settings = context.environment.api
    if settings.authorization == "IAM":
        return {"AuthorizationType": "AWS_IAM"}
    if settings.jwt is None:
        return {"AuthorizationType": "NONE"}
    authorizer = stack.add(
        Authorizer(
            "JwtAuthorizer",
            ApiId=api.ref(),
            Name=context.names.name("api", "jwt"),
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration=JWTConfiguration(Issuer=settings.jwt.issuer, Audience=list(settings.jwt.audiences)),
        )
    )
    return {"AuthorizationType": "JWT", "AuthorizerId": authorizer.ref()}


def _permission(route: RouteDefinition, alias: Any) -> Permission:
    """This route of this stage may invoke the live alias, and nothing else may."""
    source = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/" + f"{STAGE}/{route.source}"
    return Permission(
        f"{route.logical_id}Permission",
        FunctionName=alias.ref(),
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=Sub(source),
    )


def _add_stage(stack: NestedStack, context: Context, api: Api, *, depends_on: list[str]) -> None:
    settings = context.environment.api
    encryption = {"KmsKeyId": stack.take(wiring.KEY_ARN)} if context.environment.customer_managed else {}
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
    stack.add(
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
            DependsOn=depends_on,
            Tags=context.environment.cost_tags,
        )
    )
    stack.give(wiring.ACCESS_LOG_GROUP_NAME, group.ref())
