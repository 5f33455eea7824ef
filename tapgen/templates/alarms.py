"""The alarms people are called by. Guard alarms, which stop a shift, belong to the compute stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from troposphere import Tags
from troposphere.cloudwatch import Alarm, MetricDimension

from tapgen.naming import LIVE_ALIAS
from tapgen.templates import wiring

if TYPE_CHECKING:
    from tapgen.templates.wiring import Context, Stack

_PERIOD_S = 60


@dataclass(frozen=True, kw_only=True)
class RatedAlarm:
    """An alarm and how bad it is."""

    alarm: Alarm
    severity: Literal["warning", "critical"]


@dataclass(frozen=True, kw_only=True)
class _Watch:
    """What an alarm looks at."""

    logical_id: str
    role: str
    text: str
    severity: Literal["warning", "critical"]
    namespace: str
    metric: str
    dimensions: dict[str, Any]
    threshold: float
    statistic: str = "Sum"
    periods: int = 1


def make_alarms(stack: Stack, context: Context) -> list[RatedAlarm]:
    """All alarms, not yet in the stack: their actions are the caller's."""
    watches = [
        *_function_watches(context),
        *_api_watches(stack, context),
        *_table_watches(context),
        *_archive_watches(context),
    ]
    return [RatedAlarm(alarm=_alarm(context, watch), severity=watch.severity) for watch in watches]


def _function_watches(context: Context) -> list[_Watch]:
    thresholds = context.environment.alarms
    watches = []
    for role in ("api", "archiver"):
        prefix = role.capitalize()
        common: dict[str, Any] = {
            "namespace": "AWS/Lambda",
            "dimensions": _callers_of(context.names.function(role)),
        }
        watches += [
            _Watch(
                logical_id=f"{prefix}Errors",
                role=f"{role}-errors",
                text=f"Invocations of the {role} function fail",
                severity="critical",
                metric="Errors",
                threshold=thresholds.function_errors,
                **common,
            ),
            _Watch(
                logical_id=f"{prefix}Throttles",
                role=f"{role}-throttles",
                text=f"Invocations of the {role} function are throttled: its concurrency is used up",
                severity="warning",
                metric="Throttles",
                threshold=thresholds.function_throttles,
                **common,
            ),
        ]
    watches.append(
        _Watch(
            logical_id="ApiLatency",
            role="api-latency",
            text=f"p90 duration above {thresholds.latency_p90_baseline_ms} ms x {thresholds.latency_tolerance:g}",
            severity="warning",
            metric="Duration",
            statistic="p90",
            threshold=thresholds.latency_p90_ms,
            periods=3,
            namespace="AWS/Lambda",
            dimensions=_callers_of(context.names.function("api")),
        )
    )
    return watches


def _callers_of(function: str) -> dict[str, str]:
    """What comes through the live alias: a hook that tries a bad version by its ARN calls nobody out of bed."""
    return {"FunctionName": function, "Resource": f"{function}:{LIVE_ALIAS}"}


def _api_watches(stack: Stack, context: Context) -> list[_Watch]:
    return [
        _Watch(
            logical_id="ApiServerErrors",
            role="api-5xx",
            text="The API answers with 5xx",
            severity="critical",
            namespace="AWS/ApiGateway",
            metric="5xx",
            dimensions={"ApiId": stack.take(wiring.API_ID)},
            threshold=context.environment.alarms.api_5xx,
        )
    ]


def _table_watches(context: Context) -> list[_Watch]:
    common: dict[str, Any] = {
        "severity": "warning",
        "namespace": "AWS/DynamoDB",
        "dimensions": {"TableName": context.names.table},
        "threshold": 1,
    }
    return [
        _Watch(
            logical_id=f"Table{kind}Throttles",
            role=f"table-{kind.lower()}-throttles",
            text=f"{kind}s of the table are throttled",
            metric=f"{kind}ThrottleEvents",
            **common,
        )
        for kind in ("Read", "Write")
    ]


def _archive_watches(context: Context) -> list[_Watch]:
    thresholds = context.environment.alarms
    return [
        _Watch(
            logical_id="ArchiveLag",
            role="archive-lag",
            text="The archiver falls behind the table's stream, which keeps records for 24 hours",
            severity="warning",
            namespace="AWS/Lambda",
            metric="IteratorAge",
            dimensions={"FunctionName": context.names.function("archiver")},
            statistic="Maximum",
            threshold=thresholds.iterator_age_ms,
            periods=2,
        ),
        _Watch(
            logical_id="DeadLetters",
            role="dead-letters",
            text="Changes could not be archived and wait in the dead-letter queue",
            severity="critical",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": context.names.dead_letter_queue},
            statistic="Maximum",
            threshold=thresholds.dead_letter_depth,
        ),
    ]


def _alarm(context: Context, watch: _Watch) -> Alarm:
    percentile = watch.statistic.startswith("p")
    return Alarm(
        watch.logical_id,
        AlarmName=context.names.alarm(watch.role),
        AlarmDescription=f"{watch.severity}: {watch.text} ({context.names.deployment})",
        Namespace=watch.namespace,
        MetricName=watch.metric,
        Dimensions=[MetricDimension(Name=name, Value=value) for name, value in watch.dimensions.items()],
        Period=_PERIOD_S,
        EvaluationPeriods=watch.periods,
        DatapointsToAlarm=watch.periods,
        Threshold=watch.threshold,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        Tags=Tags(**context.environment.cost_tags),
        **{"ExtendedStatistic" if percentile else "Statistic": watch.statistic},
    )
