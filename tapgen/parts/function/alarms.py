"""Alarms on a function, by what comes through its live alias."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.alarm import Definition, Metric, Signal
from tapgen.naming import LIVE_ALIAS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.config.environment import Environment
    from tapgen.naming import Names
    from tapgen.parts.function.model import Function

RATE_PERIOD_S = 300
REQUESTS = "requests"
"""The area of what callers of the API notice."""
_SLOW_PERIODS = 3

RUNBOOKS = {
    "function-errors": "Invocations of a function fail",
    "function-throttles": "Invocations of a function are throttled",
    "function-error-rate": "A large share of a function's invocations fails",
    "function-latency": "A function is slow",
}
"""Slug of each runbook that the alarms of the kind name, with what is wrong."""


def define(environment: Environment, names: Names, part: Function) -> Iterator[Definition]:
    """Errors and throttles; rate and latency where people wait for it."""
    yield from _failures(environment, names, part)
    if part.answers_requests:
        yield _error_rate(environment, names, part)
        yield _latency(environment, names, part)


def _failures(environment: Environment, names: Names, part: Function) -> Iterator[Definition]:
    area = REQUESTS if part.answers_requests else part.name
    yield Definition(
        slug=f"{part.name}-errors",
        logical_id=f"{part.logical_id}Errors",
        severity="warning",
        area=area,
        text=f"Invocations of the {part.name} function fail",
        signal=_one(names, part, "Errors"),
        threshold=environment.alarms.function_errors,
        runbook="function-errors",
        guarded=True,
    )
    yield Definition(
        slug=f"{part.name}-throttles",
        logical_id=f"{part.logical_id}Throttles",
        severity="warning",
        area=area,
        text=f"Invocations of the {part.name} function are throttled: its concurrency is used up",
        signal=_one(names, part, "Throttles"),
        threshold=environment.alarms.function_throttles,
        runbook="function-throttles",
    )


def _error_rate(environment: Environment, names: Names, part: Function) -> Definition:
    thresholds = environment.alarms
    minimum = thresholds.error_rate_minimum_requests
    return Definition(
        slug=f"{part.name}-error-rate",
        logical_id=f"{part.logical_id}ErrorRate",
        severity="critical",
        area=REQUESTS,
        text=f"{thresholds.error_rate_percent:g} % of the {part.name} function's invocations fail",
        signal=Signal(
            metrics={
                "invocations": alias_metric(names, part, "Invocations"),
                "errors": alias_metric(names, part, "Errors"),
            },
            expression=f"IF(invocations >= {minimum}, 100 * errors / invocations, 0)",
            label="failed invocations (%)",
            period_s=RATE_PERIOD_S,
        ),
        threshold=thresholds.error_rate_percent,
        runbook="function-error-rate",
    )


def _latency(environment: Environment, names: Names, part: Function) -> Definition:
    thresholds = environment.alarms
    learnt = thresholds.latency_detection == "anomaly-band"
    against = (
        f"the band of {thresholds.latency_band_width:g} standard deviations that CloudWatch has learnt"
        if learnt
        else f"{thresholds.latency_p90_baseline_ms} ms x {thresholds.latency_tolerance:g}"
    )
    return Definition(
        slug=f"{part.name}-latency",
        logical_id=f"{part.logical_id}Latency",
        severity="warning",
        area="latency",
        text=f"p90 duration of the {part.name} function above {against}",
        signal=Signal(
            metrics={"duration": alias_metric(names, part, "Duration", "p90")},
            band_width=thresholds.latency_band_width if learnt else None,
        ),
        threshold=thresholds.latency_p90_ms,
        periods=_SLOW_PERIODS,
        runbook="function-latency",
        guarded=True,
    )


def _one(names: Names, part: Function, metric: str) -> Signal:
    return Signal(metrics={metric.lower(): alias_metric(names, part, metric)})


def alias_metric(names: Names, part: Function, metric: str, statistic: str = "Sum") -> Metric:
    """A metric of what comes through the live alias: a hook that tries a bad version by its ARN calls nobody."""
    function = names.function(part.name)
    return Metric(
        namespace="AWS/Lambda",
        name=metric,
        dimensions={"FunctionName": function, "Resource": f"{function}:{LIVE_ALIAS}"},
        statistic=statistic,
    )
