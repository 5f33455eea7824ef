"""Table, archive, and what the service itself counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.templates.dashboard.widgets import axis, graph, level, metric, row, text

if TYPE_CHECKING:
    from tapgen.templates.dashboard.widgets import Metric, Widget
    from tapgen.templates.wiring import Context

_OPERATIONS = ("GetItem", "PutItem", "Query", "DeleteItem")
_RED, _ORANGE = "#d62728", "#ff7f0e"


def table(context: Context) -> list[Widget | list[Widget]]:
    """Capacity, throttles, latency and errors of the table."""
    table = {"TableName": context.names.table}
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
        text("## Table"),
        row(
            graph("Capacity (units per minute)", capacity, yAxis=axis("units")),
            graph("Throttled (events per minute)", throttles, yAxis=axis("events")),
            graph("Latency (p90, ms)", latency, yAxis=axis("ms")),
            graph("Errors and conflicts (per minute)", [*errors, conflicts], yAxis=axis("requests")),
        ),
    ]


def archive(context: Context) -> list[Widget | list[Widget]]:
    """How far the archive is behind, and what could not be archived."""
    thresholds = context.environment.alarms
    function = context.names.function("archiver")
    lag = metric("AWS/Lambda", "IteratorAge", {"FunctionName": function}, stat="Maximum", label="oldest record")
    queue = {"QueueName": context.names.dead_letter_queue}
    letters = metric(
        "AWS/SQS", "ApproximateNumberOfMessagesVisible", queue, stat="Maximum", label="waiting", color=_RED
    )
    return [
        text("## Archive"),
        row(
            graph(
                "Lag (ms): the stream keeps records for 24 hours",
                [lag],
                yAxis=axis("ms"),
                annotations=level(thresholds.iterator_age_ms, f"above {thresholds.iterator_age_ms} warns"),
            ),
            graph("Dead letters (messages)", [letters], yAxis=axis("messages")),
            graph(
                "Records (per minute)",
                [
                    _own(context, "archiver", "RecordsArchived", label="archived"),
                    _own(context, "archiver", "PoisonRecords", label="not readable", color=_RED),
                ],
                yAxis=axis("records"),
            ),
        ),
    ]


def business(context: Context) -> list[Widget | list[Widget]]:
    """What the service does for its users."""
    return [
        text("## Transactions"),
        row(
            graph(
                "Transactions (per minute)",
                [
                    _own(context, "api", "TransactionsCreated", label="created"),
                    _own(context, "api", "TransactionDuplicates", label="repeated requests"),
                    _own(context, "api", "TransactionConflicts", label="conflicts", color=_ORANGE),
                ],
                yAxis=axis("transactions"),
            ),
            graph(
                "Time in the handler (ms)",
                [_own(context, "api", "RequestDuration", stat=stat, label=stat) for stat in ("p50", "p90", "p99")],
                yAxis=axis("ms"),
            ),
        ),
    ]


def _own(context: Context, role: str, name: str, **options: Any) -> Metric:
    """A metric that a function writes into its log (embedded metric format)."""
    service = f"{context.environment.project}-{role}"
    return metric(context.names.metric_namespace, name, {"service": service}, **options)
