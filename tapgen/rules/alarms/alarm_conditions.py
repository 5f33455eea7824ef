"""An alarm goes off at the threshold that is configured, within the time that it should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule, differences, is_true, listed, mapping, same, show
from tapgen.rules.alarms.alarm_dimensions import dimensions_of, metrics_of
from tapgen.rules.alarms.conditions import (
    Condition,
    burns,
    conditions,
    datapoints,
    expression_of,
    is_burn,
    is_guard,
    is_lasting,
    lasting,
    watched_by,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.elements.templates import Resource, Templates

_API = "AWS::ApiGatewayV2::Api"
_OPERATOR = "GreaterThanOrEqualToThreshold"
# Hooks before and after traffic, and a guard's minute and evaluation after the last step of a shift.
_MARGIN_MIN = 5


def _find(templates: Templates) -> Found:
    known, objectives = conditions(templates.environment), burns(templates.environment)
    minutes = templates.environment.alarms.escalate_after_min or 0
    for alarm in templates.generated("AWS::CloudWatch::Alarm"):
        if is_guard(alarm):
            continue
        yield from differences(alarm, {"TreatMissingData": "notBreaching", "ActionsEnabled": None})
        watched = watched_by(alarm)
        condition = known.get(watched)
        if is_burn(alarm):
            condition = None
        if condition:
            lasts = is_lasting(alarm, condition)
            wanted = lasting(condition, minutes) if lasts else condition
            yield from _judge(alarm, wanted, datapoints(wanted, lasts=lasts), templates)
        elif watched in objectives:
            yield from _judge_burn(templates, alarm, *objectives[watched])
        elif watched == (("AWS/Events", "Invocations", "Sum"),):
            period_s = (templates.environment.shift.duration_min + _MARGIN_MIN) * 60
            yield from _judge(alarm, Condition(threshold=1, period_s=period_s), 1, templates)


def _judge(alarm: Resource, wanted: Condition, breaching: int, templates: Templates) -> Found:
    banded = wanted.threshold is None
    properties: dict[str, Any] = {
        "EvaluationPeriods": wanted.periods,
        "DatapointsToAlarm": breaching,
        "ComparisonOperator": "GreaterThanUpperThreshold" if banded else _OPERATOR,
        "Threshold": wanted.threshold,
        "ThresholdMetricId": "band" if banded else None,
    }
    yield from differences(alarm, properties)
    yield from _judge_periods(alarm, wanted.period_s)
    if banded:
        band = f"ANOMALY_DETECTION_BAND({{Duration}}, {templates.environment.alarms.latency_band_width:g})"
        yield from _judge_band(alarm, band)
    elif wanted.expression and expression_of(alarm) != wanted.expression:
        yield alarm, f"judges {show(expression_of(alarm))}; {show(wanted.expression)} is asked for"


def _judge_band(alarm: Resource, band: str) -> Found:
    """Both are returned: the metric, and the band that it is compared with."""
    queries = [mapping(query) for query in listed(alarm.properties.get("Metrics"))]
    if not all(is_true(query.get("ReturnData")) for query in queries):
        yield alarm, "does not return the metric and its band"
    (name,) = [query.get("Id") for query in queries if "MetricStat" in query] or [None]
    found = [query.get("Expression") for query in queries if query.get("Id") == "band"]
    if found != [band.replace("{Duration}", str(name))]:
        yield alarm, f"compares with {show(found)}; {band} is asked for"


def _judge_periods(alarm: Resource, period_s: int) -> Found:
    periods = [alarm.get("Period")] if alarm.get("Metrics") is None else _query_periods(alarm)
    if not same(periods, [period_s] * len(periods)):
        yield alarm, f"looks at periods of {show(periods)} s; {period_s} s are asked for"


def _query_periods(alarm: Resource) -> list[Any]:
    queries = [mapping(query) for query in listed(alarm.properties.get("Metrics"))]
    return [query["MetricStat"].get("Period") for query in queries if "MetricStat" in query]


def _watched_types(templates: Templates, alarm: Resource, metric: Mapping[str, Any]) -> set[str]:
    dimensions = dimensions_of(metric)
    targets = [templates.trace(alarm.stack, value) for value in dimensions.values()]
    return {target.resource.type if target else "" for target in targets} if dimensions else {""}


def _judge_burn(templates: Templates, alarm: Resource, bad: str, allowed: float) -> Found:
    slo = templates.environment.slo
    if slo is None:
        return
    windows = {(minutes * 60, rate.factor) for rate in slo.burn_rates for minutes in (rate.long_min, rate.short_min)}
    found = {(period_s, alarm.get("Threshold")) for period_s in _query_periods(alarm)}
    if len(found) != 1 or not any(same(list(*found), list(window)) for window in windows):
        yield alarm, f"burns at {show(sorted(map(str, found)))}; (seconds, factor) of `slo.burn_rates` are asked for"
    if {type_ for metric in metrics_of(alarm) for type_ in _watched_types(templates, alarm, metric)} != {_API}:
        yield alarm, "watches something else than this API"
    wanted = f"IF({{Count}} >= {slo.minimum_requests}, {bad} / {allowed:.6g}, 0)"
    if expression_of(alarm) != wanted:
        yield alarm, f"judges {show(expression_of(alarm))}; {show(wanted)} is asked for"
    once = {"EvaluationPeriods": 1, "DatapointsToAlarm": 1, "ComparisonOperator": _OPERATOR}
    yield from differences(alarm, once)


RULE = Rule(
    id="alarm-conditions",
    holds="An alarm goes off when its signal reaches the threshold that `alarms` and `slo` say, in as many periods "
    "as its kind needs, and takes silence for calm.",
    why="An alarm that goes off late or never is trusted and says nothing; one that goes off for nothing is ignored.",
    source='CloudWatch user guide, "Using Amazon CloudWatch alarms"; `tapgen guide observability`',
    find=_find,
)
