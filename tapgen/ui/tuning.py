"""A function's memory sizes as a table, with what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.ui.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.telemetry.reports import SizeSeen
    from tapgen.telemetry.tuning import Advice

_HEADERS = ("memory", "invocations", "cold", "p50", "p90", "p99", "used at most", "a million cost")
_VERBS = {"change": "set", "try": "try", "keep": "keep", "unknown": "keep"}


@dataclass(frozen=True, kw_only=True)
class TuningLine:
    """The configuration line that holds a function's memory."""

    setting: str
    """``functions.api.memory_mb``, or what stands for it in ``defaults``."""
    place: str
    """``config/environments.yaml:31``."""


def tuning_page(
    role: str, sizes: Sequence[SizeSeen], advice: Advice, line: TuningLine, *, usd_per_gb_s: float
) -> Iterator[str]:
    """The lines of one function."""
    yield role
    if sizes:
        rows = [
            (
                f"{size.memory_mb} MB",
                f"{size.invocations:,}",
                f"{size.cold_starts:,}",
                f"{size.p50_ms:.0f} ms",
                f"{size.p90_ms:.0f} ms",
                f"{size.p99_ms:.0f} ms",
                f"{size.used_mb} MB" if size.used_mb else "unknown",
                f"${size.cost_usd(usd_per_gb_s):.2f}",
            )
            for size in sizes
        ]
        yield from (f"  {text}" for text in table(_HEADERS, rows, ">" * len(_HEADERS)).splitlines())
    yield f"  {_VERBS[advice.action]} functions.{role}.memory_mb: {advice.memory_mb}"
    yield f"    {advice.why}"
    yield f"    now {line.setting}, {line.place}"
