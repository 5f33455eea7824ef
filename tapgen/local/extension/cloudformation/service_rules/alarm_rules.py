"""What CloudWatch refuses of an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.local.extension.cloudformation.service_rules.rule import Rule, number

if TYPE_CHECKING:
    from tapgen.local.extension.cloudformation.service_rules.rule import Asked

_ALARM = "AWS::CloudWatch::Alarm"
_SOURCE = "CloudWatch API reference, PutMetricAlarm"
_SHORT_PERIODS_S = {10, 20, 30}
_HOUR_S, _DAY_S, _WEEK_S = 3600, 86_400, 604_800


def _periods(asked: Asked) -> list[int]:
    """The periods of the alarm's metrics, in seconds."""
    metrics = asked.properties.get("Metrics") or ()
    found = [asked.properties.get("Period"), *(each.get("Period") for each in metrics)]
    found += [(each.get("MetricStat") or {}).get("Period") for each in metrics]
    return [int(number(period)) for period in found if period is not None]


def _period(asked: Asked) -> str:
    wrong = [period for period in _periods(asked) if period not in _SHORT_PERIODS_S and (period < 1 or period % 60)]
    return f"Period must be 10, 20, 30 or a multiple of 60, not {wrong[0]}" if wrong else ""


def _window(asked: Asked) -> str:
    period_s = max(_periods(asked), default=0)
    window_s = period_s * number(asked.properties.get("EvaluationPeriods"), 1)
    if period_s < _HOUR_S and window_s > _DAY_S:
        return (
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400) for alarms "
            "with a period of less than an hour"
        )
    if window_s > _WEEK_S:
        return "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800)."
    return ""


def _datapoints(asked: Asked) -> str:
    wanted, periods = (number(asked.properties.get(name)) for name in ("DatapointsToAlarm", "EvaluationPeriods"))
    return "DatapointsToAlarm must be less than or equal to EvaluationPeriods" if wanted > periods else ""


def _statistic(asked: Asked) -> str:
    given = [name for name in ("Statistic", "ExtendedStatistic", "Metrics") if asked.properties.get(name)]
    if len(given) > 1:
        return f"Parameters {' and '.join(given)} are mutually exclusive."
    return ""


RULES = (
    Rule(name="cloudwatch-period", resource_type=_ALARM, source=f"{_SOURCE}, Period", find=_period),
    Rule(
        name="cloudwatch-window",
        resource_type=_ALARM,
        source=f"{_SOURCE}, EvaluationPeriods: a day, or a week where the period is an hour or longer",
        find=_window,
    ),
    Rule(name="cloudwatch-datapoints", resource_type=_ALARM, source=f"{_SOURCE}, DatapointsToAlarm", find=_datapoints),
    Rule(
        name="cloudwatch-one-statistic",
        resource_type=_ALARM,
        source=f"{_SOURCE}, Statistic, ExtendedStatistic and Metrics",
        find=_statistic,
    ),
)
