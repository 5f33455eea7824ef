"""Scales: round numbers and moments to write on axes, and numbers short enough to read. Pure."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tapgen.charts.model import Extent

_STEPS_S = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 10800, 21600, 43200, 86400, 2 * 86400, 7 * 86400, 14 * 86400, 30 * 86400),
)
_DAY_S = 86400
_PREFIXES = ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))
"""From which size on, what one of it is, and its letter: thousands have four digits up to 9 999."""


def number_ticks(low: float, high: float, *, most: int = 4) -> list[float]:
    """Round numbers from at or below ``low`` to at or above ``high``, about ``most`` steps of 1, 2 or 5 times 10ⁿ."""
    span = high - low if high > low else abs(high) or 1.0
    rough = span / most
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(max(high, low + step) / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


def time_ticks(extent: Extent, *, most: int = 4) -> list[tuple[float, str]]:
    """Round moments within an extent, with what to write at each."""
    step = next((step for step in _STEPS_S if extent.length_s / step <= most), _STEPS_S[-1])
    origin = extent.start if extent.clock == "elapsed" else 0.0
    first = math.ceil((extent.start - origin) / step - 1e-9)
    last = math.floor((extent.end - origin) / step + 1e-9)
    moments = [origin + number * step for number in range(first, last + 1)]
    if extent.clock == "elapsed":
        return [(moment, elapsed(moment - origin)) for moment in moments]
    return [(moment, _hour(moment, step)) for moment in moments]


def short(value: float) -> str:
    """A number in at most about five characters: ``0.25``, ``12.5``, ``1 234``, ``12k``."""
    size = abs(value)
    for least, factor, letter in _PREFIXES:
        if size >= least:
            return f"{value / factor:.3g}{letter}"
    if size >= 1000:
        return f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    if size >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.3g}" if size >= 0.001 else f"{value:.1e}"


def with_unit(value: float, unit: str) -> str:
    """A number and its unit."""
    if not unit:
        return short(value)
    return f"{short(value)}%" if unit == "%" else f"{short(value)}\N{NO-BREAK SPACE}{unit}"


def elapsed(seconds: float) -> str:
    """A length of time: ``45 s``, ``2 min``, ``2:30 min``, ``1:05 h``."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.3g}\N{NO-BREAK SPACE}s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes}:{rest:02d}\N{NO-BREAK SPACE}min" if rest else f"{minutes}\N{NO-BREAK SPACE}min"
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}\N{NO-BREAK SPACE}h"


def moment_text(moment: float) -> str:
    """A moment in full: ``2025-03-01 12:34:56 UTC``."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _hour(moment: float, step_s: float) -> str:
    at = datetime.fromtimestamp(moment, UTC)
    if step_s < 60:
        return f"{at:%H:%M:%S}"
    return f"{at:%d %b}" if moment % _DAY_S == 0 else f"{at:%H:%M}"
