"""The statistic PR(low:high): which share of a period's values lies between two bounds, in percent.

Source: CloudWatch User Guide, "CloudWatch statistics definitions": the lower bound is exclusive, the upper one
inclusive, either may be left out. MiniStack knows no such statistic and takes it for the average.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from ministack.services import cloudwatch

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tapgen.local.extension.settings import Settings

_MODULE = "ministack.services.cloudwatch"
_STAT_VALUE = Seam(
    module=_MODULE,
    attribute="_stat_value",
    parameters=("stats", "stat_name", "points"),
    gap="takes a percentile rank for the average",
)
SEAMS = (
    _STAT_VALUE,
    Seam(module=_MODULE, attribute="_percentile_samples", parameters=("points",), gap="called only: weighted values"),
)
_RANK = re.compile(r"PR\((?P<low>[\d.]*):(?P<high>[\d.]*)\)")


def install(settings: Settings) -> None:
    """Know percentile ranks, for alarms and for queries."""
    del settings
    replace(_STAT_VALUE, _with_ranks(original(_STAT_VALUE)))


def rank(samples: Iterable[tuple[float, float]], *, above: float, up_to: float) -> float:
    """The share of the weight of ``(value, weight)`` samples in a range, in percent."""
    known = list(samples)
    inside = sum(weight for value, weight in known if above < value <= up_to)
    return 100.0 * inside / sum(weight for _, weight in known)


def _with_ranks(stat_value: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(stat_value)
    def with_ranks(stats: Any, stat_name: Any, points: Any = None) -> Any:
        match = _RANK.fullmatch(str(stat_name))
        if not match:
            return stat_value(stats, stat_name, points)
        # Like percentiles, ranks need the values themselves, not sets of statistics.
        samples = cloudwatch._percentile_samples(points or [])  # noqa: SLF001 - a seam
        if not samples:
            return None
        low, high = match["low"], match["high"]
        return rank(samples, above=float(low) if low else -1.0, up_to=float(high) if high else float("inf"))

    return with_ranks
