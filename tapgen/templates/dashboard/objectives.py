"""Service level objectives and what is left of their error budgets.

A budget is the share of requests that an objective allows to be bad: 0.1 % for 99.9 %. What is left of it is computed
from the requests of the objective's whole period, hour by hour: a running sum, whose last value is today's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.templates.dashboard.widgets import expression, graph, metric, text

if TYPE_CHECKING:
    from tapgen.config.environment import Environment
    from tapgen.templates.dashboard.widgets import Metric, Widget

_HOUR_S = 3600
_API = {"ApiId": "${ApiIdentifier}"}
_GAUGE, _COURSE = 6, 12
_HEIGHT = 6


@dataclass(frozen=True, kw_only=True)
class Objectives:
    """What the service promises.

    Attributes:
        period_days: Over which it is kept or broken.
        availability_percent: Of the requests that are not answered with a 5xx.
        latency_ms: Within which a request is answered …
        latency_percent: … by this share of them.
    """

    period_days: int
    availability_percent: float
    latency_ms: int
    latency_percent: float


def of(environment: Environment) -> Objectives | None:
    """The environment's objectives; None where it has none."""
    slo: Any = getattr(environment, "slo", None)
    if slo is None:
        return None
    return Objectives(
        period_days=slo.period_days,
        availability_percent=slo.availability_percent,
        latency_ms=slo.latency.threshold_ms,
        latency_percent=slo.latency.percent,
    )


def rows(objectives: Objectives | None) -> list[Widget | list[Widget]]:
    """The budgets as gauges and as curves; nothing without objectives."""
    if objectives is None:
        return []
    budgets = [_availability(objectives), _latency(objectives)]
    visible = [_budget(budget) for budget in budgets]
    parts = {str(part): part for budget in budgets for part in budget.parts}
    widgets = [
        _gauge(f"Error budget left: {budget.title}", [_budget(budget), *budget.parts], objectives) for budget in budgets
    ]
    course = graph(
        f"Error budgets over {objectives.period_days} days (% left)",
        [*visible, *parts.values()],
        **_whole_period(objectives),
        yAxis={"left": {"label": "%", "showUnits": False, "max": 100}},
        annotations={"horizontal": [{"value": 0, "label": "objective missed", "color": "#d62728"}]},
    )
    placed = [widget | {"width": _GAUGE, "height": _HEIGHT} for widget in widgets]
    row = [*placed, course | {"width": _COURSE, "height": _HEIGHT}]
    return [text("## Objectives"), [widget | {"x": x} for widget, x in zip(row, (0, _GAUGE, 2 * _GAUGE), strict=True)]]


@dataclass(frozen=True, kw_only=True)
class _Budget:
    title: str
    identifier: str
    formula: str
    parts: tuple[Metric, ...]


def _availability(objectives: Objectives) -> _Budget:
    return _Budget(
        title=f"{objectives.availability_percent:g} % available",
        identifier="availability",
        formula=_left("FILL(failed, 0)", objectives.availability_percent),
        parts=(_requests(), _hidden("5xx", id="failed")),
    )


def _latency(objectives: Objectives) -> _Budget:
    """The requests of an hour times the share that was slower; HTTP APIs publish no histogram."""
    return _Budget(
        title=f"{objectives.latency_percent:g} % within {objectives.latency_ms} ms",
        identifier="latency",
        formula=_left("FILL(requests * (100 - fast) / 100, 0)", objectives.latency_percent),
        parts=(_requests(), _hidden("Latency", id="fast", stat=f"PR(:{objectives.latency_ms})")),
    )


def _left(bad: str, percent: float) -> str:
    allowed = (100 - percent) / 100
    return f"100 * (1 - RUNNING_SUM({bad}) / RUNNING_SUM(FILL(requests, 0)) / {allowed:.6g})"


def _budget(budget: _Budget) -> Metric:
    return expression(budget.formula, id=budget.identifier, label=budget.title, period=_HOUR_S)


def _requests() -> Metric:
    return _hidden("Count", id="requests")


def _hidden(name: str, **options: Any) -> Metric:
    return metric("AWS/ApiGateway", name, _API, visible=False, period=_HOUR_S, **options)


def _gauge(title: str, metrics: list[Metric], objectives: Objectives) -> Widget:
    return graph(title, metrics, view="gauge", yAxis={"left": {"min": 0, "max": 100}}, **_whole_period(objectives))


def _whole_period(objectives: Objectives) -> dict[str, Any]:
    return {"start": f"-P{objectives.period_days}D", "period": _HOUR_S}
