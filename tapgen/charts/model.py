"""What a chart shows: values only, no shapes.

Moments are numbers: seconds since the epoch, or seconds since a start where ``Span.clock`` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["good", "busy", "bad", "unknown"]
"""What a state or a share means: fine, worth a look, wrong, not known."""

Axis = Literal["left", "right"]


@dataclass(frozen=True)
class Extent:
    """The time that a chart covers.

    Attributes:
        start: Its first moment in seconds.
        end: Its last moment in seconds.
        clock: ``utc`` labels moments with the hour in UTC, ``elapsed`` with the time since ``start``.
    """

    start: float
    end: float
    clock: Literal["utc", "elapsed"] = "utc"

    @property
    def length_s(self) -> float:
        """Its length in seconds, never 0."""
        return max(self.end - self.start, 1e-3)

    def share(self, moment: float) -> float:
        """Where a moment lies, from 0 to 1; what lies outside is drawn at the edge."""
        return min(1.0, max(0.0, (moment - self.start) / self.length_s))


@dataclass(frozen=True, kw_only=True)
class Line:
    """One series.

    Attributes:
        label: Its name in the legend.
        points: Moment and value, the oldest first.
        axis: The scale that it is read from.
        colour: A CSS colour (``#d62728``); the palette's next one when empty.
        summary: What the legend says of it; its last value when empty.
    """

    label: str
    points: tuple[tuple[float, float], ...]
    axis: Axis = "left"
    colour: str = ""
    summary: str = ""


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A value that a line should keep to: drawn across."""

    value: float
    label: str
    axis: Axis = "left"


@dataclass(frozen=True, kw_only=True)
class Marker:
    """Something that happened at a moment: drawn from top to bottom, with its number, named below the chart.

    Attributes:
        at: When.
        label: What; empty where another place of the page says it for all charts.
    """

    at: float
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Lines or stacked areas over time.

    Attributes:
        title: What it shows.
        extent: The time that it covers.
        lines: The series. Without any point, the chart says so in words.
        unit: The unit of the left scale: ``ms``, ``%``, ``/min``; empty for counts.
        right_unit: The unit of the right scale.
        view: ``lines``, or ``areas`` that stand on each other (those on the left scale).
        thresholds: Values to compare with.
        markers: What happened meanwhile.
        low: The least value of the left scale; from the data when None, and 0 unless something is below.
        high: The greatest one; from the data when None.
        gap_s: A line is broken where two points lie further apart; None never breaks it.
        height_px: Of the plot, without title and legend.
        note: A sentence below the title.
    """

    title: str
    extent: Extent
    lines: tuple[Line, ...] = ()
    unit: str = ""
    right_unit: str = ""
    view: Literal["lines", "areas"] = "lines"
    thresholds: tuple[Threshold, ...] = ()
    markers: tuple[Marker, ...] = ()
    low: float | None = None
    high: float | None = None
    gap_s: float | None = None
    height_px: int = 160
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Span:
    """A state that lasted."""

    start: float
    end: float
    text: str
    level: Level = "good"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A named row of spans."""

    label: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True)
class Bands:
    """Rows of states over time; with one span a row, a Gantt chart."""

    title: str
    extent: Extent
    rows: tuple[Row, ...]
    markers: tuple[Marker, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Meter:
    """A share of a whole.

    Attributes:
        label: Of what.
        share: From 0 to 1; what lies beyond is drawn at the edge. None: not known.
        text: The value in words, always shown.
        level: What it means.
    """

    label: str
    share: float | None
    text: str
    level: Level = "good"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number, large, with its course below."""

    label: str
    text: str
    points: tuple[tuple[float, float], ...] = ()
    level: Level = "good"
