"""Alarms on the functions, by what comes through their live aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.naming import LIVE_ALIAS
from tapgen.templates.alarms.definition import Area, Definition, Metric, Signal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.config.environment import Environment
    from tapgen.naming import Names

RATE_PERIOD_S = 300
# What a function that fails or is throttled means for users.
_AREAS: dict[str, Area] = {"api": "requests", "archiver": "archive"}
_SLOW_PERIODS = 3


def define(environment: Environment, names: Names) -> Iterator[Definition]:
    """Errors and throttles of both functions; rate and latency of the one that people wait for."""
    for role in ("api", "archiver"):
        yield from _failures(environment, names, role)
    yield _error_rate(environment, names)
    yield _latency(environment, names)


def _failures(environment: Environment, names: Names, role: str) -> Iterator[Definition]:
    yield Definition(
        slug=f"{role}-errors",
        logical_id=f"{role.capitalize()}Errors",
        severity="warning",
        area=_AREAS[role],
        text=f"Invocations of the {role} function fail",
        signal=_one(names, role, "Errors"),
        threshold=environment.alarms.function_errors,
        guarded=True,
    )
    yield Definition(
        slug=f"{role}-throttles",
        logical_id=f"{role.capitalize()}Throttles",
        severity="warning",
        area=_AREAS[role],
        text=f"Invocations of the {role} function are throttled: its concurrency is used up",
        signal=_one(names, role, "Throttles"),
        threshold=environment.alarms.function_throttles,
    )


def _error_rate(environment: Environment, names: Names) -> Definition:
    thresholds = environment.alarms
    minimum = thresholds.error_rate_minimum_requests
    return Definition(
        slug="api-error-rate",
        logical_id="ApiErrorRate",
        severity="critical",
        area="requests",
        text=f"{thresholds.error_rate_percent:g} % of the api function's invocations fail",
        signal=Signal(
            metrics={
                "invocations": _metric(names, "api", "Invocations"),
                "errors": _metric(names, "api", "Errors"),
            },
            expression=f"IF(invocations >= {minimum}, 100 * errors / invocations, 0)",
            label="failed invocations (%)",
            period_s=RATE_PERIOD_S,
        ),
        threshold=thresholds.error_rate_percent,
    )


def _latency(environment: Environment, names: Names) -> Definition:
    thresholds = environment.alarms
    learnt = thresholds.latency_detection == "anomaly-band"
    against = (
        f"the band of {thresholds.latency_band_width:g} standard deviations that CloudWatch has learnt"
        if learnt
        else f"{thresholds.latency_p90_baseline_ms} ms x {thresholds.latency_tolerance:g}"
    )
    return Definition(
        slug="api-latency",
        logical_id="ApiLatency",
        severity="warning",
        area="latency",
        text=f"p90 duration of the api function above {against}",
        signal=Signal(
            metrics={"duration": _metric(names, "api", "Duration", "p90")},
            band_width=thresholds.latency_band_width if learnt else None,
        ),
        threshold=thresholds.latency_p90_ms,
        periods=_SLOW_PERIODS,
        guarded=True,
    )


def _one(names: Names, role: str, metric: str) -> Signal:
    return Signal(metrics={metric.lower(): _metric(names, role, metric)})


def _metric(names: Names, role: str, metric: str, statistic: str = "Sum") -> Metric:
    """A metric of what comes through the live alias: a hook that tries a bad version by its ARN calls nobody."""
    function = names.function(role)
    return Metric(
        namespace="AWS/Lambda",
        name=metric,
        dimensions={"FunctionName": function, "Resource": f"{function}:{LIVE_ALIAS}"},
        statistic=statistic,
    )
