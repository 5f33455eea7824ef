"""Rows of named spans over time: states of alarms and hooks, or stacks one after the other (a Gantt chart)."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from tapgen.charts import lines, scales, shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.charts.model import Bands, Row, Span

_NAME, _BAR, _GAP = 15, 14, 9
_ROOM_ABOVE, _ROOM_BELOW = 14, 22
_LEAST_SHARE = 0.004


def draw(bands: Bands) -> str:
    """The rows as an HTML ``figure``; each row's name and its words stand above it, so that any width will do."""
    row_height = _NAME + _BAR + _GAP
    height = max(1, len(bands.rows)) * row_height
    note = f"<small>{escape(bands.note)}</small>" if bands.note else ""
    return "\n".join(
        [
            '<figure class="chart bands">',
            f"<figcaption>{escape(bands.title)}{note}</figcaption>",
            f'<svg class="plot" role="img" height="{height + _ROOM_ABOVE + _ROOM_BELOW}">',
            f"<title>{escape(bands.title)}</title>",
            f"<desc>{escape(_description(bands))}</desc>",
            f'<svg y="{_ROOM_ABOVE}" overflow="visible">',
            *lines.frame(bands.extent, bands.markers, height),
            *(part for index, row in enumerate(bands.rows) for part in _row(bands, row, index * row_height)),
            "</svg>",
            "</svg>",
            *lines.marker_list(bands.markers, bands.extent),
            "</figure>",
        ]
    )


def _row(bands: Bands, row: Row, top: float) -> Iterator[str]:
    words = ", ".join(dict.fromkeys(span.text for span in row.spans if span.text))
    yield shapes.text(0, top + _NAME - 4, f"{row.label}: {words}" if words else row.label, "name")
    for span in row.spans:
        start, end = bands.extent.share(span.start), bands.extent.share(span.end)
        width = max(_LEAST_SHARE, end - start)
        x = min(start, 1.0 - width)
        size = (shapes.percent(width), _BAR)
        yield shapes.rectangle(shapes.percent(x), top + _NAME, size, f"state {span.level}", hint=_told(row, span))


def _told(row: Row, span: Span) -> str:
    return f"{row.label}: {span.text} for {scales.elapsed(max(0.0, span.end - span.start))}"


def _description(bands: Bands) -> str:
    return " ".join(f"{_told(row, span)}." for row in bands.rows for span in row.spans) or "No data."


STYLE = """
.bands .plot { padding-left: 4px }
.plot .name { fill: var(--ink); font-size: 12px }
.plot .state.good { fill: var(--calm) } .plot .state.busy { fill: var(--busy) } .plot .state.bad { fill: var(--bad) }
.plot .state.unknown { fill: var(--unknown) }
"""
"""The looks of rows, beside those of :data:`tapgen.charts.lines.STYLE`."""
