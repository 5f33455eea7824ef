"""The metrics that AWS services publish: Lambda with its dimensions, HTTP APIs, SQS, and embedded metrics.

Sources: Lambda Developer Guide, "Types of metrics for Lambda functions"; API Gateway Developer Guide, "Work with
metrics for HTTP APIs"; SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS"; CloudWatch User Guide,
"Specification: Embedded metric format".

A datapoint of Lambda carries the time at which the invocation ended. In AWS it carries the time at which it began; here
periods are shortened and invocations are not, so that such a point would arrive long after its period was evaluated.
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import apigateway, cloudwatch, lambda_svc, sqs

from tapgen.local.extension import background
from tapgen.local.extension.cloudwatch import embedded_metrics
from tapgen.local.extension.lambda_service.execution_environments import INIT_MS
from tapgen.local.extension.seams import Seam, original, replace
from tapgen.local.extension.time_scale import TimeScale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tapgen.local.extension.settings import Settings

_LAMBDA = "ministack.services.lambda_svc"
_EXECUTE = Seam(
    module=_LAMBDA,
    attribute="_execute_function",
    parameters=("func", "event"),
    gap="publishes no metric for invocations by API Gateway and most other services, and never one with the dimensions "
    "Resource and ExecutedVersion",
)
_EMIT = Seam(
    module=_LAMBDA,
    attribute="_emit_lambda_metrics",
    parameters=("function_name", "duration_ms", "error", "throttle"),
    gap="counts an asynchronous invocation before it ran, without its errors and duration",
)
_SCOPE_MISMATCH = Seam(
    module=_LAMBDA,
    attribute="_function_config_scope_mismatch",
    parameters=("config",),
    gap="called only: whether a function is executed once more, in its own account and region",
)
_HTTP_API = Seam(
    module="ministack.services.apigateway",
    attribute="handle_execute",
    parameters=("api_id", "stage", "path", "method", "headers", "body", "query_params", "raw_query_string"),
    gap="publishes no metrics for HTTP APIs",
)
_INTEGRATION = Seam(
    module="ministack.services.apigateway",
    attribute="_invoke_lambda_proxy",
    parameters=("integration", "api_id", "stage"),
    gap="its time is IntegrationLatency, which is published nowhere",
)
_LOG_EVENTS = Seam(
    module="ministack.services.cloudwatch_logs",
    attribute="_append_log_events",
    parameters=("stream", "events"),
    gap="stores events in embedded metric format as text; AWS makes metrics of them",
)
_QUEUES = Seam(module="ministack.services.sqs", attribute="_queues", parameters=None, gap="read only: the queues")
_REFRESH = Seam(
    module="ministack.services.sqs",
    attribute="_refresh_counts",
    parameters=("q",),
    gap="called only: brings the approximate numbers of a queue up to date",
)
_DIMENSIONS = Seam(
    module="ministack.services.cloudwatch",
    attribute="_dims_from_list",
    parameters=("dimensions",),
    gap="a query without dimensions gets the points of all series of that name; AWS knows the one without dimensions",
)
SEAMS = (
    *background.SEAMS,
    _EXECUTE,
    _EMIT,
    _SCOPE_MISMATCH,
    _HTTP_API,
    _INTEGRATION,
    _LOG_EVENTS,
    _QUEUES,
    _REFRESH,
    _DIMENSIONS,
    Seam(module="ministack.services.cloudwatch", attribute="_metrics", parameters=None, gap="read and added to"),
    Seam(module="ministack.services.cloudwatch", attribute="_metric_bucket", parameters=("key",), gap="called only"),
    Seam(module="ministack.services.cloudwatch", attribute="_dims_key", parameters=("dims",), gap="called only"),
)

Dimensions = dict[str, str]


def install(settings: Settings) -> None:
    """Publish the metrics."""
    replace(_DIMENSIONS, _exact(original(_DIMENSIONS)))
    replace(_EMIT, _emit_nothing)
    replace(_EXECUTE, _measured_execution(original(_EXECUTE)))
    replace(_INTEGRATION, _measured_integration(original(_INTEGRATION)))
    replace(_HTTP_API, _measured_api(original(_HTTP_API)))
    replace(_LOG_EVENTS, _embedded(original(_LOG_EVENTS)))
    minute_s = TimeScale(settings.minute_s).wall_s(60)
    background.repeat(publish_queues, every_s=minute_s, name="queue-metrics")


def record(
    namespace: str, values: dict[str, tuple[float, str]], dimension_sets: Iterable[Dimensions], *, at: float = 0.0
) -> None:
    """Add one point for each value and each set of dimensions, in the caller's account and region.

    Args:
        namespace: For example ``AWS/Lambda``.
        values: Value and unit, by metric name.
        dimension_sets: The sets of dimensions that the metrics are published with.
        at: Seconds since the epoch; 0.0 means now.
    """
    moment = at or time.time()
    for dimensions in dimension_sets:
        key = cloudwatch._dims_key(dimensions)  # noqa: SLF001 - a seam
        for name, (value, unit) in values.items():
            point = {"Timestamp": moment, "Value": float(value), "Unit": unit, "Dimensions": dict(dimensions)}
            cloudwatch._metric_bucket((namespace, name, key)).append(point)  # noqa: SLF001 - a seam


def lambda_dimensions(config: dict[str, Any]) -> list[Dimensions]:
    """The sets of dimensions of an invocation, by the ARN that was invoked.

    ``Resource`` is the function's name, with the alias or the version when one was named; ``ExecutedVersion`` exists
    for aliases alone.
    """
    name, version = str(config.get("FunctionName", "")), str(config.get("Version", "$LATEST"))
    qualifier = (str(config.get("FunctionArn", "")).split(":") + [""] * 8)[7]
    resource = name if qualifier in ("", "$LATEST") else f"{name}:{qualifier}"
    sets: list[Dimensions] = [{}, {"FunctionName": name}, {"FunctionName": name, "Resource": resource}]
    if resource != name and not qualifier.isdigit():
        sets.append({"FunctionName": name, "Resource": resource, "ExecutedVersion": version})
    return sets


def publish_queues() -> None:
    """Publish the state of every queue, as SQS does each minute."""
    for _ in background.scopes(sqs._queues):  # noqa: SLF001 - a seam
        for queue in sqs._queues.values():  # noqa: SLF001 - a seam
            sqs._refresh_counts(queue)  # noqa: SLF001 - a seam
            record("AWS/SQS", _queue_values(queue["attributes"]), [{"QueueName": _queue_name(queue)}])


def _queue_name(queue: dict[str, Any]) -> str:
    return str(queue["attributes"]["QueueArn"]).rpartition(":")[2]


def _queue_values(attributes: dict[str, Any]) -> dict[str, tuple[float, str]]:
    names = {
        "ApproximateNumberOfMessagesVisible": "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed": "ApproximateNumberOfMessagesDelayed",
    }
    return {metric: (float(attributes.get(name, 0)), "Count") for metric, name in names.items()}


class _Exactly(dict[str, str]):
    """Dimensions to match exactly. MiniStack takes dimensions that are false in a condition for "any"."""

    def __bool__(self) -> bool:
        return True


def _exact(from_list: Callable[..., dict[str, str]]) -> Callable[..., dict[str, str]]:
    @functools.wraps(from_list)
    def exact(dimensions: list[dict[str, str]]) -> dict[str, str]:
        return _Exactly(from_list(dimensions))

    return exact


def _emit_nothing(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:  # noqa: FBT001 - MiniStack's signature
    """Every execution publishes its metrics itself."""
    del function_name, duration_ms, error, throttle


def _measured_execution(execute: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(execute)
    def measured(func: dict[str, Any], event: Any) -> Any:
        config = func.get("config") or func
        if lambda_svc._function_config_scope_mismatch(config):  # noqa: SLF001 - a seam
            return execute(func, event)  # it comes back here in the function's own account and region
        age_ms = _iterator_age_ms(event)
        started = time.monotonic()
        result = execute(func, event)
        took_ms = (time.monotonic() - started) * 1000
        # The start of an environment is Init Duration, not Duration.
        values = _invocation_values(result, max(0.0, took_ms - result.get(INIT_MS, 0.0)))
        if age_ms is not None:
            values["IteratorAge"] = (age_ms, "Milliseconds")
        record("AWS/Lambda", values, lambda_dimensions(config))
        return result

    return measured


def _invocation_values(result: dict[str, Any], duration_ms: float) -> dict[str, tuple[float, str]]:
    if result.get("throttle"):
        return {"Throttles": (1.0, "Count")}
    return {
        "Invocations": (1.0, "Count"),
        "Errors": (float(bool(result.get("error"))), "Count"),
        "Throttles": (0.0, "Count"),
        "Duration": (duration_ms, "Milliseconds"),
    }


def _iterator_age_ms(event: Any) -> float | None:
    """How old the last record of a stream's batch was when the function got it."""
    records = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(records, list) or not records or not isinstance(records[-1], dict):
        return None
    last = records[-1]
    created = (last.get("dynamodb") or {}).get("ApproximateCreationDateTime") or (last.get("kinesis") or {}).get(
        "approximateArrivalTimestamp"
    )
    return max(0.0, (time.time() - float(created)) * 1000) if created else None


def _measured_integration(invoke: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(invoke)
    async def measured(integration: Any, api_id: str, stage: str, *args: Any, **kwargs: Any) -> Any:
        started = time.monotonic()
        response = await invoke(integration, api_id, stage, *args, **kwargs)
        values = {"IntegrationLatency": ((time.monotonic() - started) * 1000, "Milliseconds")}
        record("AWS/ApiGateway", values, _api_dimensions(api_id, stage))
        return response

    return measured


def _measured_api(execute: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(execute)
    async def measured(api_id: str, stage: str, *args: Any, **kwargs: Any) -> Any:
        started = time.monotonic()
        response = await execute(api_id, stage, *args, **kwargs)
        scope = apigateway.find_api_scope(api_id)
        if scope is not None:
            values = api_values(int(response[0]), len(response[2] or b""), (time.monotonic() - started) * 1000)
            with request_scope(*scope):
                record("AWS/ApiGateway", values, _api_dimensions(api_id, stage))
        return response

    return measured


def _api_dimensions(api_id: str, stage: str) -> list[Dimensions]:
    return [{"ApiId": api_id}, {"ApiId": api_id, "Stage": stage}]


def api_values(status: int, size: int, latency_ms: float) -> dict[str, tuple[float, str]]:
    """The metrics of one answer of an HTTP API."""
    return {
        "Count": (1.0, "Count"),
        "4xx": (float(400 <= status < 500), "Count"),
        "5xx": (float(status >= 500), "Count"),
        "Latency": (latency_ms, "Milliseconds"),
        "DataProcessed": (float(size), "Bytes"),
    }


def _embedded(append: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(append)
    def append_and_publish(stream: Any, events: list[dict[str, Any]]) -> Any:
        stored = append(stream, events)
        for event in events or ():
            for metric in embedded_metrics.read(str(event.get("message", ""))):
                record(metric.namespace, metric.values, metric.dimension_sets, at=metric.at)
        return stored

    return append_and_publish
