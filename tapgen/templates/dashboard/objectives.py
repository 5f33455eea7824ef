"""What is left of the error budgets of the service level objectives.

A budget is the share of requests that an objective allows to be bad: 0.1 % for 99.9 %. What is left of it is computed
from the requests of the objective's whole period, hour by hour: a running sum, whose last value is today's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.widgets import expression, graph, metric, text
from tapgen.templates.objectives import list_objectives

if TYPE_CHECKING:
    from tapgen.config.alarms import Slo
    from tapgen.elements.widgets import Metric, Widget
    from tapgen.templates.objectives import Objective

_HOUR_S = 3600
_API = {"ApiId": "${ApiIdentifier}"}
_GAUGE, _COURSE = 6, 12
_HEIGHT = 6


def rows(slo: Slo | None) -> list[Widget | list[Widget]]:
    """The budgets as gauges and as curves; nothing without objectives."""
    if slo is None:
        return []
    objectives = tuple(list_objectives(slo))
    gauges = [_gauge(objective, slo.period_days) for objective in objectives]
    # Metrics that both objectives use are one each.
    parts = {str(part): part for objective in objectives for part in _parts(objective)}
    course = graph(
        f"Error budgets over {slo.period_days} days (% left)",
        [*(_budget(objective) for objective in objectives), *parts.values()],
        **_whole_period(slo.period_days),
        yAxis={"left": {"label": "%", "showUnits": False, "max": 100}},
        annotations={"horizontal": [{"value": 0, "label": "objective missed", "color": "#d62728"}]},
    )
    placed = [widget | {"width": _GAUGE, "height": _HEIGHT} for widget in gauges]
    row = [*placed, course | {"width": _COURSE, "height": _HEIGHT}]
    return [text("## Objectives"), [widget | {"x": x} for widget, x in zip(row, (0, _GAUGE, 2 * _GAUGE), strict=True)]]


def _gauge(objective: Objective, period_days: int) -> Widget:
    return graph(
        f"Error budget left: {objective.title}",
        [_budget(objective), *_parts(objective)],
        view="gauge",
        yAxis={"left": {"min": 0, "max": 100}},
        **_whole_period(period_days),
    )


def _budget(objective: Objective) -> Metric:
    """The percentage that is left: 100 when no request was bad, 0 when as many were as are allowed."""
    allowed = objective.allowed_percent / 100
    used = f"RUNNING_SUM(FILL({objective.bad}, 0)) / RUNNING_SUM(FILL(requests, 0)) / {allowed:.6g}"
    return expression(f"100 * (1 - {used})", id=objective.slug, label=objective.title, period=_HOUR_S)


def _parts(objective: Objective) -> list[Metric]:
    """The metrics of its expression, not shown themselves."""
    shown: dict[str, Any] = {"visible": False, "period": _HOUR_S}
    return [
        metric("AWS/ApiGateway", part.name, _API, **shown, id=identifier, stat=part.statistic)
        for identifier, part in objective.metrics.items()
    ]


def _whole_period(days: int) -> dict[str, Any]:
    return {"start": f"-P{days}D", "period": _HOUR_S}
