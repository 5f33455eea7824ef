"""AWS_IAM authorization of HTTP API routes: signature and execute-api:Invoke, or 403 with API Gateway's one message.

API Gateway Developer Guide, "Control access to HTTP APIs with IAM authorization"; Service Authorization Reference,
"Amazon API Gateway Management V2". Requests that are refused are requests of the API all the same: the check happens
where access logs and metrics see it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tapgen.local.extension.settings import Settings

    Response = tuple[int, dict[str, str], bytes]

_API = "ministack.services.apigateway"
_ENFORCE_BEFORE = Seam(
    module="ministack.app",
    attribute="_enforce_execute_api",
    parameters=("api_id", "stage", "method", "execute_path", "headers", "query_params", "iam_action"),
    gap="Refuses before the API sees the request, in the words of REST APIs; takes an Authorization header that is no "
    "signature for the root user, and a signature for another service for a good one.",
)
_HANDLE_EXECUTE = Seam(
    module=_API,
    attribute="handle_execute",
    parameters=("api_id", "stage", "path", "method", "headers", "body", "query_params"),
    gap="Lets every request with an Authorization header through to a route with AWS_IAM.",
)
_ROUTE_AUTHORIZATION = Seam(
    module=_API,
    attribute="route_authorization_type",
    parameters=("api_id", "stage", "method", "path"),
    gap="Used: the authorization of the route that a request reaches.",
)
_FIND_API = Seam(
    module=_API, attribute="find_api_scope", parameters=("api_id",), gap="Used: the API's account and region."
)
_SIGNATURE = Seam(
    module="ministack.core.sigv4",
    attribute="parse_header_signature",
    parameters=("headers",),
    gap="Used: the parts of a signature, or what is wrong with it.",
)
_ENFORCE = Seam(
    module="ministack.core.iam_evaluator",
    attribute="enforce",
    parameters=("access_key_id", "iam_action", "service", "region", "resource_arn"),
    gap="Used: checks the signature and the policies of the caller.",
)
_ARN = Seam(
    module="ministack.core.arn",
    attribute="execute_api_arn",
    parameters=("region", "account_id", "api_id", "stage", "method", "path"),
    gap="Used: the ARN that execute-api:Invoke is granted on.",
)
SEAMS: tuple[Seam, ...] = (
    _ENFORCE_BEFORE,
    _HANDLE_EXECUTE,
    _ROUTE_AUTHORIZATION,
    _FIND_API,
    _SIGNATURE,
    _ENFORCE,
    _ARN,
)

_INVOKE = "execute-api:Invoke"
_ALGORITHM = "AWS4-HMAC-SHA256 "


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Check HTTP APIs where they are served, and leave the others to MiniStack."""
    replace(_ENFORCE_BEFORE, _unless_http_api(original(_ENFORCE_BEFORE)))
    replace(_HANDLE_EXECUTE, _guarded(original(_HANDLE_EXECUTE)))


def _unless_http_api(enforce: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(enforce)
    def enforce_others(api_id: str, *args: Any, iam_action: str = _INVOKE, **kwargs: Any) -> Any:
        if iam_action == _INVOKE and original(_FIND_API)(api_id) is not None:
            return None
        return enforce(api_id, *args, iam_action=iam_action, **kwargs)

    return enforce_others


def _guarded(handle_execute: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    @functools.wraps(handle_execute)
    async def handle(
        api_id: str, stage: str, path: str, method: str, headers: dict[str, str], *rest: Any, **options: Any
    ) -> Response:
        place = (api_id, stage, method, path)
        if original(_ROUTE_AUTHORIZATION)(*place) == "AWS_IAM" and not _allowed(headers, *place):
            return 403, {"Content-Type": "application/json"}, b'{"message":"Forbidden"}'
        return await handle_execute(api_id, stage, path, method, headers, *rest, **options)

    return handle


def _allowed(headers: dict[str, str], api_id: str, *place: str) -> bool:
    account, region = original(_FIND_API)(api_id)
    lowered = {name.lower(): value for name, value in headers.items()}
    if not lowered.get("authorization", "").startswith(_ALGORITHM):
        return False  # whatever else it says, nobody would verify it
    signature = original(_SIGNATURE)(lowered)
    if isinstance(signature, tuple) or (signature.service, signature.region) != ("execute-api", region):
        return False
    arn = original(_ARN)(region, account, api_id, *place)
    refusal = original(_ENFORCE)(signature.access_key_id, _INVOKE, "apigateway", region, resource_arn=arn)
    return refusal is None
