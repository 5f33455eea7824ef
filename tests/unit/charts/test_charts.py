"""Drawings from values: what they show, in words and in shapes."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from tapgen.charts import bands, lines, meters, page, scales, sparklines
from tapgen.charts.model import Bands, Chart, Extent, Figure, Line, Marker, Meter, Row, Span, Threshold

_EXTENT = Extent(1_764_000_000, 1_764_003_600)


def _points(*values: float) -> tuple[tuple[float, float], ...]:
    return tuple((1_764_000_000 + 60 * index, value) for index, value in enumerate(values))


def _svg(html: str) -> ET.Element:
    found = re.search(r"<svg class=\"plot.*</svg>", html, re.DOTALL)
    assert found
    return ET.fromstring(found[0])  # noqa: S314 - our own drawing


def _chart(**changes: object) -> Chart:
    settings = {"title": "Latency <ms>", "extent": _EXTENT, "lines": (Line(label="p90", points=_points(1, 2, 3)),)}
    return Chart(**(settings | changes))  # type: ignore[arg-type]


def test_a_chart_says_in_words_what_it_shows() -> None:
    """Title, least, greatest and last value, threshold and marker are text; what users wrote is escaped."""
    html = lines.draw(
        _chart(
            unit="ms",
            thresholds=(Threshold(value=5, label="above 5 warns"),),
            markers=(Marker(at=1_764_000_060, label="#7 deploy"), Marker(at=1, label="long ago")),
        )
    )

    svg = _svg(html)
    assert "Latency &lt;ms&gt;" in html
    description = svg.findtext("desc") or ""
    assert "p90: from 1\N{NO-BREAK SPACE}ms to 3\N{NO-BREAK SPACE}ms, last 3\N{NO-BREAK SPACE}ms." in description
    assert "above 5 warns" in description
    assert "#7 deploy" in html
    assert "2025-11-24 16:01:00 UTC" in html
    assert "long ago" not in html


def _paths(html: str) -> list[str]:
    return re.findall(r'<path class="line"[^>]* d="([^"]+)"', html)


def test_lines_break_at_gaps_and_a_point_alone_is_a_dot() -> None:
    """Where nothing was measured, nothing is drawn."""
    points = (*_points(1, 2), (1_764_003_000.0, 3.0))

    assert len(_paths(lines.draw(_chart(lines=(Line(label="a", points=points),))))) == 1
    first, second = _paths(lines.draw(_chart(lines=(Line(label="a", points=points),), gap_s=150)))
    assert first.count("L") == 1
    assert second.endswith("h 0.01")


def test_areas_stand_on_each_other() -> None:
    """The upper edge of the last area is the sum; the legend tells each one's own value."""
    both = (Line(label="a", points=_points(60, 50)), Line(label="b", points=_points(40, 50)))
    html = lines.draw(_chart(lines=both, view="areas", unit="%", high=100))

    edges = _paths(html)
    assert edges[1].split()[2] == "0.0"  # 100 % is the top
    assert html.count('class="area"') == 2
    assert "<b>50%</b>" in html


def test_without_points_a_chart_says_so() -> None:
    """An empty chart is not a chart of zeros."""
    html = lines.draw(_chart(lines=(Line(label="a", points=()),)))
    assert "no data" in html
    assert not _paths(html)


def test_bands_and_their_words() -> None:
    """A row names its states, each span says how long it took; the shortest one is still to be seen."""
    rows = (Row(label="Compute", spans=(Span(start=0, end=90, text="shift", level="busy"),
                                        Span(start=90, end=90, text="failed", level="bad"))),)  # fmt: skip
    html = bands.draw(Bands(title="Stacks", extent=Extent(0, 300, "elapsed"), rows=rows))

    svg = _svg(html)
    assert "Compute: shift for 1:30\N{NO-BREAK SPACE}min." in (svg.findtext("desc") or "")
    assert "Compute: shift, failed" in html
    assert 'width="0.40%"' in html
    assert "2\N{NO-BREAK SPACE}min" in html


def test_meters_never_speak_by_colour_alone() -> None:
    """Each has its value and a word; what is not known is no zero."""
    html = meters.draw_meters(
        "Budget", [Meter(label="a", share=0.42, text="42 % left"), Meter(label="b", share=None, text="no data")]
    )
    assert 'aria-valuetext="42 % left"' in html
    assert "fine" in html
    assert "not known" in html
    assert "width:42.0%" in html
    html = meters.draw_figures("Now", [Figure(label="requests", text="12/min", points=_points(1, 2))])
    assert "<dd>12/min</dd>" in html
    assert "<path" in html


def test_a_page_is_one_file() -> None:
    """Nothing is fetched, and its policy would not let it; both grounds are there."""
    html = page.draw("A & B", [page.Card(content=page.table(("x",), [("<y>",)]))], head=page.facts((("k", "v"),)))
    assert "<title>A &amp; B</title>" in html
    assert "&lt;y&gt;" in html
    assert "default-src 'none'" in html
    assert "prefers-color-scheme: dark" in html
    assert not re.search(r"<script|<link|src=|url\(", html)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 3, [0, 1, 2, 3]), (0, 97, [0, 50, 100]), (0, 0.1, [0, 0.05, 0.1]),
     (-20, 100, [-50, 0, 50, 100]), (5, 5, [4, 6, 8])],
)  # fmt: skip
def test_number_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    """Steps of 1, 2 or 5 that hold all values."""
    assert scales.number_ticks(low, high) == pytest.approx(expected)


@pytest.mark.parametrize("length_s", [1, 30, 600, 3600, 10_800, 86_400, 30 * 86_400])
def test_time_ticks_are_few_and_inside(length_s: int) -> None:
    """From one second to a month: at least one, at most five, in order, each with another label."""
    extent = Extent(1_764_000_100, 1_764_000_100 + length_s)
    ticks = scales.time_ticks(extent)
    assert 1 <= len(ticks) <= 5
    assert all(extent.start <= moment <= extent.end for moment, _ in ticks)
    assert len({label for _, label in ticks}) == len(ticks)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0"), (12, "12"), (0.254, "0.254"), (12.345, "12.3"), (123.4, "123"), (1234, "1\N{NARROW NO-BREAK SPACE}234"),
     (12_345, "12.3k"), (2.5e6, "2.5M"), (0.00001, "1.0e-05")],
)  # fmt: skip
def test_short_numbers(value: float, expected: str) -> None:
    """As many digits as one reads at a glance."""
    assert scales.short(value) == expected


def test_sparklines() -> None:
    """Blocks from nothing to the greatest value, dots where there is none, columns that gather."""
    assert sparklines.draw([0, 1, 2, None, 4]) == "▁▃▅·█"
    assert sparklines.draw([]) == ""
    assert sparklines.draw([0, 0]) == "▁▁"
    assert sparklines.draw([1], high=10) == "▂"
    gathered = sparklines.gather([(0, 1), (1, 2), (9, 5), (10, 9)], start=0, end=10, width=5, combine=sum)
    assert gathered == [3, None, None, None, 5]
