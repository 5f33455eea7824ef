"""Metric alarms that look at their own metric, in the background, in shortened AWS time.

Every alarm is evaluated once a minute, ten AWS seconds after it has ended [inferred: states were seen to change about
60 to 105 seconds after the first bad datapoint], over windows that end with that minute, however long they are
(CloudWatch User Guide, "Alarm evaluation window"). What SetAlarmState sets holds until then. Composite alarms follow
their children at once, which MiniStack does; what they do about it is in ``alarm_actions``.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from typing import TYPE_CHECKING, Any

from ministack.services import cloudwatch

from tapgen.local.extension import background
from tapgen.local.extension.cloudwatch import alarm_math, alarm_state, alarm_transitions, anomaly_bands
from tapgen.local.extension.cloudwatch.alarm_state import Datapoint, Rule
from tapgen.local.extension.seams import Seam, replace
from tapgen.local.extension.time_scale import TimeScale

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.local.extension.cloudwatch.math_functions import Series
    from tapgen.local.extension.settings import Settings

_MODULE = "ministack.services.cloudwatch"
_EVALUATE = Seam(
    module=_MODULE,
    attribute="_evaluate_alarm",
    parameters=("alarm",),
    gap="pools all points of a metric name whatever their dimensions, knows neither M of N nor missing data, and runs "
    "only when somebody puts a metric or an alarm",
)


def _used(attribute: str, *parameters: str) -> Seam:
    return Seam(module=_MODULE, attribute=attribute, parameters=parameters or None, gap="used only")


SEAMS = (
    *background.SEAMS,
    *alarm_transitions.SEAMS,
    _EVALUATE,
    _used("_alarms"),
    _used("_metrics"),
    _used("_calc_stats", "points"),
    _used("_stat_value", "stats", "stat_name", "points"),
    _used("_dims_key", "dims"),
    _used("_dims_from_list", "dimensions"),
)

_DELAY_S = 10
"""AWS seconds between the end of a period and its evaluation."""

_MINUTE_S = 60
"""AWS seconds between two evaluations of an alarm with a period that is not shorter."""

_SLACK_S = 5.0
"""Wall seconds by which points may be out of order in a series."""

_LOG = logging.getLogger("cloudwatch")


def install(settings: Settings) -> None:
    """Evaluate alarms in the background, and nowhere else."""
    evaluator = Evaluator(TimeScale(settings.minute_s), clock=time.time)
    replace(_EVALUATE, evaluator.expect)
    alarm_transitions.install()
    tick_s = TimeScale(settings.minute_s).wall_s(_DELAY_S) / 2
    background.repeat(evaluator.evaluate_due, every_s=tick_s, name="alarm-evaluation")


class Evaluator:
    """Evaluates alarms when their time has come.

    Args:
        time_scale: How long an AWS minute takes.
        clock: Seconds since the epoch, the clock that datapoints are stamped with.
    """

    def __init__(self, time_scale: TimeScale, *, clock: Callable[[], float]) -> None:
        self._time_scale = time_scale
        self._clock = clock
        self._due: dict[str, float] = {}

    def expect(self, alarm: dict[str, Any]) -> None:
        """Evaluate an alarm at the next look: it is new, or its rule has changed."""
        self._due.setdefault(alarm["AlarmArn"], 0.0)

    def evaluate_due(self) -> None:
        """Evaluate every alarm whose period has ended, in all accounts and regions."""
        now = self._clock()
        for _ in background.scopes(cloudwatch._alarms):  # noqa: SLF001 - a seam
            for alarm in cloudwatch._alarms.values():  # noqa: SLF001 - a seam
                if self._due.get(alarm["AlarmArn"], 0.0) <= now:
                    self._due[alarm["AlarmArn"]] = self._next(alarm, now)
                    self._evaluate(alarm, now)

    def _next(self, alarm: dict[str, Any], now: float) -> float:
        """When the minute that is running now has ended and its points have arrived."""
        step = self._step(alarm)
        return (now // step + 1) * step + self._time_scale.wall_s(_DELAY_S)

    def _step(self, alarm: dict[str, Any]) -> float:
        """Wall seconds by which the windows of an alarm move on."""
        return self._time_scale.wall_s(min(alarm_transitions.period_s(alarm), _MINUTE_S))

    def _evaluate(self, alarm: dict[str, Any], now: float) -> None:
        try:
            rule = Rule.of(alarm)
            count = rule.periods + alarm_state.EXTRA_PERIODS
            if alarm.get("ThresholdMetricId"):
                rule, datapoints = self._against_band(alarm, rule, count, now)
            else:
                datapoints = self.datapoints(alarm, count, now)
        except ValueError as error:
            _LOG.warning("alarm %s cannot be evaluated: %s", alarm["AlarmName"], error)
            return
        state = alarm_state.decide(rule, [point.value for point in datapoints], alarm["StateValue"])
        if state != alarm["StateValue"]:
            alarm_transitions.transition(alarm, state, rule, datapoints)

    def _against_band(self, alarm: dict[str, Any], rule: Rule, count: int, now: float) -> tuple[Rule, list[Datapoint]]:
        """The rule with the band's bound for its threshold; without a band every datapoint counts as missing."""
        band = anomaly_bands.read_band(alarm["Metrics"], alarm["ThresholdMetricId"])
        metric = {"Metrics": [query for query in alarm["Metrics"] if query["Id"] == band.metric_id]}
        points = self.datapoints(metric, count + anomaly_bands.LEARNT_PERIODS, now)
        bounds = band.bounds([point.value for point in points[count:]])
        if bounds is None:
            return rule, [Datapoint(point.start, None) for point in points[:count]]
        bound = bounds[0] if rule.comparison == "LessThanLowerThreshold" else bounds[1]
        return dataclasses.replace(rule, threshold=bound), points[:count]

    def datapoints(self, alarm: dict[str, Any], count: int, now: float) -> list[Datapoint]:
        """What the alarm sees of the last ``count`` periods, the newest first; the last one ends with a minute."""
        length = self._time_scale.wall_s(alarm_transitions.period_s(alarm))
        step = self._step(alarm)
        newest_end = now // step * step
        windows = [(newest_end - (index + 1) * length, newest_end - index * length) for index in range(count)]
        if not alarm.get("Metrics"):
            return _read(alarm, windows)
        # Expressions want the oldest value first.
        oldest_first = windows[::-1]
        series: dict[str, Series] = {}
        metrics = [query["Id"] for query in alarm["Metrics"] if not query.get("Expression")]
        for query in alarm_math.in_order(alarm["Metrics"]):
            series[query["Id"]] = _series(query, series, oldest_first, metrics)
        values = list(series[alarm_math.returned(alarm["Metrics"])["Id"]])[::-1]
        return [Datapoint(start, value) for (start, _), value in zip(windows, values, strict=True)]


def _series(
    query: Mapping[str, Any],
    known: dict[str, Series],
    windows: list[tuple[float, float]],
    metrics: list[str],
) -> Series:
    if query.get("Expression"):
        return alarm_math.evaluate(query["Expression"], known, periods=len(windows), metrics=metrics)
    metric = query["MetricStat"]
    statistic = str(metric.get("Stat", "Average"))
    found = _read({**metric["Metric"], "Statistic": statistic, "Unit": metric.get("Unit")}, windows)
    return tuple(point.value for point in found)


def _read(metric: dict[str, Any], windows: list[tuple[float, float]]) -> list[Datapoint]:
    """One datapoint of a metric per window, in the order of the windows."""
    dimensions = cloudwatch._dims_from_list(metric.get("Dimensions") or [])  # noqa: SLF001 - a seam
    key = (metric["Namespace"], metric["MetricName"], cloudwatch._dims_key(dimensions))  # noqa: SLF001 - a seam
    oldest = min(start for start, _ in windows)
    points = _recent(cloudwatch._metrics.get(key) or [], oldest, metric.get("Unit"))  # noqa: SLF001 - a seam
    statistic = metric.get("ExtendedStatistic") or metric.get("Statistic") or "Average"
    return [
        _datapoint(start, [point for point in points if start <= point["Timestamp"] < end], statistic)
        for start, end in windows
    ]


def _recent(points: list[dict[str, Any]], oldest: float, unit: str | None) -> list[dict[str, Any]]:
    recent = []
    for point in reversed(points):
        if point["Timestamp"] < oldest - _SLACK_S:
            break
        if unit in (None, "", point["Unit"]):
            recent.append(point)
    return recent


def _datapoint(start: float, points: list[dict[str, Any]], statistic: str) -> Datapoint:
    if not points:
        return Datapoint(start, None)
    stats = cloudwatch._calc_stats(points)  # noqa: SLF001 - a seam
    value = cloudwatch._stat_value(stats, statistic, points)  # noqa: SLF001 - a seam
    return Datapoint(start, None if value is None else float(value), stats.get("SampleCount"))
