"""The API: golden signals of the whole, and each route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.naming import LIVE_ALIAS, STAGE
from tapgen.templates.dashboard.widgets import axis, expression, graph, level, metric, property_label, row, search, text

if TYPE_CHECKING:
    from tapgen.templates.dashboard.widgets import Metric, Widget
    from tapgen.templates.wiring import Context

_NAMESPACE = "AWS/ApiGateway"
_API = {"ApiId": "${ApiIdentifier}"}
_ROUTE_SCHEMA = "AWS/ApiGateway,ApiId,Method,Resource,Stage"


def golden_signals(context: Context) -> list[Widget | list[Widget]]:
    """Traffic, errors, latency, saturation."""
    return [
        text("## Golden signals"),
        row(_traffic(), _errors(), _latency(context), _saturation(context)),
    ]


def routes() -> list[Widget | list[Widget]]:
    """Each route, of the stage's detailed metrics."""
    label = f"{property_label('Method')} {property_label('Resource')}"
    graphs = [
        graph(title, [expression(_by_route(name, stat), id="routes", label=label)], yAxis=axis(unit))
        for title, name, stat, unit in (
            ("Requests by route (per minute)", "Count", "Sum", "requests"),
            ("Server errors by route (5xx per minute)", "5xx", "Sum", "answers"),
            ("Latency by route (p90, ms)", "Latency", "p90", "ms"),
        )
    ]
    return [text("## Routes"), row(*graphs)]


def _traffic() -> Widget:
    return graph(
        "Traffic (requests per minute)",
        [_api("Count", label="requests")],
        yAxis=axis("requests"),
    )


def _errors() -> Widget:
    shares = [
        expression(f"100 * {identifier} / requests", id=f"share_{identifier}", label=label, color=color)
        for identifier, label, color in (("server", "5xx %", "#d62728"), ("client", "4xx %", "#ff7f0e"))
    ]
    hidden = [
        _api("5xx", id="server", visible=False),
        _api("4xx", id="client", visible=False),
        _api("Count", id="requests", visible=False),
    ]
    return graph("Errors (% of requests)", [*shares, *hidden], yAxis=axis("%"))


def _latency(context: Context) -> Widget:
    thresholds = context.environment.alarms
    stats = [_api("Latency", stat=stat, label=stat) for stat in ("p50", "p90", "p99")]
    allowed = thresholds.latency_p90_ms
    return graph(
        "Latency (ms)",
        stats,
        yAxis=axis("ms"),
        annotations=level(allowed, f"p90 of the function above {allowed:g} warns"),
    )


def _saturation(context: Context) -> Widget:
    """How much of the concurrency is used, and what found none."""
    function = context.names.function("api")
    reserved = context.environment.functions.api.reserved_concurrency
    live = {"FunctionName": function, "Resource": f"{function}:{LIVE_ALIAS}"}
    metrics: list[Metric] = [
        metric("AWS/Lambda", "ConcurrentExecutions", {"FunctionName": function}, stat="Maximum", label="concurrency"),
        metric("AWS/Lambda", "Throttles", live, label="throttled", color="#d62728"),
    ]
    limit: dict[str, Any] = {"annotations": level(reserved, "reserved concurrency")} if reserved else {}
    return graph("Saturation (concurrent executions, throttles)", metrics, yAxis=axis("executions"), **limit)


def _api(name: str, **options: Any) -> Metric:
    return metric(_NAMESPACE, name, _API, **options)


def _by_route(name: str, stat: str) -> str:
    return search(_ROUTE_SCHEMA, {"ApiId": _API["ApiId"], "Stage": STAGE, "MetricName": name}, stat)
