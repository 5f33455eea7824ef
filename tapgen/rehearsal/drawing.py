"""Draws one rollout as SVG: the new version's share, the requests, and the states of guards and hooks, over time. Pure.

One file that any browser shows, without scripts or fonts of its own, readable on light and on dark ground. A state is
written where it is coloured, so that nobody depends on the colour.
"""

from __future__ import annotations

import textwrap
from html import escape
from typing import TYPE_CHECKING

from tapgen.charts import palette, shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.rehearsal.judging import Verdict
    from tapgen.rehearsal.timeline import Bin, Span, Timeline

_WIDTH = 960
_LEFT, _RIGHT = 230, 24
_TOP = 64
_CURVE, _BARS, _BAND, _GAP = 96, 96, 20, 26
_LINE = 18
_FITTING = 140
"""Characters that fit into the width, beside a mark."""
_CHARACTER = 6.6
_MOST_TICKS = 12
_NUMBER_GAP = 22
_STEPS_MIN = (0.5, 1, 2, 5, 10, 15, 30, 60)

_STYLE = """
svg { font: 12px ui-sans-serif, system-ui, sans-serif; background: var(--ground) }
.ground { fill: var(--ground) } .ink { fill: var(--ink) } .quiet { fill: var(--quiet) } .title { font-size: 16px;
  font-weight: 600; fill: var(--ink) } .fail { fill: var(--bad) } .rule { stroke: var(--rule) } .moment {
  stroke: var(--quiet); stroke-dasharray: 2 3 } .share { stroke: var(--share); stroke-width: 2; fill: none } .area {
  fill: var(--share-area) } .good { fill: var(--good) } .bad { fill: var(--bad) } .calm { fill: var(--calm) } .busy {
  fill: var(--busy) } .unknown { fill: var(--unknown) } .state { fill: var(--on-state); font-size: 11px }
"""
_CLASS_OF = {
    "OK": "calm",
    "Succeeded": "calm",
    "ALARM": "bad",
    "Failed": "bad",
    "InProgress": "busy",
    "INSUFFICIENT_DATA": "unknown",
}
_WORDS = {"INSUFFICIENT_DATA": "no data", "InProgress": "running"}


def draw(verdict: Verdict, timeline: Timeline) -> str:
    """The SVG document."""
    return _Drawing(verdict, timeline).render()


class _Drawing:
    """One picture; ``y`` grows as its parts are drawn from top to bottom."""

    def __init__(self, verdict: Verdict, timeline: Timeline) -> None:
        self._verdict = verdict
        self._timeline = timeline
        self._length_min = max(timeline.length_min, 0.1)
        self._y = float(_TOP)

    def render(self) -> str:
        parts = [*self._head(), *self._share(), *self._requests(), *self._states()]
        bottom = self._y
        # Behind everything else, but known only now: how far down the picture goes.
        behind = [*self._axis(bottom), *self._moment_lines(bottom)]
        self._y = bottom + 40
        legend = list(self._legend())
        height = self._y + 8
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" role="img">',
                f"<title>{escape(self._title)}</title>",
                f"<style>{palette.variables('svg')}{_STYLE}</style>",
                f'<rect class="ground" width="{_WIDTH}" height="{height:.0f}"/>',
                *behind,
                *parts,
                *legend,
                "</svg>",
                "",
            ]
        )

    @property
    def _title(self) -> str:
        return f"{self._verdict.scenario.name}: {self._verdict.scenario.title}"

    def _head(self) -> Iterator[str]:
        word, style = ("as it must be", "quiet") if self._verdict.passed else ("NOT as it must be", "fail")
        yield shapes.text(24, 28, self._title, "title")
        minute = f"an AWS minute took {self._verdict.minute_s:g} s"
        yield shapes.text(24, 46, f"{word}; {minute}", style)

    def _share(self) -> Iterator[str]:
        top = self._y
        yield shapes.text(24, top + 14, "new version's share", "ink")
        points = [*self._timeline.weights, (self._length_min, self._timeline.weights[-1][1])]
        path = [f"M {self._x(points[0][0]):.1f} {self._share_y(top, points[0][1]):.1f}"]
        for at, share in points[1:]:
            path.append(f"H {self._x(at):.1f} V {self._share_y(top, share):.1f}")
        line = " ".join(path)
        base = top + _CURVE
        yield f'<path class="area" d="{line} V {base:.1f} H {self._x(points[0][0]):.1f} Z"/>'
        yield f'<path class="share" d="{line}"/>'
        for at, share in self._timeline.weights:
            if share:
                yield shapes.text(self._x(at) + 4, self._share_y(top, share) - 4, f"{share:.0%}", "ink")
        yield shapes.rule((_LEFT, base), (_WIDTH - _RIGHT, base))
        self._y = base + _GAP

    def _requests(self) -> Iterator[str]:
        top = self._y
        most = max((item.requests for item in self._timeline.bins), default=0) or 1
        yield shapes.text(24, top + 14, "requests in ¼ AWS minute", "ink")
        yield shapes.text(24, top + 30, f"{most} at most, bad ones in red", "quiet")
        base = top + _BARS
        for item in self._timeline.bins:
            yield from self._bar(item, base, scale=_BARS / most)
        yield shapes.rule((_LEFT, base), (_WIDTH - _RIGHT, base))
        self._y = base + _GAP

    def _bar(self, item: Bin, base: float, *, scale: float) -> Iterator[str]:
        if not item.requests or item.from_min >= self._length_min:
            return
        x = self._x(item.from_min)
        width = max(1.0, self._x(min(self._length_min, item.from_min + self._bin_min)) - x - 1)
        bad, total = item.bad * scale, item.requests * scale
        yield shapes.rectangle(x, base - total, (width, total - bad), "good")
        if item.bad:
            yield shapes.rectangle(x, base - bad, (width, bad), "bad", hint=f"{item.bad} of {item.requests} bad")

    @property
    def _bin_min(self) -> float:
        bins = self._timeline.bins
        return bins[1].from_min - bins[0].from_min if len(bins) > 1 else self._length_min

    def _states(self) -> Iterator[str]:
        for name, spans in self._timeline.alarms.items():
            yield from self._row(_short(name), spans)
        for name, spans in self._timeline.hooks.items():
            yield from self._row(name, spans)

    def _row(self, name: str, spans: Sequence[Span]) -> Iterator[str]:
        top = self._y
        yield shapes.text(24, top + 14, name, "ink")
        for span in spans:
            x, width = self._x(span.from_min), max(2.0, self._x(span.to_min) - self._x(span.from_min))
            word = _WORDS.get(span.state, span.state)
            yield shapes.rectangle(x, top, (width, _BAND - 4), _CLASS_OF.get(span.state, "unknown"), hint=word)
            if len(word) * _CHARACTER + 6 < width:
                yield shapes.text(x + 4, top + 12, word, "state")
        self._y = top + _BAND + 4

    def _axis(self, bottom: float) -> Iterator[str]:
        step = next((step for step in _STEPS_MIN if self._length_min / step <= _MOST_TICKS), _STEPS_MIN[-1])
        for number in range(int(self._length_min / step) + 1):
            x = self._x(number * step)
            yield shapes.rule((x, _TOP), (x, bottom))
            yield shapes.text(x, bottom + 16, f"{number * step:g}", "quiet", anchor="middle")
        yield shapes.text(24, bottom + 16, "AWS minutes", "quiet")

    def _moment_lines(self, bottom: float) -> Iterator[str]:
        """A line for each moment; the numbers of those that lie close together share a place."""
        numbers: dict[float, list[str]] = {}
        for number, moment in enumerate(self._timeline.moments, start=1):
            x = self._x(moment.at_min)
            yield f'<line class="moment" x1="{x:.1f}" y1="{_TOP - 6}" x2="{x:.1f}" y2="{bottom:.1f}"/>'
            place = next((place for place in numbers if x - place < _NUMBER_GAP), x)
            numbers.setdefault(place, []).append(str(number))
        for place, shared in numbers.items():
            yield shapes.text(place, bottom + 32, ",".join(shared), "ink", anchor="middle")

    def _legend(self) -> Iterator[str]:
        for number, moment in enumerate(self._timeline.moments, start=1):
            self._y += _LINE
            wall_s = moment.at_min * self._verdict.minute_s
            yield shapes.text(24, self._y, f"{number}", "ink")
            yield shapes.text(48, self._y, f"{moment.at_min:.1f} min ({wall_s:.1f} s)", "quiet")
            yield shapes.text(_LEFT - 48, self._y, moment.text, "ink")
        for check in self._verdict.checks:
            self._y += _LINE
            mark, style = ("ok", "quiet") if check.passed else ("NOT", "fail")
            yield shapes.text(24, self._y, mark, style)
            yield shapes.text(
                48,
                self._y,
                textwrap.shorten(f"{check.must}: {check.happened}", width=_FITTING, placeholder=" …"),
                style,
            )

    def _x(self, minute: float) -> float:
        return _LEFT + min(1.0, minute / self._length_min) * (_WIDTH - _LEFT - _RIGHT)

    def _share_y(self, top: float, share: float) -> float:
        return top + _CURVE - share * (_CURVE - 14)


def _short(alarm_name: str) -> str:
    """What follows the deployment's own name: ``guard-api-errors-…``, without the version's hash."""
    _, mark, rest = alarm_name.partition("guard-")
    kind = "-".join(rest.split("-")[:2])
    return f"{mark}{kind}" if mark else alarm_name
