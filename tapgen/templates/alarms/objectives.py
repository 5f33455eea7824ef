"""Alarms on service level objectives, by the rate at which they burn their error budgets.

An objective of 99.9 % leaves 0.1 % of the requests as its budget; a burn rate of 1 uses it up exactly within the
objective's period. Each burn rate is watched over two windows: the long one says that it matters, the short one that it
still goes on (Google, The Site Reliability Workbook, chapter 5). The workbook's slowest pair looks back three days;
CloudWatch's longest period is one day (CloudWatch user guide, "Metrics concepts", periods), so the slowest pair here is
a day and two hours at three times the sustainable rate, which burns a tenth of the budget of 30 days.

All queries of a metric math alarm share a period, so that each window is an alarm and a composite alarm joins both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.templates.alarms.api import api_metric
from tapgen.templates.alarms.definition import MINUTE_S, Definition, Signal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.config.alarms import BurnRate, Slo
    from tapgen.templates.alarms.definition import Severity


@dataclass(frozen=True, kw_only=True)
class BurnPair:
    """Two windows in which an objective's budget burns too fast at once."""

    slug: str
    logical_id: str
    severity: Severity
    text: str
    runbook: str
    long: Definition
    short: Definition


def define_pairs(slo: Slo) -> Iterator[BurnPair]:
    """For availability and latency, one pair for each burn rate."""
    for objective, promise in (
        ("availability", f"{slo.availability_percent:g} % of the requests succeed"),
        ("latency", f"{slo.latency.percent:g} % of the requests are answered within {slo.latency.threshold_ms} ms"),
    ):
        for rate in slo.burn_rates:
            yield _pair(slo, rate, objective, promise)


def _pair(slo: Slo, rate: BurnRate, objective: str, promise: str) -> BurnPair:
    window = duration(rate.long_min)
    slug, logical_id = f"{objective}-burn-{window}", f"{objective.capitalize()}Burn{window}"
    text = (
        f"The error budget of '{promise}' over {slo.period_days} days burns {rate.factor:g} times too fast, "
        f"over {window} and over {duration(rate.short_min)}"
    )
    windows = [
        Definition(
            slug=f"{slug}-{name}",
            logical_id=f"{logical_id}{name.capitalize()}",
            severity=rate.severity,
            area="objectives",
            text=f"The error budget of '{promise}' burns {rate.factor:g} times too fast over {duration(minutes)}",
            signal=_signal(slo, objective, minutes),
            threshold=rate.factor,
            runbook=f"{objective}-burn",
            notifies=False,
        )
        for name, minutes in (("long", rate.long_min), ("short", rate.short_min))
    ]
    return BurnPair(
        slug=slug,
        logical_id=logical_id,
        severity=rate.severity,
        text=text,
        runbook=f"{objective}-burn",
        long=windows[0],
        short=windows[1],
    )


def _signal(slo: Slo, objective: str, minutes: int) -> Signal:
    """The burn rate of a window: the share of bad requests over the share that the objective allows."""
    requests = api_metric("Count")
    if objective == "availability":
        metrics = {"requests": requests, "failures": api_metric("5xx")}
        bad, allowed = "100 * failures / requests", 100 - slo.availability_percent
    else:
        # HTTP APIs publish no histogram; a percentile rank is the share of values at or below a bound (CloudWatch user
        # guide, "CloudWatch statistics definitions").
        metrics = {"requests": requests, "fast": api_metric("Latency", f"PR(:{slo.latency.threshold_ms})")}
        bad, allowed = "(100 - fast)", 100 - slo.latency.percent
    return Signal(
        metrics=metrics,
        expression=f"IF(requests >= {slo.minimum_requests}, {bad} / {allowed:.6g}, 0)",
        label="burn rate",
        period_s=minutes * MINUTE_S,
    )


def duration(minutes: int) -> str:
    """``5m``, ``6h``, ``1d``."""
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"
