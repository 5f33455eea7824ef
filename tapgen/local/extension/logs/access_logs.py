"""Access logs of HTTP APIs: one line per request in the stage's log group, in the stage's format.

API Gateway documentation: "Configure logging for HTTP APIs", "Customize HTTP API access logs". A variable without a
value is written as a hyphen.
"""

from __future__ import annotations

import base64
import functools
import os
import re
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from tapgen.local.extension.settings import Settings

    Response = tuple[int, dict[str, str], bytes]

_API = "ministack.services.apigateway"
_LOGS = "ministack.services.cloudwatch_logs"

_HANDLE_EXECUTE = Seam(
    module=_API,
    attribute="handle_execute",
    parameters=("api_id", "stage", "path", "method", "headers", "body", "query_params"),
    gap="AccessLogSettings are stored and nothing is ever logged.",
)
_INVOKE_LAMBDA = Seam(
    module=_API,
    attribute="_invoke_lambda_proxy",
    parameters=("integration", "api_id", "stage", "path", "method", "headers", "body", "query_params", "route_key"),
    gap="Used: tells which route a request took, and how its integration went.",
)
_NEW_UUID = Seam(
    module=_API,
    attribute="new_uuid",
    parameters=(),
    gap="The event's request id is not the one in the response's apigw-requestid header; on AWS they are the same.",
)
_STAGES_FOR_API = Seam(
    module=_API, attribute="stages_for_api", parameters=("api_id",), gap="Used: the stage's access log settings."
)
_FIND_API = Seam(
    module=_API, attribute="find_api_scope", parameters=("api_id",), gap="Used: the API's account and region."
)
_CREATE_STREAM = Seam(
    module=_LOGS, attribute="_create_log_stream", parameters=("data",), gap="Used: a log stream for access logs."
)
_PUT_EVENTS = Seam(module=_LOGS, attribute="_put_log_events", parameters=("data",), gap="Used: writes the line.")

SEAMS: tuple[Seam, ...] = (
    _HANDLE_EXECUTE,
    _INVOKE_LAMBDA,
    _NEW_UUID,
    _STAGES_FOR_API,
    _FIND_API,
    _CREATE_STREAM,
    _PUT_EVENTS,
)

_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_.]+)")
_STREAM = "access"

_request: ContextVar[dict[str, Any] | None] = ContextVar("tapgen_access_log", default=None)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Watch requests and their integrations; give both one request id."""
    replace(_HANDLE_EXECUTE, _logged(original(_HANDLE_EXECUTE)))
    replace(_INVOKE_LAMBDA, _watched(original(_INVOKE_LAMBDA)))
    new_uuid = original(_NEW_UUID)

    def request_id_or_uuid() -> str:
        request = _request.get()
        return str(request["requestId"] if request else new_uuid())

    replace(_NEW_UUID, request_id_or_uuid)


def _logged(handle_execute: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    @functools.wraps(handle_execute)
    async def handle(
        api_id: str, stage: str, path: str, method: str, headers: dict[str, str], *rest: Any, **options: Any
    ) -> Response:
        request = _begin(api_id, stage, path, method, headers)
        token = _request.set(request)
        try:
            response = await handle_execute(api_id, stage, path, method, headers, *rest, **options)
        finally:
            _request.reset(token)
        response[1].setdefault("apigw-requestid", request["requestId"])
        _end(request, response)
        _write(api_id, stage, request)
        return response

    return handle


def _watched(invoke: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    @functools.wraps(invoke)
    async def watch(*args: Any, **options: Any) -> Response:
        request = _request.get()
        if request is None:
            return await invoke(*args, **options)
        request["routeKey"] = args[8]
        request.update(_authorizer(options))
        started = time.monotonic()
        response = await invoke(*args, **options)
        request["integrationLatency"] = request["integration.latency"] = _milliseconds(started)
        request["integrationStatus"] = request["integration.status"] = 200 if response[0] < 500 else response[0]
        if response[0] >= 500:
            request["integrationErrorMessage"] = request["integration.error"] = _text(response[2])
        return response

    return watch


def _begin(api_id: str, stage: str, path: str, method: str, headers: Mapping[str, str]) -> dict[str, Any]:
    now = time.time()
    account, _ = original(_FIND_API)(api_id) or ("", "")
    return {
        "_started": time.monotonic(),
        "requestId": base64.b64encode(os.urandom(11)).decode(),
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "requestTimeEpoch": int(now),
        "accountId": account,
        "apiId": api_id,
        "stage": stage,
        "path": path if stage == "$default" else f"/{stage}{path}",
        "httpMethod": method,
        "protocol": "HTTP/1.1",
        "domainName": headers.get("host", ""),
        "domainPrefix": headers.get("host", "").partition(".")[0],
        "identity.sourceIp": "127.0.0.1",
        "identity.userAgent": headers.get("user-agent", ""),
    }


def _end(request: dict[str, Any], response: Response) -> None:
    status, _, body = response
    request["status"] = status
    request["responseLength"] = len(body)
    request["responseLatency"] = _milliseconds(request["_started"])
    if status >= 400 and "routeKey" not in request:
        request["error.message"] = _text(body)
        request["error.messageString"] = f'"{_text(body)}"'


def _authorizer(options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in (options.get("authorizer_claims") or {}).items():
        yield f"authorizer.claims.{name}", value
    for name, value in (options.get("authorizer_iam") or {}).items():
        yield f"identity.{name}", value


def _write(api_id: str, stage: str, request: dict[str, Any]) -> None:
    settings = (original(_STAGES_FOR_API)(api_id).get(stage) or {}).get("accessLogSettings") or {}
    if not settings.get("destinationArn") or not settings.get("format"):
        return
    from ministack.core.responses import _request_account_id, _request_region

    account, region = original(_FIND_API)(api_id)
    scope = _request_account_id.set(account), _request_region.set(region)
    try:
        group = settings["destinationArn"].split(":log-group:")[-1].removesuffix(":*")
        place = {"logGroupName": group, "logStreamName": _STREAM}
        line = {"timestamp": int(time.time() * 1000), "message": _rendered(settings["format"], request)}
        original(_CREATE_STREAM)(place)  # refuses a stream that exists, which is all the same here
        original(_PUT_EVENTS)({**place, "logEvents": [line]})
    finally:
        _request_account_id.reset(scope[0])
        _request_region.reset(scope[1])


def _rendered(template: str, request: dict[str, Any]) -> str:
    def value(match: re.Match[str]) -> str:
        found = str(request.get(match.group(1), "") or "-")
        return found.replace("\\", "\\\\").replace('"', '\\"')

    return _VARIABLE.sub(value, template)


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _text(body: bytes) -> str:
    return body.decode(errors="replace")[:1024]
