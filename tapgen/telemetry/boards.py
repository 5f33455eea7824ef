"""A dashboard's body as typed widgets with the queries that they stand for. Pure.

Source: CloudWatch user guide, "Dashboard body structure and syntax". Known are the widgets that the template has: text,
alarm, and metric as time series, single value and gauge; any other kind is kept by name, so that a page can say so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

    from tapgen.charts.model import Axis

_DEFAULT_PERIOD_S = 300
_RELATIVE = re.compile(r"-P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a widget lies on the grid of 24 columns."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Words:
    """A text widget."""

    place: Place
    markdown: str


@dataclass(frozen=True, kw_only=True)
class AlarmList:
    """An alarm widget; names, not ARNs."""

    place: Place
    title: str
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How the series of one query look."""

    label: str
    colour: str
    axis: Axis


@dataclass(frozen=True, kw_only=True)
class Level:
    """A horizontal annotation."""

    value: float
    label: str
    axis: Axis


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A metric widget.

    Attributes:
        place: On the grid.
        title: Its title.
        view: How it looks.
        stacked: Whether its lines stand on each other.
        queries: What GetMetricData is asked; hidden ones return no data.
        shown: By the id of a query that returns data.
        period_s: Of its points, in AWS's seconds.
        levels: What it should be compared with.
        length_s: The time that it covers where it says so itself; None takes the page's.
        unit: What its left axis says.
        low: The left axis' least value.
        high: The left axis' greatest value.
    """

    place: Place
    title: str
    view: Literal["timeSeries", "singleValue", "gauge"]
    stacked: bool
    queries: tuple[MetricDataQueryTypeDef, ...]
    shown: Mapping[str, Shown]
    period_s: int
    levels: tuple[Level, ...]
    length_s: float | None
    unit: str
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """A widget of a kind that is not drawn here."""

    place: Place
    kind: str
    title: str


Widget = Words | AlarmList | Graph | Unknown


def read_body(body: Mapping[str, Any]) -> tuple[Widget, ...]:
    """The widgets of a body, from top to bottom and from left to right."""
    found = [_widget(entry) for entry in body.get("widgets", ())]
    return tuple(sorted(found, key=lambda widget: (widget.place.y, widget.place.x)))


def _widget(entry: Mapping[str, Any]) -> Widget:
    properties = entry.get("properties", {})
    place = Place(
        x=int(entry.get("x", 0)), y=int(entry.get("y", 0)), width=int(entry["width"]), height=int(entry["height"])
    )
    kind, title = str(entry["type"]), str(properties.get("title", ""))
    if kind == "text":
        return Words(place=place, markdown=str(properties.get("markdown", "")))
    if kind == "alarm":
        names = tuple(str(arn).rpartition(":alarm:")[2] for arn in properties.get("alarms", ()))
        return AlarmList(place=place, title=title, names=names)
    if kind == "metric" and properties.get("view", "timeSeries") in ("timeSeries", "singleValue", "gauge"):
        return _graph(place, properties)
    return Unknown(place=place, kind=kind, title=title)


def _graph(place: Place, properties: Mapping[str, Any]) -> Graph:
    period_s = int(properties.get("period", _DEFAULT_PERIOD_S))
    left = properties.get("yAxis", {}).get("left", {})
    entries = [_options(metric) for metric in _complete(properties.get("metrics", ()))]
    identified = [(_identifier(options, index), words, options) for index, (words, options) in enumerate(entries)]
    queries = tuple(_query(identifier, words, options, properties) for identifier, words, options in identified)
    shown = {
        identifier: Shown(
            label=str(options.get("label", "")),
            colour=str(options.get("color", "")),
            axis="right" if options.get("yAxis") == "right" else "left",
        )
        for identifier, _, options in identified
        if options.get("visible", True)
    }
    return Graph(
        place=place,
        title=str(properties.get("title", "")),
        view=properties.get("view", "timeSeries"),
        stacked=bool(properties.get("stacked", False)),
        queries=queries,
        shown=shown,
        period_s=period_s,
        levels=tuple(_levels(properties.get("annotations", {}))),
        length_s=relative_s(str(properties.get("start", ""))),
        unit=str(left.get("label", "")),
        low=left.get("min"),
        high=left.get("max"),
    )


def relative_s(text: str) -> float | None:
    """The length of ``-PT3H`` or ``-P30D`` in seconds; None for anything else."""
    found = _RELATIVE.fullmatch(text)
    if not found or not any(found.groups()):
        return None
    days, hours, minutes = (int(group or 0) for group in found.groups())
    return float(days * 86400 + hours * 3600 + minutes * 60)


def _levels(annotations: Mapping[str, Any]) -> Iterator[Level]:
    for entry in annotations.get("horizontal", ()):
        # A band between two values is a list; its bounds are two lines.
        for bound in entry if isinstance(entry, list) else [entry]:
            axis: Axis = "right" if bound.get("yAxis") == "right" else "left"
            yield Level(value=float(bound["value"]), label=str(bound.get("label", "")), axis=axis)


def _complete(metrics: Any) -> Iterator[list[Any]]:
    """Metrics in full: "." repeats the word above, "..." all that is missing."""
    above: list[Any] = []
    for metric in metrics:
        words = [part for part in metric if isinstance(part, str)]
        options = [part for part in metric if isinstance(part, dict)]
        if "..." in words:
            at = words.index("...")
            kept = len(above) - (len(words) - at - 1)
            words = [*words[:at], *above[at:kept], *words[at + 1 :]]
        words = [above[index] if word == "." else word for index, word in enumerate(words)]
        above = words or above
        yield [*words, *options]


def _options(metric: list[Any]) -> tuple[list[str], dict[str, Any]]:
    options = metric[-1] if metric and isinstance(metric[-1], dict) else {}
    return [part for part in metric if isinstance(part, str)], options


def _identifier(options: Mapping[str, Any], index: int) -> str:
    return str(options.get("id") or f"unnamed{index}")


def _query(
    identifier: str, words: list[str], options: Mapping[str, Any], properties: Mapping[str, Any]
) -> MetricDataQueryTypeDef:
    query: dict[str, Any] = {"Id": identifier, "ReturnData": bool(options.get("visible", True))}
    if options.get("label"):
        query["Label"] = options["label"]
    period_s = int(options.get("period") or properties.get("period", _DEFAULT_PERIOD_S))
    if "expression" in options:
        query |= {"Expression": options["expression"], "Period": period_s}
    else:
        namespace, name, *rest = words
        pairs = [{"Name": key, "Value": value} for key, value in zip(rest[::2], rest[1::2], strict=True)]
        query["MetricStat"] = {
            "Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": pairs},
            "Period": period_s,
            "Stat": options.get("stat") or properties.get("stat", "Average"),
        }
    return query  # type: ignore[return-value]  # built by parts
