"""HTTP APIs invoke functions by the functions' permission, or with the role of the integration.

MiniStack asks neither. Source: API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs":
without the permission a caller gets 500 and API Gateway's one message; Lambda permissions name
``arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`` as their source, with the path of the route.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import apigateway

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.resource_types import complete
from tapgen.local.extension.delivery.authority import SEAMS as AUTHORITY_SEAMS
from tapgen.local.extension.delivery.authority import Caller
from tapgen.local.extension.delivery.roles import SEAMS as ROLE_SEAMS
from tapgen.local.extension.delivery.roles import ServiceRole
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tapgen.local.extension.settings import Settings

    Answer = tuple[int, dict[str, Any], bytes]

_API = "ministack.services.apigateway"
_INVOKE = Seam(
    module=_API,
    attribute="_invoke_lambda_proxy",
    parameters=("integration", "api_id", "stage", "path", "method", "headers", "body", "query_params", "route_key"),
    gap="invokes whatever the integration names, unasked",
)
_FUNCTION = Seam(
    module=_API,
    attribute="_extract_lambda_ref_from_integration_uri",
    parameters=("uri",),
    gap="called only: the function of an integration",
)
SEAMS = (
    _INVOKE,
    _FUNCTION,
    *AUTHORITY_SEAMS,
    *ROLE_SEAMS,
    cfn.RESOURCE_HANDLERS,
    Seam(module=_API, attribute="_integrations", parameters=None, gap="A template's CredentialsArn is dropped."),
    Seam(module=_API, attribute="find_api_scope", parameters=("api_id",), gap="called only: account and region"),
)

SERVICE = "apigateway.amazonaws.com"
_ACTION = "lambda:InvokeFunction"


def install(settings: Settings) -> None:
    """Ask before each invocation."""
    del settings
    replace(_INVOKE, _asking(original(_INVOKE)))
    complete("AWS::ApiGatewayV2::Integration", _keep_role)


def _keep_role(integration_id: str, props: dict[str, Any], _: dict[str, Any]) -> None:
    apigateway._integrations[props["ApiId"]][integration_id]["credentialsArn"] = props.get("CredentialsArn", "")  # noqa: SLF001 - a seam


def _asking(invoke: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    @functools.wraps(invoke)
    async def ask_and_invoke(
        integration: dict[str, Any], api_id: str, stage: str, *rest: Any, **options: Any
    ) -> Answer:
        route_key = str(rest[5] if len(rest) > 5 else options.get("route_key", "$default"))
        if not _allowed(integration, api_id, stage, route_key):
            body = json.dumps({"message": "Internal Server Error"}).encode()
            return 500, {"Content-Type": "application/json"}, body
        return await invoke(integration, api_id, stage, *rest, **options)

    return ask_and_invoke


def _allowed(integration: dict[str, Any], api_id: str, stage: str, route_key: str) -> bool:
    function = str(original(_FUNCTION)(integration.get("integrationUri", "")))
    scope = apigateway.find_api_scope(api_id)
    if not function.startswith("arn:") or scope is None:
        return True  # a name instead of an ARN is MiniStack's own way to name a function
    account, region = scope
    with request_scope(account, region):
        credentials = str(integration.get("credentialsArn") or "")
        if credentials:
            role = ServiceRole(arn=credentials, service="apigateway")
            return role.assumable() and role.allows(_ACTION, function)
        method, _, path = route_key.partition(" ")
        place = f"{method}{path}" if path else method
        source = f"arn:aws:execute-api:{region}:{account}:{api_id}/{stage}/{place}"
        return Caller(SERVICE, source).may(_ACTION, function)
