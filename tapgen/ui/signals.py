"""The golden signals as text: for each figure its last, its typical and its worst value, and its course."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.charts import scales, sparklines
from tapgen.ui.style import paint
from tapgen.ui.tables import human_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.telemetry.signals import Signal, Signals, VersionSignals

_NAME, _FIGURE = 20, 9
_GAP = "  "
_LEAST_COURSE, _MOST_COURSE = 8, 60


def signal_lines(found: Signals, *, title: str, width: int, color: bool) -> Iterator[str]:
    """The lines.

    Args:
        found: The figures.
        title: What they are of.
        width: Columns that there are.
        color: Whether to colour what is wrong.
    """
    length_s = (found.within.end - found.within.start).total_seconds()
    yield paint(title, "strong", color=color)
    told = f"{found.requests} requests, {found.failures} of them answered with 5xx"
    yield f"{told}, in the last {human_duration(length_s)}"
    yield ""
    yield _header(width)
    for signal in found.api:
        yield _line(signal, found, width=width, color=color)
    for version in found.versions:
        yield ""
        yield paint(_version(version), "strong", color=color)
        for signal in version.signals:
            yield _line(signal, found, width=width, color=color)
    if not found.versions:
        yield ""
        yield "no version has served in this time"


def _version(version: VersionSignals) -> str:
    return f"version {version.version}: {version.share:.1%} of the invocations in the last period"


def _header(width: int) -> str:
    titles = "".join(f"{_GAP}{title:>{_FIGURE}}" for title in ("last", "typical", "worst"))
    return f"{'':<{_NAME}}{titles}{_GAP}{'course'[: _course_width(width)]}".rstrip()


def _line(signal: Signal, found: Signals, *, width: int, color: bool) -> str:
    name = f"{signal.name} {signal.unit}".strip()
    figures = "".join(f"{_GAP}{_told(value):>{_FIGURE}}" for value in (signal.last, signal.typical, signal.worst))
    text = f"{name:<{_NAME}}{figures}{_GAP}{_course(signal, found, width=width)}".rstrip()
    return paint(text, "bad" if _is_bad(signal) else "", color=color)


def _course(signal: Signal, found: Signals, *, width: int) -> str:
    values = sparklines.gather(
        signal.points,
        start=found.within.start.timestamp(),
        end=found.within.end.timestamp(),
        width=_course_width(width),
        combine=max,
    )
    return sparklines.draw(values)


def _course_width(width: int) -> int:
    taken = _NAME + 3 * (_FIGURE + len(_GAP)) + len(_GAP)
    return min(_MOST_COURSE, max(_LEAST_COURSE, width - taken))


def _told(value: float | None) -> str:
    return "-" if value is None else scales.short(value)


def _is_bad(signal: Signal) -> bool:
    """Errors of the service's own, and throttles, in the last period."""
    return signal.name in ("5xx", "errors", "throttled") and bool(signal.last)
