"""Aligned plain tables, and numbers as people read them: sizes, durations, times, digests. No colour, no rich."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_GAP = "  "
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_DIGEST_CHARACTERS = 12
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400
_DATE_AFTER_S = 30 * _DAY_S


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], aligns: str = "") -> str:
    """Rows in columns as wide as their widest cell, without trailing blanks and without a final line break.

    Args:
        headers: Titles; an empty sequence leaves the line of titles out.
        rows: Cells; a short row is filled up with empty ones.
        aligns: ``<`` or ``>`` for each column; columns beyond it are aligned left.
    """
    lines = [headers, *rows] if headers else list(rows)
    columns = list(zip_longest(*lines, fillvalue=""))
    sides = aligns.ljust(len(columns), "<")
    padded = [
        [f"{cell:{side}{max(map(len, column))}}" for cell in column]
        for column, side in zip(columns, sides, strict=True)
    ]
    return "\n".join(_GAP.join(cells).rstrip() for cells in zip(*padded, strict=True))


def human_size(size_bytes: int) -> str:
    """``512 B``, ``1.4 KiB``, ``12 MiB``: three significant digits at most."""
    value = float(size_bytes)
    units = iter(_UNITS)
    unit = next(units)
    # 999.5 would be written as 1000, a fourth digit.
    while value >= 999.5 and unit != _UNITS[-1]:
        value /= 1024
        unit = next(units)
    digits = 1 if value < 9.95 and unit != _UNITS[0] else 0
    return f"{value:.{digits}f} {unit}"


def human_duration(duration_s: float) -> str:
    """``0.2 s``, ``12 s``, ``3 min 05 s``, ``1 h 02 min``."""
    if duration_s < 9.95:
        return f"{duration_s:.1f} s"
    seconds = round(duration_s)
    if seconds < _MINUTE_S:
        return f"{seconds} s"
    if seconds < _HOUR_S:
        return f"{seconds // _MINUTE_S} min {seconds % _MINUTE_S:02d} s"
    return f"{seconds // _HOUR_S} h {seconds % _HOUR_S // _MINUTE_S:02d} min"


def relative_time(then: datetime, *, now: datetime) -> str:
    """``just now``, ``5 min ago``, ``3 h ago``, ``2 days ago``, or the date when that is more than 30 days off.

    Both times are aware. A future time, which a clock that goes wrong makes, reads as ``in 5 min``.
    """
    age_s = round((now - then).total_seconds())
    distance_s = abs(age_s)
    if distance_s < _MINUTE_S:
        return "just now"
    if distance_s > _DATE_AFTER_S:
        return f"{then:%Y-%m-%d}"
    if distance_s < _HOUR_S:
        text = f"{distance_s // _MINUTE_S} min"
    elif distance_s < _DAY_S:
        text = f"{distance_s // _HOUR_S} h"
    else:
        days = distance_s // _DAY_S
        text = f"{days} day{'s' if days > 1 else ''}"
    return f"{text} ago" if age_s > 0 else f"in {text}"


def short_digest(digest: str) -> str:
    """The first twelve characters, as git shortens its own."""
    return digest[:_DIGEST_CHARACTERS]
