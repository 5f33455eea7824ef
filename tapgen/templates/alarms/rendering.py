"""A definition as AWS::CloudWatch::Alarm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from troposphere import FindInMap, Join, Ref, Tags
from troposphere import cloudwatch as cw

from tapgen.elements.alarm import runbook_link
from tapgen.elements.wiring import Value
from tapgen.templates.alarms.catalogue import build_catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.elements.alarm import Definition, Metric, Severity, Signal
    from tapgen.elements.wiring import Context, Stack

_BAND = "band"


@dataclass(frozen=True, kw_only=True)
class RatedAlarm:
    """An alarm, how bad it is, and what it was made from."""

    alarm: cw.Alarm
    severity: Severity
    definition: Definition


def make_alarms(stack: Stack, context: Context) -> list[RatedAlarm]:
    """All metric alarms, not yet in the stack: their actions are the caller's."""
    catalogue = build_catalogue(context.environment, context.names)
    return [
        RatedAlarm(alarm=_alarm(stack, context, item), severity=item.severity, definition=item)
        for item in catalogue.definitions
        if item.block == context.block
    ]


def describe(context: Context, *, severity: str, text: str, runbook: str) -> Join:
    """An alarm's description: severity, what is wrong, and where to read on."""
    dashboard = context.names.name("dashboard", "service")
    link = runbook_link(context.environment, runbook)
    return Join(
        "",
        [
            f"{severity}: {text} ({context.names.deployment}). Runbook: {link} Dashboard: https://",
            # The dashboard's part of the template brings the mapping.
            FindInMap("Console", Ref("AWS::Partition"), "Host"),
            "/cloudwatch/home?region=",
            Ref("AWS::Region"),
            f"#dashboards/dashboard/{dashboard}",
        ],
    )


def _alarm(stack: Stack, context: Context, item: Definition) -> cw.Alarm:
    return cw.Alarm(
        item.logical_id,
        AlarmName=context.names.alarm(item.slug),
        AlarmDescription=describe(context, severity=item.severity, text=item.text, runbook=item.runbook_slug),
        EvaluationPeriods=item.periods,
        DatapointsToAlarm=item.datapoints or item.periods,
        TreatMissingData="notBreaching",
        Tags=Tags(**context.environment.cost_tags),
        **_condition(stack, item),
    )


def _condition(stack: Stack, item: Definition) -> dict[str, Any]:
    signal = item.signal
    if signal.band_width is not None:
        return {
            "Metrics": [*_queries(stack, signal, returned=True), _band(signal)],
            "ThresholdMetricId": _BAND,
            "ComparisonOperator": "GreaterThanUpperThreshold",
        }
    threshold = {"Threshold": item.threshold, "ComparisonOperator": "GreaterThanOrEqualToThreshold"}
    if signal.expression:
        expression = cw.MetricDataQuery(Id="value", Expression=signal.expression, Label=signal.label, ReturnData=True)
        return threshold | {"Metrics": [*_queries(stack, signal, returned=False), expression]}
    (metric,) = signal.metrics.values()
    statistic = "ExtendedStatistic" if metric.statistic.startswith("p") else "Statistic"
    return threshold | {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": _dimensions(stack, metric.dimensions),
        "Period": signal.period_s,
        statistic: metric.statistic,
    }


def _queries(stack: Stack, signal: Signal, *, returned: bool) -> list[cw.MetricDataQuery]:
    return [
        cw.MetricDataQuery(
            Id=name,
            MetricStat=cw.MetricStat(Metric=_metric(stack, metric), Period=signal.period_s, Stat=metric.statistic),
            ReturnData=returned,
        )
        for name, metric in signal.metrics.items()
    ]


def _band(signal: Signal) -> cw.MetricDataQuery:
    (name,) = signal.metrics
    return cw.MetricDataQuery(
        Id=_BAND,
        Expression=f"ANOMALY_DETECTION_BAND({name}, {signal.band_width:g})",
        Label="what is expected",
        ReturnData=True,
    )


def _metric(stack: Stack, metric: Metric) -> cw.Metric:
    return cw.Metric(
        Namespace=metric.namespace, MetricName=metric.name, Dimensions=_dimensions(stack, metric.dimensions)
    )


def _dimensions(stack: Stack, dimensions: Mapping[str, str | Value]) -> list[cw.MetricDimension]:
    return [
        cw.MetricDimension(Name=name, Value=stack.take(value) if isinstance(value, Value) else value)
        for name, value in dimensions.items()
    ]
