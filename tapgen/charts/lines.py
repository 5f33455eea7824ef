"""Lines and stacked areas over time.

A figure of HTML with SVG in it: the plot is stretched to the width that there is, while words and strokes keep their
size, so that one drawing is good on a desk and on a phone. The legend says each series' last value, and the description
says what the picture says, for those who hear it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from tapgen.charts import palette, scales, shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.charts.model import Axis, Chart, Extent, Line, Marker

_WIDE = 1000
"""The plot's own width in units of its own; it is stretched."""
_ROOM_ABOVE, _ROOM_BELOW = 14, 22

Points = tuple[tuple[float, float], ...]


def draw(chart: Chart) -> str:
    """The chart as an HTML ``figure``; its looks come from :data:`STYLE`, which a page has once."""
    return "\n".join(
        [
            '<figure class="chart">',
            f"<figcaption>{escape(chart.title)}{_note(chart.note)}</figcaption>",
            _plot(chart),
            *_legend(chart),
            *marker_list(chart.markers, chart.extent),
            "</figure>",
        ]
    )


def marker_list(markers: Sequence[Marker], extent: Extent) -> Iterator[str]:
    """What happened at each number, in words; nothing without markers."""
    inside = within(markers, extent)
    if not any(marker.label for marker in inside):
        return
    yield '<ol class="moments">'
    for marker in inside:
        at = scales.moment_text(marker.at) if extent.clock == "utc" else scales.elapsed(marker.at - extent.start)
        yield f"<li>{escape(marker.label)} <span>{at}</span></li>"
    yield "</ol>"


def within(markers: Sequence[Marker], extent: Extent) -> list[Marker]:
    """The markers that an extent covers, the oldest first."""
    return sorted((each for each in markers if extent.start <= each.at <= extent.end), key=lambda each: each.at)


def frame(extent: Extent, markers: Sequence[Marker], height: float) -> Iterator[str]:
    """What lies behind any drawing over time: hours below, and a numbered line for each marker."""
    for moment, label in scales.time_ticks(extent):
        share = extent.share(moment)
        x = shapes.percent(share)
        yield shapes.rule((x, 0), (x, height), "grid")
        anchor = "start" if share < 0.03 else "end" if share > 0.97 else "middle"
        yield shapes.text(x, height + 15, label, "tick", anchor=anchor)
    for number, marker in enumerate(within(markers, extent), start=1):
        x = shapes.percent(extent.share(marker.at))
        yield shapes.rule((x, -4), (x, height), "marker")
        yield shapes.text(x, -5, str(number), "number", anchor="middle")


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    ticks: tuple[float, ...]
    unit: str

    def y(self, value: float, height: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return height - min(1.0, max(0.0, share)) * height


def _plot(chart: Chart) -> str:
    drawn = _stacked(chart.lines) if chart.view == "areas" else chart.lines
    height = chart.height_px
    scale = {"left": _scale(chart, drawn, "left"), "right": _scale(chart, drawn, "right")}
    sides = "sided" if any(line.axis == "right" and line.points for line in drawn) else "plain"
    whole = height + _ROOM_ABOVE + _ROOM_BELOW
    parts = [
        f'<svg class="plot {sides}" role="img" height="{whole}" aria-label="{escape(chart.title, quote=True)}">',
        f"<title>{escape(chart.title)}</title>",
        f"<desc>{escape(_description(chart))}</desc>",
        f'<svg y="{_ROOM_ABOVE}" overflow="visible">',
        *_number_axes(scale, height, sides),
        *frame(chart.extent, chart.markers, height),
        _stretched(chart, drawn, scale),
        *_thresholds(chart, scale),
    ]
    if not any(line.points for line in chart.lines):
        parts.append(shapes.text("50%", height / 2, "no data", "empty", anchor="middle"))
    return "\n".join([*parts, "</svg>", "</svg>"])


def _number_axes(scale: dict[str, _Scale], height: float, sides: str) -> Iterator[str]:
    for tick in scale["left"].ticks:
        y = scale["left"].y(tick, height)
        yield shapes.rule(("0%", y), ("100%", y), "grid")
        yield shapes.text(-6, y + 4, scales.with_unit(tick, _tight(scale["left"].unit)), "tick", anchor="end")
    if sides == "sided":
        for tick in scale["right"].ticks:
            y = scale["right"].y(tick, height)
            label = scales.with_unit(tick, _tight(scale["right"].unit))
            yield f'<svg x="100%" overflow="visible">{shapes.text(6, y + 4, label, "tick")}</svg>'


def _tight(unit: str) -> str:
    """Axes have room for a short unit; a longer one stands in the legend alone."""
    return unit if len(unit) <= 2 else ""


def _stretched(chart: Chart, drawn: Sequence[Line], scale: dict[str, _Scale]) -> str:
    height = chart.height_px
    paths = []
    ground: Line | None = None
    for index, line in enumerate(drawn):
        colour = line.colour or palette.line(index)
        place = _Place(chart.extent, scale[line.axis], height)
        if chart.view == "areas" and line.axis == "left" and line.points:
            paths.append(f'<path class="area" style="fill:{colour}" d="{place.area(line, ground)}"/>')
            ground = line
        for run in _runs(line.points, chart.gap_s):
            hint = f"<title>{escape(line.label)}</title>"
            paths.append(f'<path class="line" style="stroke:{colour}" d="{place.path(run)}">{hint}</path>')
    box = f'viewBox="0 0 {_WIDE} {height}" preserveAspectRatio="none" width="100%" height="{height}"'
    return f"<svg {box}>{''.join(paths)}</svg>"


@dataclass(frozen=True)
class _Place:
    """From moments and values to the plot's units."""

    extent: Extent
    scale: _Scale
    height: float

    def path(self, points: Points) -> str:
        found = [f"{self._x(moment)} {self._y(value)}" for moment, value in points]
        # A path of no length with round ends is a dot: one point alone is seen, too.
        return f"M {found[0]} h 0.01" if len(found) == 1 else "M " + " L ".join(found)

    def area(self, line: Line, ground: Line | None) -> str:
        below = ground.points if ground else ((line.points[-1][0], 0.0), (line.points[0][0], 0.0))
        back = sorted(below, reverse=True)
        return " L ".join([self.path(line.points), *(f"{self._x(at)} {self._y(value)}" for at, value in back)]) + " Z"

    def _x(self, moment: float) -> str:
        return f"{self.extent.share(moment) * _WIDE:.1f}"

    def _y(self, value: float) -> str:
        return f"{self.scale.y(value, self.height):.1f}"


def _stacked(lines: Sequence[Line]) -> list[Line]:
    """Lines on the left scale, each with those before it added; where one has no value, it adds nothing."""
    moments = sorted({moment for line in lines if line.axis == "left" for moment, _ in line.points})
    heights = dict.fromkeys(moments, 0.0)
    stacked = []
    for line in lines:
        if line.axis == "right" or not line.points:
            stacked.append(line)
            continue
        for moment, value in line.points:
            heights[moment] += value
        stacked.append(replace(line, points=tuple(heights.items())))
    return stacked


def _runs(points: Points, gap_s: float | None) -> Iterator[Points]:
    """The points in pieces without a gap."""
    run: list[tuple[float, float]] = []
    for point in points:
        if run and gap_s is not None and point[0] - run[-1][0] > gap_s:
            yield tuple(run)
            run = []
        run.append(point)
    if run:
        yield tuple(run)


def _scale(chart: Chart, drawn: Sequence[Line], axis: Axis) -> _Scale:
    values = [value for line in drawn if line.axis == axis for _, value in line.points]
    values += [threshold.value for threshold in chart.thresholds if threshold.axis == axis]
    low, high = min([0.0, *values]), max(values, default=1.0)
    if axis == "left":
        low = low if chart.low is None else chart.low
        high = high if chart.high is None else chart.high
    ticks = scales.number_ticks(low, high if high > low else low + 1.0)
    fixed_low, fixed_high = (chart.low, chart.high) if axis == "left" else (None, None)
    low = ticks[0] if fixed_low is None else fixed_low
    high = ticks[-1] if fixed_high is None else fixed_high
    inside = tuple(tick for tick in ticks if low <= tick <= high)
    return _Scale(low, high, inside, chart.unit if axis == "left" else chart.right_unit)


def _thresholds(chart: Chart, scale: dict[str, _Scale]) -> Iterator[str]:
    for threshold in chart.thresholds:
        y = scale[threshold.axis].y(threshold.value, chart.height_px)
        yield shapes.rule(("0%", y), ("100%", y), "threshold")
        above = y - 4 if y > 16 else y + 12
        yield shapes.text("100%", above, threshold.label, "threshold-label", anchor="end")


def _legend(chart: Chart) -> Iterator[str]:
    if not any(line.points for line in chart.lines):
        return
    yield '<ul class="legend">'
    for index, line in enumerate(chart.lines):
        colour = line.colour or palette.line(index)
        unit = chart.unit if line.axis == "left" else chart.right_unit
        told = line.summary or _last(line, unit)
        yield f'<li><i style="background:{colour}"></i>{escape(line.label)} <b>{escape(told)}</b></li>'
    yield "</ul>"


def _last(line: Line, unit: str) -> str:
    return scales.with_unit(line.points[-1][1], unit) if line.points else "no data"


def _description(chart: Chart) -> str:
    """The chart in words: for each line its least, greatest and last value."""
    told = []
    for line in chart.lines:
        unit = chart.unit if line.axis == "left" else chart.right_unit
        values = [value for _, value in line.points]
        if values:
            least, most, last = (scales.with_unit(value, unit) for value in (min(values), max(values), values[-1]))
            told.append(f"{line.label}: from {least} to {most}, last {last}.")
    told += [f"Threshold {each.label}." for each in chart.thresholds]
    told += [f"{each.label}." for each in within(chart.markers, chart.extent) if each.label]
    return " ".join(told) or "No data."


def _note(note: str) -> str:
    return f"<small>{escape(note)}</small>" if note else ""


STYLE = """
.chart { margin: 0; min-width: 0 }
.chart figcaption { font-weight: 600; font-size: 14px; margin-bottom: 6px }
.chart figcaption small { display: block; font-weight: 400; color: var(--quiet) }
.plot { display: block; box-sizing: border-box; width: 100%; overflow: visible; padding: 0 4px 0 46px }
.plot.sided { padding-right: 46px }
.plot text { font-size: 11px; fill: var(--quiet) }
.plot .grid { stroke: var(--rule); stroke-width: 1 }
.plot .line { fill: none; stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round;
  vector-effect: non-scaling-stroke }
.plot .area { opacity: .3; stroke: none }
.plot .threshold { stroke: var(--bad); stroke-dasharray: 5 4; stroke-width: 1.25 }
.plot .threshold-label { fill: var(--bad); paint-order: stroke; stroke: var(--raised); stroke-width: 3px }
.plot .marker { stroke: var(--line-3); stroke-dasharray: 2 3; stroke-width: 1.5 }
.plot .number { fill: var(--line-3); font-weight: 600 }
.plot .empty { font-size: 13px }
.legend, .moments { margin: 4px 0 0; padding: 0; font-size: 12px; color: var(--quiet); display: flex; flex-wrap: wrap;
  gap: 2px 14px }
.legend { list-style: none }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 5px }
.legend b { font-weight: 600; color: var(--ink); font-variant-numeric: tabular-nums }
.moments { padding-left: 18px }
.moments li { margin-right: 10px } .moments li::marker { color: var(--line-3); font-weight: 600 }
"""
"""The looks of figures, for a page that has the palette's variables."""
