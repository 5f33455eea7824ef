"""A dashboard as a page: each widget with the series that its queries found, and what happened meanwhile. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.charts import lines, meters, page, scales
from tapgen.charts.model import Chart, Extent, Figure, Line, Marker, Meter, Threshold
from tapgen.telemetry import markdown
from tapgen.telemetry.boards import AlarmList, Graph, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tapgen.aws.metrics import Series
    from tapgen.charts.model import Level
    from tapgen.telemetry.boards import Unknown, Widget

_GRID_COLUMNS = 24
_LEAST_COLUMNS = 3
_PIXELS_A_ROW = 24
_WHOLE = 12
_LATE_PERIODS = 2.5
_LEVELS: Mapping[str, Level] = {"OK": "good", "ALARM": "bad", "INSUFFICIENT_DATA": "unknown"}
_STATES = {"INSUFFICIENT_DATA": "no data"}


@dataclass(frozen=True, kw_only=True)
class AlarmState:
    """An alarm as the page shows it."""

    name: str
    state: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When the page was made, and of what time.

    Attributes:
        start: Where the graphs begin, in seconds since the epoch.
        end: Where they end.
        minute_s: Seconds of an AWS minute at the target; 60 but for the embedded AWS.
        markers: Releases.
    """

    start: float
    end: float
    minute_s: float
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a page is made of.

    Attributes:
        title: Of the page.
        facts: Names and values for its head.
        widgets: In their order.
        series: What each widget's queries found, in the order of the widgets.
        alarms: By name.
        moment: When.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    widgets: tuple[Widget, ...]
    series: tuple[tuple[Series, ...], ...]
    alarms: Mapping[str, AlarmState]
    moment: Moment


def draw(made: Page) -> str:
    """The page as HTML."""
    cards = [_card(widget, series, made) for widget, series in zip(made.widgets, made.series, strict=True)]
    head = page.facts(made.facts) + _releases(made.moment)
    return page.draw(made.title, cards, head=head, foot=_foot(made.moment))


def _releases(moment: Moment) -> str:
    extent = Extent(moment.start, moment.end)
    listed = "\n".join(lines.marker_list(moment.markers, extent))
    return f"<h3>Releases in this time, as the graphs number them</h3>{listed}" if listed else ""


def extent_of(graph: Graph, moment: Moment) -> Extent:
    """The time that a graph covers."""
    start = moment.start if graph.length_s is None else moment.end - graph.length_s
    return Extent(start, moment.end)


def _foot(moment: Moment) -> str:
    told = f"Drawn at {scales.moment_text(moment.end)} from CloudWatch's own answers; all times are UTC."
    if moment.minute_s != 60:
        told += f" The embedded AWS lives faster: a minute of its periods takes {moment.minute_s:g} s."
    return f"<p>{told}</p>"


def _card(widget: Widget, series: tuple[Series, ...], made: Page) -> page.Card:
    columns = _columns(widget)
    if isinstance(widget, Words):
        return page.Card(content=markdown.to_html(widget.markdown), columns=_WHOLE, look="bare")
    if isinstance(widget, AlarmList):
        return page.Card(content=_alarms(widget, made.alarms), columns=columns)
    if isinstance(widget, Graph):
        return page.Card(content=_graph(widget, series, made.moment), columns=columns)
    return page.Card(content=_unknown(widget), columns=columns)


def _columns(widget: Widget) -> int:
    return max(_LEAST_COLUMNS, widget.place.width * 12 // _GRID_COLUMNS)


def _unknown(widget: Unknown) -> str:
    return f"<h3>{page.text(widget.title)}</h3><p>A widget of the kind {page.text(widget.kind)} is not drawn here.</p>"


def _alarms(widget: AlarmList, states: Mapping[str, AlarmState]) -> str:
    """Alarms as figures would be too much: a word each, those in ALARM first and with their reason."""
    known = [states.get(name) or AlarmState(name=name, state="missing", text="") for name in widget.names]
    order = {"ALARM": 0, "missing": 1, "INSUFFICIENT_DATA": 2}
    ordered = sorted(known, key=lambda alarm: (order.get(alarm.state, 3), alarm.name))
    chips = [
        page.Chip(text=f"{_short(alarm.name, widget.names)}: {_STATES.get(alarm.state, alarm.state)}",
                  level=_LEVELS.get(alarm.state, "unknown"), hint=alarm.text)
        for alarm in ordered
    ]  # fmt: skip
    reasons = "".join(
        f"<p>{page.text(each.name)}: {page.text(each.text)}</p>" for each in ordered if each.state == "ALARM"
    )
    red = sum(alarm.state == "ALARM" for alarm in known)
    return f"<h3>{page.text(widget.title)}: {red} of {len(known)} in ALARM</h3>{page.chips(chips)}{reasons}"


def _short(name: str, names: Sequence[str]) -> str:
    """A name without what all of them begin with."""
    shortest = min(names, key=len)
    same = next((at for at, letter in enumerate(shortest) if any(each[at] != letter for each in names)), 0)
    return name[name.rfind("-", 0, same) + 1 :] if len(names) > 1 else name


def _graph(graph: Graph, series: tuple[Series, ...], moment: Moment) -> str:
    if graph.view == "gauge":
        return meters.draw_meters(graph.title, list(_meters(graph, series)))
    if graph.view == "singleValue":
        return meters.draw_figures(graph.title, [_figure(each, graph) for each in series])
    return lines.draw(_chart(graph, series, moment))


def _chart(graph: Graph, series: tuple[Series, ...], moment: Moment) -> Chart:
    failed = [each.message or "CloudWatch could not read all of it" for each in series if not each.complete]
    return Chart(
        title=graph.title,
        extent=extent_of(graph, moment),
        lines=tuple(_lines(graph, series)),
        unit=graph.unit if graph.unit in ("%", "ms") else "",
        view="areas" if graph.stacked else "lines",
        thresholds=tuple(_thresholds(graph, series)),
        # They are named once, at the top.
        markers=tuple(Marker(at=marker.at) for marker in moment.markers),
        low=graph.low,
        high=graph.high,
        gap_s=graph.period_s * moment.minute_s / 60 * _LATE_PERIODS,
        height_px=graph.place.height * _PIXELS_A_ROW,
        note="; ".join(dict.fromkeys(failed)),
    )


def _lines(graph: Graph, series: tuple[Series, ...]) -> Iterator[Line]:
    for each in series:
        shown = graph.shown[each.id]
        # One colour for all that a search found would make one line of them.
        colour = shown.colour if sum(other.id == each.id for other in series) == 1 else ""
        yield Line(label=each.label, points=each.points, axis=shown.axis, colour=colour)


def _thresholds(graph: Graph, series: tuple[Series, ...]) -> Iterator[Threshold]:
    """Levels, but for one so far above all values that it would flatten them."""
    most = max((value for each in series for value in each.values), default=0.0)
    for level in graph.levels:
        if not most or level.value <= 4 * most:
            yield Threshold(value=level.value, label=level.label, axis=level.axis)


def _meters(graph: Graph, series: tuple[Series, ...]) -> Iterator[Meter]:
    low, high = graph.low or 0.0, graph.high or 100.0
    for each in series:
        if each.last is None:
            yield Meter(label=each.label, share=None, text="no data")
            continue
        share = (each.last - low) / ((high - low) or 1.0)
        level: Level = "bad" if share <= 0 else "busy" if share < 0.25 else "good"
        yield Meter(label=each.label, share=share, text=f"{each.last:.1f} %", level=level)
    if not series:
        yield Meter(label=graph.title, share=None, text="no data")


def _figure(series: Series, graph: Graph) -> Figure:
    told = "no data" if series.last is None else scales.with_unit(series.last, graph.unit if graph.unit == "%" else "")
    return Figure(label=series.label, text=told, points=series.points)
