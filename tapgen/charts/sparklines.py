"""A series as one line of text, for terminals. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
"""From the least to the most."""
MISSING = "·"
"""Where there is no value."""


def draw(values: Sequence[float | None], *, high: float | None = None) -> str:
    """One character for each value: blocks from 0 to the greatest, a dot where there is none.

    Args:
        values: The oldest first.
        high: What fills a block whole; the greatest value when None.
    """
    known = [value for value in values if value is not None]
    top = max(known, default=0.0) if high is None else high
    return "".join(MISSING if value is None else _block(value, top) for value in values)


def gather(
    points: Sequence[tuple[float, float]],
    *,
    start: float,
    end: float,
    width: int,
    combine: Callable[[Sequence[float]], float],
) -> list[float | None]:
    """Values for ``width`` columns of equal length in time.

    Args:
        points: Moment and value.
        start: Where the first column begins, in seconds.
        end: Where the last one ends; points outside are left out.
        width: How many columns.
        combine: What a column with several points shows: ``sum``, ``max`` …
    """
    columns: list[list[float]] = [[] for _ in range(width)]
    for moment, value in points:
        if start <= moment < end:
            columns[min(width - 1, int((moment - start) / (end - start) * width))].append(value)
    return [combine(column) if column else None for column in columns]


def _block(value: float, top: float) -> str:
    if top <= 0 or value <= 0:
        return BLOCKS[0]
    return BLOCKS[min(len(BLOCKS) - 1, int(value / top * (len(BLOCKS) - 1) + 0.5))]
