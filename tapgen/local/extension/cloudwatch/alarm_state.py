"""From datapoints to the state of an alarm: M out of N, and what missing datapoints mean. Pure.

Source: CloudWatch User Guide, "Evaluating an alarm" and "Configuring how CloudWatch alarms treat missing data".
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXTRA_PERIODS = 2
"""Periods that are looked at beyond EvaluationPeriods when some are missing.

CloudWatch retrieves more than it evaluates and says that the number varies; its examples show 5 for 3 [inferred].
"""

_COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
    # Against an anomaly detection band; its bound takes the threshold's place.
    "GreaterThanUpperThreshold": (operator.gt, "greater than"),
    "LessThanLowerThreshold": (operator.lt, "less than"),
}


class Datapoint(NamedTuple):
    """What an alarm saw of one period.

    Attributes:
        start: When the period began, in seconds since the epoch.
        value: The statistic of the period; None when there was no data.
        samples: How many values it was computed from; None for the result of an expression.
    """

    start: float
    value: float | None
    samples: float | None = None

    @property
    def moment(self) -> datetime:
        """When the period began."""
        return datetime.fromtimestamp(self.start, UTC)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """When an alarm is in ALARM.

    Attributes:
        comparison: ``ComparisonOperator``.
        threshold: What each datapoint is compared with.
        periods: N, ``EvaluationPeriods``.
        datapoints: M, ``DatapointsToAlarm``.
        missing: ``TreatMissingData``.
        states_datapoints: Whether the alarm gives ``DatapointsToAlarm``; its reasons then speak of M out of N.
    """

    comparison: str
    threshold: float
    periods: int
    datapoints: int
    missing: str
    states_datapoints: bool = False

    @classmethod
    def of(cls, alarm: dict[str, Any]) -> Rule:
        """The rule in the record of an alarm.

        Alarms on AWS/DynamoDB ignore missing data whatever they say.

        Raises:
            ValueError: The comparison is with both sides of an anomaly detection band, which is not supported here.
        """
        comparison = str(alarm.get("ComparisonOperator"))
        if comparison not in _COMPARISONS:
            raise ValueError(f"the comparison {comparison} is not supported by the embedded AWS")
        periods = int(alarm.get("EvaluationPeriods") or 1)
        dynamodb = alarm.get("Namespace") == "AWS/DynamoDB"
        return cls(
            comparison=comparison,
            threshold=float(alarm.get("Threshold") or 0.0),
            periods=periods,
            datapoints=int(alarm.get("DatapointsToAlarm") or periods),
            states_datapoints=bool(alarm.get("DatapointsToAlarm")),
            missing="ignore" if dynamodb else str(alarm.get("TreatMissingData") or "missing"),
        )

    def breaches(self, value: float) -> bool:
        """Whether a datapoint is on the wrong side of the threshold."""
        return _COMPARISONS[self.comparison][0](value, self.threshold)

    @property
    def words(self) -> str:
        """The comparison in the words of a state reason."""
        return _COMPARISONS[self.comparison][1]


def decide(rule: Rule, values: Sequence[float | None], current: str) -> str:
    """The state that an evaluation arrives at.

    Args:
        rule: The alarm's rule.
        values: One value per period, the newest first, ``rule.periods + EXTRA_PERIODS`` of them.
        current: The state before.
    """
    known = [value for value in values if value is not None]
    if len(known) >= rule.periods:
        breaching = sum(map(rule.breaches, known[: rule.periods]))
        return "ALARM" if breaching >= rule.datapoints else "OK"
    breaching = sum(map(rule.breaches, known))
    if rule.missing in ("breaching", "notBreaching"):
        filled = rule.periods - len(known) if rule.missing == "breaching" else 0
        return "ALARM" if breaching + filled >= rule.datapoints else "OK"
    if not known:
        return current if rule.missing == "ignore" else "INSUFFICIENT_DATA"
    if breaching < len(known) or breaching >= rule.datapoints:
        return "ALARM" if breaching >= rule.datapoints else "OK"
    return current if rule.missing == "ignore" else _premature(rule, values, current)


def reason(rule: Rule, datapoints: Sequence[Datapoint], state: str) -> str:
    """Why an alarm has changed its state, in CloudWatch's words.

    Args:
        rule: The alarm's rule.
        datapoints: What it was decided from, the newest first.
        state: The new state.
    """
    known = [point for point in datapoints if point.value is not None][: rule.periods]
    if not known:
        return _reason_without_data(rule, state)
    wanted = state == "ALARM"
    shown = [point for point in known if rule.breaches(point.value or 0.0) == wanted] or known
    count = _count(len(shown), "datapoint")
    if rule.states_datapoints:
        count = f"{len(shown)} out of the last {rule.periods} datapoints"
    listed = ", ".join(f"{point.value} ({point.moment:%d/%m/%y %H:%M:%S})" for point in shown)
    verb = ("was" if len(shown) == 1 else "were") + ("" if wanted else " not")
    text = f"Threshold Crossed: {count} [{listed}] {verb} {rule.words} the threshold ({rule.threshold})"
    if not rule.states_datapoints:
        return f"{text}."
    minimum = rule.datapoints if wanted else rule.periods - rule.datapoints + 1
    change = "OK -> ALARM" if wanted else "ALARM -> OK"
    return f"{text} (minimum {_count(minimum, 'datapoint')} for {change} transition)."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _premature(rule: Rule, values: Sequence[float | None], current: str) -> str:
    """Breaching datapoints and missing ones, too few for M: ALARM once the oldest breach is M periods back.

    "Avoid premature transitions to alarm state"; before that the state stays as it is [inferred].
    """
    oldest = max(index for index, value in enumerate(values) if value is not None) + 1
    return "ALARM" if oldest >= rule.datapoints else current


def _reason_without_data(rule: Rule, state: str) -> str:
    plural = "s" if rule.periods > 1 else ""
    if state == "INSUFFICIENT_DATA":
        return "Insufficient Data: " + (f"{rule.periods} datapoint{plural} {'were' if plural else 'was'} unknown.")
    treated = "[Breaching]" if state == "ALARM" else "[NonBreaching]"
    return (
        f"Threshold Crossed: no datapoints were received for {rule.periods} period{plural} and {rule.periods} missing "
        f"datapoint{plural} {'were' if plural else 'was'} treated as {treated}."
    )
