"""The graphs that a service brings: metrics that its functions write into their logs."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from tapgen.elements.widgets import axis, graph, metric, row, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.widgets import Metric, Widget
    from tapgen.elements.wiring import Context
    from tapgen.service.model import Graph, Line

_COLORS = {"red": "#d62728", "orange": "#ff7f0e"}
_IN_A_ROW = 3


def rows(context: Context) -> Iterator[Widget | list[Widget]]:
    """The graphs under their headings, three in a row."""
    for section, members in groupby(context.service.graphs, key=lambda item: item.section):
        yield text(f"## {section}")
        found = [_graph(context, item) for item in members]
        for start in range(0, len(found), _IN_A_ROW):
            yield row(*found[start : start + _IN_A_ROW])


def _graph(context: Context, item: Graph) -> Widget:
    return graph(item.title, [_line(context, line) for line in item.lines], yAxis=axis(item.unit))


def _line(context: Context, line: Line) -> Metric:
    """Embedded metrics stand under the function's service name, as Powertools writes it."""
    options: dict[str, Any] = {"label": line.label or line.metric}
    if line.statistic != "Sum":
        options["stat"] = line.statistic
    if line.color:
        options["color"] = _COLORS[line.color]
    service = f"{context.environment.project}-{line.function}"
    return metric(context.names.metric_namespace, line.metric, {"service": service}, **options)
