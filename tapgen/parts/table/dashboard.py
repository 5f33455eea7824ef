"""A table's rows on the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.widgets import axis, graph, level, metric, row, text
from tapgen.parts.table.names import physical_name

if TYPE_CHECKING:
    from tapgen.elements.widgets import Widget
    from tapgen.elements.wiring import Context
    from tapgen.parts.function.model import Function
    from tapgen.parts.table.model import Table

_OPERATIONS = ("GetItem", "PutItem", "Query", "DeleteItem")
_RED, _ORANGE = "#d62728", "#ff7f0e"


def rows(context: Context, part: Table) -> list[Widget | list[Widget]]:
    """Capacity, throttles, latency and errors of the table, and how far its consumers are behind."""
    table = {"TableName": physical_name(context.names, part)}
    capacity = [
        metric("AWS/DynamoDB", f"Consumed{kind}CapacityUnits", table, label=f"{kind.lower()} units")
        for kind in ("Read", "Write")
    ]
    throttles = [
        metric("AWS/DynamoDB", f"{kind}ThrottleEvents", table, label=f"{kind.lower()}s throttled", color=color)
        for kind, color in (("Read", _ORANGE), ("Write", _RED))
    ]
    latency = [
        metric(
            "AWS/DynamoDB", "SuccessfulRequestLatency", table | {"Operation": operation}, stat="p90", label=operation
        )
        for operation in _OPERATIONS
    ]
    errors = [
        metric("AWS/DynamoDB", "SystemErrors", table | {"Operation": operation}, label=f"system {operation}")
        for operation in _OPERATIONS
    ]
    conflicts = metric("AWS/DynamoDB", "ConditionalCheckFailedRequests", table, label="conditions not met")
    return [
        text(f"## Table {part.name}"),
        row(
            graph("Capacity (units per minute)", capacity, yAxis=axis("units")),
            graph("Throttled (events per minute)", throttles, yAxis=axis("events")),
            graph("Latency (p90, ms)", latency, yAxis=axis("ms")),
            graph("Errors and conflicts (per minute)", [*errors, conflicts], yAxis=axis("requests")),
        ),
        *(row(_lag(context, function)) for function, _ in context.service.consumers(part)),
    ]


def _lag(context: Context, function: Function) -> Widget:
    """How far a consumer is behind the table's changes."""
    allowed = context.environment.alarms.iterator_age_ms
    oldest = metric(
        "AWS/Lambda",
        "IteratorAge",
        {"FunctionName": context.names.function(function.name)},
        stat="Maximum",
        label="oldest record",
    )
    return graph(
        f"Lag of {function.name} (ms): the stream keeps records for 24 hours",
        [oldest],
        yAxis=axis("ms"),
        annotations=level(allowed, f"above {allowed} warns"),
    )
