"""What metric alarms watch, and which metrics CloudWatch has seen. Sets no state and makes no alarm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.failures import translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import (
        DimensionTypeDef,
        MetricAlarmTypeDef,
        MetricOutputTypeDef,
        MetricTypeDef,
    )


@dataclass(frozen=True)
class Metric:
    """A metric by all that names it."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]

    @property
    def text(self) -> str:
        """``AWS/Lambda Errors (FunctionName=…)``."""
        named = ", ".join(f"{name}={value}" for name, value in sorted(self.dimensions))
        return f"{self.namespace} {self.name}" + (f" ({named})" if named else "")


@dataclass(frozen=True, kw_only=True)
class WatchingAlarm:
    """A metric alarm, as far as it says whether it can ever go off."""

    name: str
    state: str
    reason: str
    metrics: tuple[Metric, ...]
    """All that it computes with."""
    updated_at: datetime
    """When its definition changed last."""
    actions_enabled: bool


def list_alarms(client: CloudWatchClient, *, prefix: str) -> tuple[WatchingAlarm, ...]:
    """The metric alarms whose names begin with ``prefix``."""
    with translated(f"look at the alarms {prefix}…"):
        pages = client.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm"])
        return tuple(
            WatchingAlarm(
                name=alarm["AlarmName"],
                state=alarm["StateValue"],
                reason=alarm.get("StateReason", ""),
                metrics=tuple(_metrics_of(alarm)),
                updated_at=alarm["AlarmConfigurationUpdatedTimestamp"],
                actions_enabled=alarm.get("ActionsEnabled", True),
            )
            for page in pages
            for alarm in page["MetricAlarms"]
        )


def list_metrics(client: CloudWatchClient, *, namespace: str, name: str) -> frozenset[Metric]:
    """The metrics of a name that had a datapoint in the last two weeks (CloudWatch API reference, ListMetrics)."""
    with translated(f"list the metrics {namespace} {name}"):
        pages = client.get_paginator("list_metrics").paginate(Namespace=namespace, MetricName=name)
        return frozenset(_metric(item) for page in pages for item in page["Metrics"])


def _metrics_of(alarm: MetricAlarmTypeDef) -> Iterator[Metric]:
    if "MetricName" in alarm:
        yield Metric(alarm["Namespace"], alarm["MetricName"], _dimensions(alarm.get("Dimensions", ())))
    for query in alarm.get("Metrics", ()):
        if "MetricStat" in query:
            yield _metric(query["MetricStat"]["Metric"])


def _metric(item: MetricTypeDef | MetricOutputTypeDef) -> Metric:
    return Metric(item.get("Namespace", ""), item.get("MetricName", ""), _dimensions(item.get("Dimensions", ())))


def _dimensions(items: Iterable[DimensionTypeDef]) -> frozenset[tuple[str, str]]:
    return frozenset((item["Name"], item["Value"]) for item in items)
