"""The metrics of an HTTP API's routes, where its stage has detailed metrics on.

Source: API Gateway Developer Guide, "Monitor CloudWatch metrics for HTTP APIs": dimensions ApiId, Stage, Method and
Resource. [inferred]: $default has itself as its resource, and the request's own method.
"""

from __future__ import annotations

import functools
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import apigateway

from tapgen.local.extension.cloudwatch import metrics
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_MODULE = "ministack.services.apigateway"
_HTTP_API = Seam(
    module=_MODULE,
    attribute="handle_execute",
    parameters=("api_id", "stage", "path", "method", "headers", "body", "query_params", "raw_query_string"),
    gap="publishes no metrics for HTTP APIs",
)
_INTEGRATION = Seam(
    module=_MODULE,
    attribute="_invoke_lambda_proxy",
    parameters=("integration", "api_id", "stage", "path", "method", "headers", "body", "query_params", "route_key"),
    gap="knows the route, and tells nobody",
)
_STAGES = Seam(module=_MODULE, attribute="stages_for_api", parameters=("api_id",), gap="Used: the stage's settings.")
_FIND_API = Seam(module=_MODULE, attribute="find_api_scope", parameters=("api_id",), gap="Used: whose API it is.")
SEAMS: tuple[Seam, ...] = (_HTTP_API, _INTEGRATION, _STAGES, _FIND_API)

_route: ContextVar[dict[str, float | str] | None] = ContextVar("tapgen_route_metrics", default=None)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Publish the metrics of each request's route."""
    replace(_HTTP_API, _measured(original(_HTTP_API)))
    replace(_INTEGRATION, _noted(original(_INTEGRATION)))


def _measured(execute: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(execute)
    async def measured(api_id: str, stage: str, path: str, method: str, *args: Any, **kwargs: Any) -> Any:
        seen: dict[str, float | str] = {}
        token = _route.set(seen)
        started = time.monotonic()
        try:
            response = await execute(api_id, stage, path, method, *args, **kwargs)
        finally:
            _route.reset(token)
        scope = apigateway.find_api_scope(api_id)
        if scope is not None and "key" in seen:
            with request_scope(*scope):
                if _is_detailed(api_id, stage):
                    values = metrics.api_values(
                        int(response[0]), len(response[2] or b""), (time.monotonic() - started) * 1000
                    )
                    values["IntegrationLatency"] = (float(seen["integration_ms"]), "Milliseconds")
                    dimensions = {"ApiId": api_id, "Stage": stage, **_names(str(seen["key"]), method)}
                    metrics.record("AWS/ApiGateway", values, [dimensions])
        return response

    return measured


def _noted(invoke: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(invoke)
    async def noted(*args: Any, **kwargs: Any) -> Any:
        started = time.monotonic()
        response = await invoke(*args, **kwargs)
        seen = _route.get()
        if seen is not None:
            key = args[8] if len(args) > 8 else kwargs.get("route_key", "$default")
            seen |= {"key": str(key), "integration_ms": (time.monotonic() - started) * 1000}
        return response

    return noted


def _is_detailed(api_id: str, stage: str) -> bool:
    settings = (original(_STAGES)(api_id).get(stage) or {}).get("defaultRouteSettings") or {}
    return str(settings.get("detailedMetricsEnabled", settings.get("DetailedMetricsEnabled", ""))).lower() == "true"


def _names(route_key: str, method: str) -> dict[str, str]:
    own_method, _, path = route_key.partition(" ")
    return {"Method": own_method, "Resource": path} if path else {"Method": method, "Resource": route_key}
