"""From datapoints to the state of an alarm: M out of N, and what missing datapoints mean. Pure.

Source: CloudWatch User Guide, "Evaluating an alarm" and "Configuring how CloudWatch alarms treat missing data".
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """When an alarm is in ALARM.

    Attributes:
        comparison: ``ComparisonOperator``.
        threshold: What each datapoint is compared with.
        periods: N, ``EvaluationPeriods``.
        datapoints: M, ``DatapointsToAlarm``.
        missing: ``TreatMissingData``.
    """

    comparison: str
    threshold: float
    periods: int
    datapoints: int
    missing: str

    @classmethod
    def of(cls, alarm: dict[str, Any]) -> Rule:
        """The rule in the record of an alarm.

        Alarms on AWS/DynamoDB ignore missing data whatever they say.

        Raises:
            ValueError: The comparison needs an anomaly detection band, which the embedded AWS does not have.
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


def reason(rule: Rule, values: Sequence[float | None], state: str) -> str:
    """Why an alarm changed its state, in CloudWatch's words; times of the datapoints are left out."""
    known = [value for value in values if value is not None][: rule.periods]
    if not known:
        return _reason_without_data(rule, state)
    if state == "ALARM":
        shown = [value for value in known if rule.breaches(value)]
        verb = f"{'was' if len(shown) == 1 else 'were'} {rule.words}"
    else:
        shown = [value for value in known if not rule.breaches(value)] or known
        verb = f"{'was' if len(shown) == 1 else 'were'} not {rule.words}"
    count = f"{len(shown)} datapoint{'s' if len(shown) > 1 else ''}"
    if rule.periods > 1:
        count = f"{len(shown)} out of the last {rule.periods} datapoints"
    listed = ", ".join(str(value) for value in shown)
    text = f"Threshold Crossed: {count} [{listed}] {verb} the threshold ({rule.threshold})"
    if rule.periods == 1:
        return f"{text}."
    plural = "s" if rule.datapoints > 1 else ""
    minimum = rule.datapoints if state == "ALARM" else rule.periods - rule.datapoints + 1
    change = "OK -> ALARM" if state == "ALARM" else "ALARM -> OK"
    return f"{text} (minimum {minimum} datapoint{plural if state == 'ALARM' else ''} for {change} transition)."


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
