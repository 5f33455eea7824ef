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

from tapgen.elements.alarm import MINUTE_S, Definition, Signal
from tapgen.parts.http_api.alarms import api_metric
from tapgen.templates.objectives import list_objectives

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.config.alarms import BurnRate, Slo
    from tapgen.elements.alarm import Severity
    from tapgen.templates.objectives import Objective


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
    for objective in list_objectives(slo):
        for rate in slo.burn_rates:
            yield _pair(slo, rate, objective)


def _pair(slo: Slo, rate: BurnRate, objective: Objective) -> BurnPair:
    window = duration(rate.long_min)
    slug, logical_id = f"{objective.slug}-burn-{window}", f"{objective.slug.capitalize()}Burn{window}"
    budget, speed = f"The error budget of '{objective.promise}'", f"burns {rate.factor:g} times too fast"
    text = f"{budget} over {slo.period_days} days {speed}, over {window} and over {duration(rate.short_min)}"
    windows = [
        Definition(
            slug=f"{slug}-{name}",
            logical_id=f"{logical_id}{name.capitalize()}",
            severity=rate.severity,
            area="objectives",
            text=f"{budget} {speed} over {duration(minutes)}",
            signal=_signal(slo, objective, minutes),
            threshold=rate.factor,
            runbook=f"{objective.slug}-burn",
            notifies=False,
        )
        for name, minutes in (("long", rate.long_min), ("short", rate.short_min))
    ]
    return BurnPair(
        slug=slug,
        logical_id=logical_id,
        severity=rate.severity,
        text=text,
        runbook=f"{objective.slug}-burn",
        long=windows[0],
        short=windows[1],
    )


def _signal(slo: Slo, objective: Objective, minutes: int) -> Signal:
    """The burn rate of a window: the share of bad requests over the share that the objective allows."""
    burn = f"{objective.bad_percent} / {objective.allowed_percent:.6g}"
    return Signal(
        metrics={id_: api_metric(metric.name, metric.statistic) for id_, metric in objective.metrics.items()},
        expression=f"IF(requests >= {slo.minimum_requests}, {burn}, 0)",
        label="burn rate",
        period_s=minutes * MINUTE_S,
    )


def duration(minutes: int) -> str:
    """``5m``, ``6h``, ``1d``."""
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"
