"""Which memory size a function should have, from the sizes that were seen. Pure.

Lambda gives CPU in proportion to memory (Lambda developer guide, "Configure Lambda function memory"): a smaller size
may be slower and no cheaper, and only figures tell. Nothing is concluded about a size that was not seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.telemetry.reports import SizeSeen

MINIMUM_INVOCATIONS = 100
"""Of a size, before its figures count; below, one slow call is a percentile."""
MARGIN = 1.3
"""How much more memory than was ever used a recommendation leaves: 30 %."""
TOLERANCE = 1.1
"""How much dearer than the cheapest a size may be if it is faster: 10 %."""
_STEP_MB = 64
_SMALLEST_MB, _LARGEST_MB = 128, 10_240


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What to do about one function."""

    action: Literal["change", "keep", "try", "unknown"]
    """``try`` is a suggestion that the figures do not prove."""
    memory_mb: int
    """Recommended, or as it is."""
    floor_mb: int | None
    """The smallest that leaves the margin; None while the memory in use is not known."""
    why: str


def advise(sizes: Sequence[SizeSeen], *, configured_mb: int, usd_per_gb_s: float) -> Advice:
    """Weigh the sizes that were seen often enough: the cheapest, or a faster one that is hardly dearer."""
    trusted = [size for size in sizes if size.invocations >= MINIMUM_INVOCATIONS]
    floor_mb = find_floor(sizes)
    if not trusted:
        most = max((size.invocations for size in sizes), default=0)
        why = (
            f"{most} successful invocations at one size at most; {MINIMUM_INVOCATIONS} are the least that say anything"
        )
        return Advice(action="unknown", memory_mb=configured_mb, floor_mb=floor_mb, why=why)
    if floor_mb is not None and configured_mb < floor_mb:
        used = max(size.used_mb for size in sizes)
        why = f"{used} MB were used; {configured_mb} MB leave less than {MARGIN - 1:.0%} above that"
        return Advice(action="change", memory_mb=floor_mb, floor_mb=floor_mb, why=why)
    if len(trusted) == 1:
        return _advise_on_one(trusted[0], configured_mb=configured_mb, floor_mb=floor_mb)
    allowed = [size for size in trusted if floor_mb is not None and size.memory_mb >= floor_mb]
    # Without the memory in use nobody knows how small is too small; what is configured is enough as far as one sees.
    allowed = allowed or [size for size in trusted if size.memory_mb >= configured_mb]
    if not allowed:
        why = f"none of the sizes seen leaves {MARGIN - 1:.0%} above the memory in use"
        return Advice(action="keep", memory_mb=configured_mb, floor_mb=floor_mb, why=why)
    return _advise_on_many(allowed, configured_mb=configured_mb, floor_mb=floor_mb, usd_per_gb_s=usd_per_gb_s)


def find_floor(sizes: Sequence[SizeSeen]) -> int | None:
    """The smallest size that leaves the margin above all that was used, in steps of 64 MB; None when nobody knows."""
    used = max((size.used_mb for size in sizes), default=0)
    if not used:
        return None
    stepped = math.ceil(used * MARGIN / _STEP_MB) * _STEP_MB
    return min(_LARGEST_MB, max(_SMALLEST_MB, stepped))


def _advise_on_one(size: SizeSeen, *, configured_mb: int, floor_mb: int | None) -> Advice:
    """One size says how much memory is used, and nothing of the speed at another."""
    half = max(_SMALLEST_MB, size.memory_mb // 2)
    if floor_mb is not None and floor_mb <= half < size.memory_mb:
        why = (
            f"only {size.memory_mb} MB were seen, and {size.used_mb} MB used: {half} MB would do; it is cheaper if an "
            f"invocation takes less than twice as long there, which only trying tells"
        )
        return Advice(action="try", memory_mb=half, floor_mb=floor_mb, why=why)
    why = f"only {size.memory_mb} MB were seen often enough: nothing can be said of another size"
    if floor_mb is None:
        why += ", and the reports do not say how much memory was used"
    return Advice(action="keep", memory_mb=configured_mb, floor_mb=floor_mb, why=why)


def _advise_on_many(
    allowed: Sequence[SizeSeen], *, configured_mb: int, floor_mb: int | None, usd_per_gb_s: float
) -> Advice:
    cheapest = min(size.cost_usd(usd_per_gb_s) for size in allowed)
    near = [size for size in allowed if size.cost_usd(usd_per_gb_s) <= cheapest * TOLERANCE]
    best = min(near, key=lambda size: (size.p90_ms, size.memory_mb))
    cost = best.cost_usd(usd_per_gb_s)
    what = "the cheapest of the sizes seen" if cost == cheapest else f"{cost / cheapest - 1:.0%} above the cheapest"
    why = f"${cost:.2f} for a million invocations, {what}, with a p90 of {best.p90_ms:.0f} ms"
    action: Literal["keep", "change"] = "keep" if best.memory_mb == configured_mb else "change"
    return Advice(action=action, memory_mb=best.memory_mb, floor_mb=floor_mb, why=why)
