"""Single numbers, and shares of a whole as bars: budgets, gauges."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.charts.model import Figure, Meter

_WIDE, _HIGH = 200, 28
_WORDS = {"good": "fine", "busy": "worth a look", "bad": "wrong", "unknown": "not known"}


def draw_meters(title: str, meters: Sequence[Meter], *, note: str = "") -> str:
    """Bars one below the other, each with its value in words."""
    told = f"<small>{escape(note)}</small>" if note else ""
    return "\n".join(
        [
            '<figure class="chart meters">',
            f"<figcaption>{escape(title)}{told}</figcaption>",
            *(_meter(meter) for meter in meters),
            "</figure>",
        ]
    )


def draw_figures(title: str, figures: Sequence[Figure]) -> str:
    """Large numbers side by side, each with its course below."""
    return "\n".join(
        [
            '<figure class="chart">',
            f"<figcaption>{escape(title)}</figcaption>",
            '<dl class="figures">',
            *(_figure(figure) for figure in figures),
            "</dl>",
            "</figure>",
        ]
    )


def _meter(meter: Meter) -> str:
    share = 0.0 if meter.share is None else min(1.0, max(0.0, meter.share))
    level = "unknown" if meter.share is None else meter.level
    bar = (
        f'<div class="bar" role="meter" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{share * 100:.1f}" '
        f'aria-label="{escape(meter.label, quote=True)}" aria-valuetext="{escape(meter.text, quote=True)}">'
        f'<div class="{level}" style="width:{share * 100:.1f}%"></div></div>'
    )
    return (
        f'<div class="meter"><span>{escape(meter.label)}</span><b>{escape(meter.text)}</b>'
        f'{bar}<span class="word">{_WORDS[level]}</span></div>'
    )


def _figure(figure: Figure) -> str:
    return (
        f'<div class="{figure.level}"><dt>{escape(figure.label)}</dt><dd>{escape(figure.text)}</dd>'
        f"{_course(figure.points)}</div>"
    )


def _course(points: tuple[tuple[float, float], ...]) -> str:
    if len(points) < 2:
        return ""
    (first, _), (last, _) = points[0], points[-1]
    high = max(value for _, value in points) or 1.0
    placed = " L ".join(
        f"{(at - first) / ((last - first) or 1.0) * _WIDE:.1f} {_HIGH - max(0.0, value) / high * _HIGH:.1f}"
        for at, value in points
    )
    box = f'viewBox="0 0 {_WIDE} {_HIGH}" preserveAspectRatio="none" height="{_HIGH}"'
    return f'<svg class="course" aria-hidden="true" {box}><path d="M {placed}"/></svg>'


STYLE = """
.meter { display: grid; grid-template-columns: 1fr auto; gap: 2px 12px; font-size: 13px; margin: 8px 0 }
.meter b { font-variant-numeric: tabular-nums } .meter .bar { background: var(--rule); border-radius: 4px; height: 10px;
  align-self: center; overflow: hidden } .meter .bar div { height: 100% }
.meter .word { color: var(--quiet); font-size: 12px; text-align: right;
  min-width: 7em }
.bar .good { background: var(--calm) } .bar .busy { background: var(--busy) } .bar .bad { background: var(--bad) }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(110px, 1fr)); gap: 12px; margin: 0 }
.figures div { border-left: 3px solid var(--calm); padding-left: 10px; min-width: 0 }
.figures .busy { border-color: var(--busy) } .figures .bad { border-color: var(--bad) }
.figures .unknown { border-color: var(--unknown) }
.figures dt { font-size: 12px; color: var(--quiet) } .figures dd { margin: 0; font-size: 22px; font-weight: 600;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
.course { display: block; width: 100%; margin-top: 4px; overflow: visible } .course path { fill: none;
  stroke: var(--line-0); stroke-width: 1.5; vector-effect: non-scaling-stroke }
"""
"""The looks of meters and figures."""
