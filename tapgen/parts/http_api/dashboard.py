"""The API: golden signals of the whole, and each route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.widgets import axis, expression, graph, level, metric, property_label, row, search, text
from tapgen.naming import LIVE_ALIAS, STAGE

if TYPE_CHECKING:
    from tapgen.elements.widgets import Metric, Widget
    from tapgen.elements.wiring import Context

# A row has 24 columns; three graphs stand there already.
_MOST_FUNCTIONS = 1
_NAMESPACE = "AWS/ApiGateway"
_API = {"ApiId": "${ApiIdentifier}"}
_ROUTE_SCHEMA = "AWS/ApiGateway,ApiId,Method,Resource,Stage"


def golden_signals(context: Context) -> list[Widget | list[Widget]]:
    """Traffic, errors, latency, saturation."""
    return [
        text("## Golden signals"),
        row(_traffic(), _errors(), _latency(context), *_saturations(context)),
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


def _saturations(context: Context) -> list[Widget]:
    """How much of the concurrency is used, and what found none; of the first functions, as many as a row takes."""
    return [_saturation(context, part.name) for part in context.service.requested[:_MOST_FUNCTIONS]]


def _saturation(context: Context, name: str) -> Widget:
    function = context.names.function(name)
    reserved = context.environment.functions[name].reserved_concurrency
    live = {"FunctionName": function, "Resource": f"{function}:{LIVE_ALIAS}"}
    metrics: list[Metric] = [
        metric("AWS/Lambda", "ConcurrentExecutions", {"FunctionName": function}, stat="Maximum", label="concurrency"),
        metric("AWS/Lambda", "Throttles", live, label="throttled", color="#d62728"),
    ]
    limit: dict[str, Any] = {"annotations": level(reserved, "reserved concurrency")} if reserved else {}
    alone = len(context.service.requested) == 1
    whose = "" if alone else f" of {name}"
    return graph(f"Saturation{whose} (concurrent executions, throttles)", metrics, yAxis=axis("executions"), **limit)


def _api(name: str, **options: Any) -> Metric:
    return metric(_NAMESPACE, name, _API, **options)


def _by_route(name: str, stat: str) -> str:
    return search(_ROUTE_SCHEMA, {"ApiId": _API["ApiId"], "Stage": STAGE, "MetricName": name}, stat)
