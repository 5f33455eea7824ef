"""What each kind of alarm watches and when it must go off, for the rules of alarms. Judges nothing."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tapgen.elements.rule import is_true, listed, mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.config.environment import Environment
    from tapgen.elements.templates import Resource

_MINUTE_S, _RATE_S = 60, 300
LASTING = "-lasts"
"""What the name of an alarm over a longer time ends with."""
_LASTING_SHARE = 0.8

Watched = tuple[tuple[str, str, str], ...]
"""(namespace, metric, statistic) of each metric that an alarm reads, sorted."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """When an alarm on a signal goes off."""

    threshold: float | None
    """None for a band that CloudWatch learns."""
    period_s: int = _MINUTE_S
    periods: int = 1
    severity: str = "warning"
    guarded: bool = False
    """Whether a shift's guards see the same: then a composite alarm calls people, while no shift runs."""
    expression: str = ""
    """Over the metrics, by namespace and name of each: ``{Errors}``."""


def watched_by(alarm: Resource) -> Watched:
    """What an alarm reads."""
    queries = alarm.properties.get("Metrics")
    if queries is None:
        statistic = alarm.get("Statistic") or alarm.get("ExtendedStatistic")
        return ((str(alarm.get("Namespace")), str(alarm.get("MetricName")), str(statistic)),)
    found = []
    for query in map(mapping, queries):
        metric = mapping(mapping(query.get("MetricStat")).get("Metric"))
        if metric:
            statistic = query["MetricStat"].get("Stat")
            found.append((str(metric.get("Namespace")), str(metric.get("MetricName")), str(statistic)))
    return tuple(sorted(found))


def conditions(environment: Environment) -> Mapping[Watched, Condition]:
    """Signal → when its alarm must go off, of the alarms that tell what is wrong now."""
    alarms = environment.alarms
    learnt = alarms.latency_detection == "anomaly-band"
    rate = Condition(threshold=alarms.error_rate_percent, period_s=_RATE_S, severity="critical")
    minimum = alarms.error_rate_minimum_requests
    return {
        _one("AWS/Lambda", "Errors"): Condition(threshold=alarms.function_errors, guarded=True),
        _one("AWS/Lambda", "Throttles"): Condition(threshold=alarms.function_throttles),
        _one("AWS/Lambda", "Duration", "p90"): Condition(
            threshold=None if learnt else alarms.latency_p90_ms, periods=3, guarded=True
        ),
        _one("AWS/Lambda", "IteratorAge", "Maximum"): Condition(threshold=alarms.iterator_age_ms, periods=2),
        _one("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"): Condition(
            threshold=alarms.dead_letter_depth, severity="critical"
        ),
        _one("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum"): Condition(
            threshold=alarms.message_age_s, periods=2
        ),
        # An alarm on a metric of DynamoDB ignores missing data whatever it says (CloudWatch user guide, "Configuring
        # how CloudWatch alarms treat missing data").
        **{
            _one("AWS/DynamoDB", f"{kind}ThrottleEvents"): Condition(
                threshold=1, expression=f"FILL({{{kind}ThrottleEvents}}, 0)"
            )
            for kind in ("Read", "Write")
        },
        _one("AWS/ApiGateway", "5xx"): Condition(threshold=alarms.api_5xx, guarded=True),
        _rate("AWS/ApiGateway", "5xx", "Count"): replace(
            rate, expression=f"IF({{Count}} >= {minimum}, 100 * {{5xx}} / {{Count}}, 0)"
        ),
        _rate("AWS/Lambda", "Errors", "Invocations"): replace(
            rate, expression=f"IF({{Invocations}} >= {minimum}, 100 * {{Errors}} / {{Invocations}}, 0)"
        ),
    }


def burns(environment: Environment) -> Mapping[Watched, tuple[str, float]]:
    """Signal of each objective → (expression of its bad share in percent, percent that it allows)."""
    slo = environment.slo
    if slo is None:
        return {}
    fast = f"PR(:{slo.latency.threshold_ms})"
    return {
        _rate("AWS/ApiGateway", "5xx", "Count"): ("100 * {5xx} / {Count}", 100 - slo.availability_percent),
        tuple(sorted([("AWS/ApiGateway", "Count", "Sum"), ("AWS/ApiGateway", "Latency", fast)])): (
            "(100 - {Latency})",
            100 - slo.latency.percent,
        ),
    }


def lasting(condition: Condition, minutes: int) -> Condition:
    """The same in most of so many minutes."""
    return replace(condition, periods=max(1, minutes * _MINUTE_S // condition.period_s))


def datapoints(condition: Condition, *, lasts: bool) -> int:
    """How many periods must breach: all of them, or most where a trouble that comes and goes counts as one."""
    return math.ceil(condition.periods * _LASTING_SHARE) if lasts else condition.periods


def expression_of(alarm: Resource) -> str | None:
    """The expression that an alarm judges, with metrics' names instead of ids; None where it has none or several."""
    names: dict[str, str] = {}
    expressions = []
    for query in map(mapping, listed(alarm.properties.get("Metrics"))):
        metric = mapping(mapping(query.get("MetricStat")).get("Metric"))
        if metric:
            names[str(query.get("Id"))] = f"{{{metric.get('MetricName')}}}"
        else:
            expressions.append(query)
    # Left out, it is true (CloudWatch API reference, MetricDataQuery).
    queries = [mapping(query) for query in listed(alarm.properties.get("Metrics"))]
    returned = [query for query in queries if is_true(query.get("ReturnData", True))]
    if len(expressions) != 1 or returned != expressions:
        return None
    text = str(expressions[0].get("Expression"))
    return re.sub(r"[a-z]\w*", lambda found: names.get(found[0], found[0]), text)


def is_lasting(alarm: Resource, condition: Condition) -> bool:
    """Whether an alarm tells that a warning lasts; what is critical calls people at once."""
    return condition.severity == "warning" and str(alarm.get("AlarmName")).endswith(LASTING)


def is_burn(alarm: Resource) -> bool:
    """Whether an alarm watches the burn of an error budget: a signal of the API, which other alarms have as well."""
    of_api = all(namespace == "AWS/ApiGateway" for namespace, _, _ in watched_by(alarm))
    return of_api and "-burn-" in str(alarm.get("AlarmName"))


def is_guard(alarm: Resource) -> bool:
    """Whether an alarm guards shifts: it stands beside the functions, and calls nobody."""
    return alarm.stack.startswith("compute")


def _one(namespace: str, metric: str, statistic: str = "Sum") -> Watched:
    return ((namespace, metric, statistic),)


def _rate(namespace: str, *metrics: str) -> Watched:
    return tuple(sorted((namespace, metric, "Sum") for metric in metrics))
