"""The section of one traffic shift: weight, requests, errors, durations of both versions, guards. HTML from values."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from tapgen.charts import bands, lines
from tapgen.charts.model import Bands, Chart, Extent, Line, Marker, Row, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.charts.model import Level
    from tapgen.report.model import ShiftStory

_STATUSES = {"InProgress": "begins", "Succeeded": "ends well", "Failed": "fails", "Skipped": "is skipped"}
_LONE_SHARE = 0.04
_LEVELS: dict[str, Level] = {"OK": "good", "ALARM": "bad", "INSUFFICIENT_DATA": "unknown"}


def draw_shift(story: ShiftStory) -> str:
    """Everything that is known of it."""
    extent = Extent(start=story.start, end=max(story.end, story.start + 1), clock="elapsed")
    versions = f"version {story.current_version} → {story.target_version}"
    parts = [f"<h2>Shift of {escape(story.function)}, {escape(versions)}</h2>"]
    if story.samples:
        parts.append(lines.draw(_weight(story, extent)))
    charts = [lines.draw(chart) for chart in _charts(story, extent)]
    if charts:
        parts.append(f'<div class="pair">{"".join(charts)}</div>')
    if story.alarms:
        parts.append(bands.draw(_guards(story, extent)))
        parts += [f"<p>{escape(text)}</p>" for text in _red(story)]
    return "\n".join(parts)


def _weight(story: ShiftStory, extent: Extent) -> Chart:
    return Chart(
        title="Share of the new version",
        extent=extent,
        lines=(Line(label=f"version {story.target_version}", points=tuple(_steps_of_weight(story))),),
        unit="%",
        low=0,
        high=100,
        height_px=110,
        markers=tuple(_markers(story)),
    )


def _markers(story: ShiftStory) -> Iterator[Marker]:
    """The steps, those that were seen at one moment under one number."""
    for at, steps in groupby(story.steps, lambda step: step[0]):
        yield Marker(at=at, label=", ".join(f"{event} {_STATUSES.get(status, status)}" for _, event, status in steps))


def _steps_of_weight(story: ShiftStory) -> Iterator[tuple[float, float]]:
    """A weight holds until another one is seen: steps, not slopes."""
    before = 0.0
    yield story.start, 0.0
    for sample in story.samples:
        yield sample.at, 100 * before
        before = sample.weight
        yield sample.at, 100 * before


def _charts(story: ShiftStory, extent: Extent) -> Iterator[Chart]:
    """What both versions answered, by AWS minute; without metrics, what was counted of the new one."""
    if any(series.points for series in story.series):
        yield _chart(story, extent, title="Requests a minute", metrics=("requests",))
        yield _chart(story, extent, title="Errors a minute", metrics=("errors",))
        yield _chart(story, extent, title="Duration", metrics=("p50", "p90"), unit="ms")
        return
    if story.samples:
        points = tuple((sample.at, float(sample.requests)) for sample in story.samples)
        errors = tuple((sample.at, float(sample.errors)) for sample in story.samples)
        yield Chart(
            title=f"Answered by version {story.target_version} so far",
            extent=extent,
            lines=(Line(label="requests", points=points), Line(label="errors", points=errors, colour="var(--bad)")),
        )


def _chart(story: ShiftStory, extent: Extent, *, title: str, metrics: tuple[str, ...], unit: str = "") -> Chart:
    drawn = tuple(
        Line(
            label=f"version {series.version}" + (f" {series.metric}" if len(metrics) > 1 else ""),
            points=_drawable(series.points, extent),
        )
        for metric in metrics
        for series in story.series
        if series.metric == metric
    )
    return Chart(title=title, extent=extent, lines=drawn, unit=unit, low=0, height_px=120)


def _red(story: ShiftStory) -> Iterator[str]:
    """CloudWatch's own words on guards that went off."""
    for alarm in story.alarms:
        if alarm.state == "ALARM":
            yield f"{alarm.name}: {alarm.reason}"


def _drawable(points: Sequence[tuple[float, float]], extent: Extent) -> tuple[tuple[float, float], ...]:
    """Points within the chart; a lone one becomes a short line, which can be seen."""
    inside = tuple((at, value) for at, value in points if extent.start <= at <= extent.end)
    if len(inside) != 1:
        return inside
    ((at, value),) = inside
    return ((at, value), (at + extent.length_s * _LONE_SHARE, value))


def _guards(story: ShiftStory, extent: Extent) -> Bands:
    # All names of a deployment begin alike; a phone has no room for it.
    prefix = story.function.rpartition("-")[0] + "-"
    rows: dict[str, list[Span]] = {}
    for alarm in story.alarms:
        span = Span(start=alarm.start, end=alarm.end, text=alarm.state, level=_LEVELS.get(alarm.state, "unknown"))
        rows.setdefault(alarm.name.removeprefix(prefix), []).append(span)
    return Bands(
        title="Guards", extent=extent, rows=tuple(Row(label=name, spans=tuple(spans)) for name, spans in rows.items())
    )
