"""Kinds of widgets as the dashboard's body has them, and their places on its grid of 24 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

GRID = 24
PERIOD_S = 60
"""The resolution of the services' own metrics."""
HEIGHT = 6
_HEADING_HEIGHT = 1

Widget = dict[str, Any]
Metric = list[Any]
Kind = Literal["timeSeries", "singleValue", "gauge"]


def metric(namespace: str, name: str, dimensions: Mapping[str, str], **options: Any) -> Metric:
    """One metric of a graph.

    Args:
        namespace: For example ``AWS/Lambda``.
        name: Of the metric.
        dimensions: Exactly those that it is published with.
        **options: Of the graph: ``stat``, ``label``, ``id``, ``visible``, ``yAxis``, ``color``, ``period``.
    """
    pairs = [part for pair in dimensions.items() for part in pair]
    return [namespace, name, *pairs, *([options] if options else [])]


def expression(text: str, **options: Any) -> Metric:
    """Metric math over the graph's ids."""
    return [{"expression": text, **options}]


def search(schema: str, terms: Mapping[str, str], stat: str, *, period_s: int = PERIOD_S) -> str:
    """All metrics of a schema that have these values; versions and routes come and go without the dashboard."""
    told = " ".join(f'{name}="{value}"' for name, value in terms.items())
    return f"SEARCH('{{{schema}}} {told}', '{stat}', {period_s})"


def property_label(name: str) -> str:
    """A dynamic label: the value of a dimension. ``Fn::Sub`` leaves ``${!`` alone and takes the mark away."""
    return f"${{!PROP('Dim.{name}')}}"


def graph(title: str, metrics: Sequence[Metric], *, view: Kind = "timeSeries", **properties: Any) -> Widget:
    """A graph or a number, without its place.

    Args:
        title: What it shows, with the unit.
        metrics: Of :func:`metric` and :func:`expression`.
        view: ``timeSeries``, ``singleValue`` or ``gauge``.
        **properties: Of the widget: ``yAxis``, ``annotations``, ``stacked``, ``start`` …
    """
    shown = {
        "title": title,
        "metrics": list(metrics),
        "region": "${AWS::Region}",
        "stat": "Sum",
        "period": PERIOD_S,
        "view": view,
        "stacked": False,
    }
    return {"type": "metric", "properties": shown | properties}


def text(markdown: str, *, height: int = _HEADING_HEIGHT) -> Widget:
    """Words across the whole width."""
    return {
        "type": "text",
        "width": GRID,
        "height": height,
        "properties": {"markdown": markdown, "background": "transparent"},
    }


def level(value: float, label: str, *, color: str = "#d62728") -> dict[str, Any]:
    """A horizontal annotation: what a graph should stay below."""
    return {"horizontal": [{"value": value, "label": label, "color": color}]}


def axis(label: str, *, low: float | None = 0, high: float | None = None) -> dict[str, Any]:
    """The left axis."""
    limits = {name: value for name, value in (("min", low), ("max", high)) if value is not None}
    return {"left": {"label": label, "showUnits": False, **limits}}


def row(*widgets: Widget, height: int = HEIGHT) -> list[Widget]:
    """Widgets side by side, equally wide."""
    width = GRID // len(widgets)
    return [widget | {"x": width * index, "width": width, "height": height} for index, widget in enumerate(widgets)]


def stack_up(rows: Sequence[Widget | list[Widget]]) -> Iterator[Widget]:
    """Rows below each other; a widget alone takes the whole width."""
    y = 0
    for each in rows:
        members = each if isinstance(each, list) else [each | {"x": 0}]
        yield from (widget | {"y": y} for widget in members)
        y += max(widget["height"] for widget in members)
