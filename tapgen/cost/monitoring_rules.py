"""What alarms, dashboards and the service's own metrics cost."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tapgen.cost.charges import Charge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.cost.resources import Inventory, Resource, Usage

_MINUTE_S = 60
# An alarm on an anomaly band counts its metric and the band's two edges (CloudWatch pricing, "anomaly detection").
_METRICS_OF_A_BAND = 2
_NAMESPACE = "POWERTOOLS_METRICS_NAMESPACE"


def price_alarm(alarm: Resource, inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """AWS::CloudWatch::Alarm: each metric that it evaluates."""
    del inventory, usage
    count, shortest_s = count_metrics(alarm.properties)
    name = "alarm-metrics" if shortest_s >= _MINUTE_S else "alarm-metrics-high-resolution"
    yield Charge(item="alarm", price=name, quantity=count, formula=f"{count} metric{'s' * (count != 1)}", fixed=True)


def price_composite(alarm: Resource, inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """AWS::CloudWatch::CompositeAlarm: one price, whatever it is made of."""
    del alarm, inventory, usage
    yield Charge(item="composite alarm", price="composite-alarms", quantity=1, formula="1 composite alarm", fixed=True)


def price_dashboard(dashboard: Resource, inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """AWS::CloudWatch::Dashboard, and the custom metrics that dashboards and alarms of the release name."""
    yield Charge(
        item="dashboard",
        price="dashboards",
        quantity=1,
        formula="1 dashboard; an account's first 3 are free",
        fixed=True,
    )
    first = next(inventory.of_kind("AWS::CloudWatch::Dashboard"))
    metrics = custom_metrics(inventory)
    if dashboard == first and metrics and usage.requests_per_month:
        yield Charge(
            item="custom metrics",
            price="custom-metrics",
            quantity=len(metrics),
            formula=f"{len(metrics)} that dashboards and alarms name",
            fixed=True,
        )


def count_metrics(properties: Mapping[str, Any]) -> tuple[int, float]:
    """(metrics that an alarm is billed for, its shortest period in seconds)."""
    queries = properties.get("Metrics", ())
    if not queries:
        return 1, float(properties.get("Period", _MINUTE_S))
    stats = [query["MetricStat"] for query in queries if "MetricStat" in query]
    bands = sum("ANOMALY_DETECTION_BAND" in str(query.get("Expression", "")) for query in queries)
    periods = [float(stat.get("Period", _MINUTE_S)) for stat in stats]
    return max(len(stats) + _METRICS_OF_A_BAND * bands, 1), min(periods, default=_MINUTE_S)


def custom_metrics(inventory: Inventory) -> frozenset[tuple[str, ...]]:
    """(namespace, name, dimensions …) of each metric of the service's own that a dashboard or an alarm names."""
    own = {
        str(function.properties.get("Environment", {}).get("Variables", {}).get(_NAMESPACE))
        for function in inventory.of_kind("AWS::Lambda::Function")
    } - {"None"}
    named = {metric for each in inventory.of_kind("AWS::CloudWatch::Dashboard") for metric in _widgets(each.properties)}
    named |= {metric for each in inventory.of_kind("AWS::CloudWatch::Alarm") for metric in _evaluated(each.properties)}
    return frozenset(metric for metric in named if metric[0] in own)


def _widgets(properties: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    body = properties.get("DashboardBody", "")
    if isinstance(body, dict):
        body = body.get("Fn::Sub", "")
        body = body[0] if isinstance(body, list) else body
    try:
        widgets = json.loads(body)["widgets"]
    except (ValueError, KeyError, TypeError):
        return
    for widget in widgets:
        for line in widget.get("properties", {}).get("metrics", ()):
            names = tuple(part for part in line if isinstance(part, str))
            # "." and "..." repeat what stands above: such a line names no new metric of a namespace by itself.
            if names and not names[0].startswith("."):
                yield names


def _evaluated(properties: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    stats = [query["MetricStat"]["Metric"] for query in properties.get("Metrics", ()) if "MetricStat" in query]
    for metric in [properties, *stats]:
        if "MetricName" in metric:
            dimensions = [text for each in metric.get("Dimensions", ()) for text in (each["Name"], str(each["Value"]))]
            yield (str(metric.get("Namespace", "")), metric["MetricName"], *dimensions)


def uses_query(properties: Mapping[str, Any]) -> bool:
    """Whether an alarm asks Metrics Insights, whose price depends on how many metrics the query finds."""
    return any(re.match(r"\s*SELECT\b", str(query.get("Expression", ""))) for query in properties.get("Metrics", ()))
