"""Reads metric alarms and the figures behind them. Sets no state and makes no alarm."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tapgen.aws.failures import translated
from tapgen.aws.metrics import Range, metric_query, read_series
from tapgen.model import GuardAlarm, Served

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mypy_boto3_cloudwatch.type_defs import (
        AlarmHistoryItemTypeDef,
        MetricAlarmTypeDef,
    )

    from tapgen.aws.session import Aws

# The resolution of the services' own metrics, and so of every query here, in seconds.
_PERIOD_S = 60
_COMPARISONS = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}


@dataclass(frozen=True, kw_only=True)
class AlarmChange:
    """A metric alarm's new state."""

    name: str
    state: str
    """``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``."""
    at: datetime
    reason: str
    """CloudWatch's own words, with threshold and datapoints."""


@dataclass(frozen=True, kw_only=True)
class ShiftedVersion:
    """A version as Lambda's metrics know it when it is called through an alias."""

    function: str
    alias: str
    version: str

    @property
    def dimensions(self) -> dict[str, str]:
        """The set that exists for calls through an alias alone (Lambda developer guide, "viewing metrics")."""
        return {
            "FunctionName": self.function,
            "Resource": f"{self.function}:{self.alias}",
            "ExecutedVersion": self.version,
        }


def find_alarms(aws: Aws, names: Sequence[str]) -> list[MetricAlarmTypeDef]:
    """The metric alarms of these names, in their order; one that does not exist is missing (one call)."""
    if not names:
        return []
    with translated("look at the guard alarms"):
        found = aws.client("cloudwatch").describe_alarms(AlarmNames=list(names), AlarmTypes=["MetricAlarm"])
    by_name = {alarm["AlarmName"]: alarm for alarm in found["MetricAlarms"]}
    return [by_name[name] for name in names if name in by_name]


def find_red(aws: Aws, *, prefix: str) -> tuple[GuardAlarm, ...]:
    """The metric alarms in ALARM whose names begin with ``prefix``, without their datapoints."""
    with translated(f"look at the alarms {prefix}…"):
        pages = (
            aws.client("cloudwatch")
            .get_paginator("describe_alarms")
            .paginate(AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm"], StateValue="ALARM")
        )
        return tuple(_guard(alarm, None) for page in pages for alarm in page["MetricAlarms"])


def read_changes(aws: Aws, names: Iterable[str], *, since: datetime) -> tuple[AlarmChange, ...]:
    """Each change of these alarms' states, in order, of alarms that have been deleted meanwhile as well (a call each).

    CloudWatch keeps an alarm's history for 30 days, whether it still exists or not (CloudWatch API reference,
    DescribeAlarmHistory).
    """
    client = aws.client("cloudwatch")
    found: list[AlarmChange] = []
    for name in names:
        with translated(f"read the history of the alarm {name}"):
            pages = client.get_paginator("describe_alarm_history").paginate(
                AlarmName=name, HistoryItemType="StateUpdate", StartDate=since, ScanBy="TimestampAscending"
            )
            found += [_change(item) for page in pages for item in page["AlarmHistoryItems"]]
    # The request's own start date counts in whole seconds.
    return tuple(sorted((change for change in found if change.at >= since), key=lambda change: change.at))


def describe_guards(alarms: Sequence[MetricAlarmTypeDef], lasts: Sequence[float | None]) -> tuple[GuardAlarm, ...]:
    """The alarms as people read them, each with its last datapoint."""
    return tuple(_guard(alarm, last) for alarm, last in zip(alarms, lasts, strict=True))


def read_figures(
    aws: Aws,
    alarms: Sequence[MetricAlarmTypeDef],
    version: ShiftedVersion,
    *,
    since: datetime,
    until: datetime | None = None,
) -> tuple[list[float | None], Served]:
    """The last datapoint of each alarm, and what the version has served since a moment, or until another (one call).

    CloudWatch has a minute's figures a minute or two later; what is younger is missing.
    """
    wanted = {
        "requests": ("AWS/Lambda", "Invocations", version.dimensions, "Sum"),
        "errors": ("AWS/Lambda", "Errors", version.dimensions, "Sum"),
    } | {
        f"alarm{index}": (alarm["Namespace"], alarm["MetricName"], _dimensions(alarm), _statistic(alarm))
        for index, alarm in enumerate(alarms)
        if "MetricName" in alarm
    }
    queries = [
        metric_query(identifier, namespace, name, dimensions, stat=statistic, period_s=_PERIOD_S)
        for identifier, (namespace, name, dimensions, statistic) in wanted.items()
    ]
    margin = timedelta(seconds=_PERIOD_S)
    found = {
        series.id: series
        for series in read_series(aws, queries, Range(start=since - margin, end=until or datetime.now(UTC) + margin))
    }
    requests, errors = (sum(found[name].values) if name in found else 0 for name in ("requests", "errors"))
    lasts = [found[name].last if name in found else None for name in (f"alarm{index}" for index in range(len(alarms)))]
    return lasts, Served(requests=int(requests), errors=int(errors))


def has_data(aws: Aws, alarm: MetricAlarmTypeDef) -> bool:
    """Whether the alarm's metric had any datapoint in the last two weeks, as far as ListMetrics goes back.

    True for metric math, whose parts are not looked at.
    """
    if "MetricName" not in alarm:
        return True
    with translated(f"look for the metric of {alarm['AlarmName']}"):
        found = aws.client("cloudwatch").list_metrics(
            Namespace=alarm["Namespace"],
            MetricName=alarm["MetricName"],
            Dimensions=[{"Name": item["Name"], "Value": item["Value"]} for item in alarm.get("Dimensions", ())],
        )
    wanted = _dimensions(alarm)
    # ListMetrics finds metrics that have these dimensions and more; an alarm wants exactly these.
    return any({item["Name"]: item["Value"] for item in metric["Dimensions"]} == wanted for metric in found["Metrics"])


def _change(item: AlarmHistoryItemTypeDef) -> AlarmChange:
    """The item's data is a JSON document with both states."""
    new = json.loads(item["HistoryData"])["newState"]
    return AlarmChange(
        name=item["AlarmName"], state=new["stateValue"], at=item["Timestamp"], reason=new.get("stateReason", "")
    )


def _guard(alarm: MetricAlarmTypeDef, last: float | None) -> GuardAlarm:
    comparison = _COMPARISONS.get(alarm["ComparisonOperator"], alarm["ComparisonOperator"])
    return GuardAlarm(
        name=alarm["AlarmName"],
        state=alarm["StateValue"],
        reason=alarm.get("StateReason", ""),
        metric=f"{_statistic(alarm)} {alarm['MetricName']}" if "MetricName" in alarm else "",
        condition=f"{comparison} {alarm['Threshold']:g}" if "Threshold" in alarm else "",
        last=last,
    )


def _statistic(alarm: MetricAlarmTypeDef) -> str:
    return alarm.get("ExtendedStatistic") or alarm.get("Statistic", "")


def _dimensions(alarm: MetricAlarmTypeDef) -> dict[str, str]:
    return {item["Name"]: item["Value"] for item in alarm.get("Dimensions", ())}
