"""What two releases cost whatever their traffic, compared. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.cost.estimate import estimate
from tapgen.cost.resources import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tapgen.cost.prices import Prices
    from tapgen.model import RenderedTemplate

_CENT = 0.005


@dataclass(frozen=True, kw_only=True)
class ItemDelta:
    """One kind of item, over all resources."""

    item: str
    """``alarm``, ``dashboard`` …"""
    count: float
    """Units more; negative when there are fewer."""
    usd: float
    """More in a month."""


@dataclass(frozen=True, kw_only=True)
class CostDelta:
    """From one release to another."""

    usd: float
    """More in a month; negative when it costs less."""
    items: tuple[ItemDelta, ...]
    """The largest difference first."""

    def __bool__(self) -> bool:
        """False when nothing worth a cent differs."""
        return any(abs(item.usd) >= _CENT for item in self.items)


def compare_fixed(before: Iterable[RenderedTemplate], after: Iterable[RenderedTemplate], prices: Prices) -> CostDelta:
    """The fixed parts alone: what traffic costs is the same question before and after."""
    old, new = _fixed(before, prices), _fixed(after, prices)
    nothing = (0.0, 0.0)
    items = [
        ItemDelta(
            item=item,
            count=new.get(item, nothing)[0] - old.get(item, nothing)[0],
            usd=new.get(item, nothing)[1] - old.get(item, nothing)[1],
        )
        for item in sorted({*old, *new})
    ]
    changed = sorted((item for item in items if abs(item.usd) >= _CENT), key=lambda item: -abs(item.usd))
    return CostDelta(usd=sum(item.usd for item in changed), items=tuple(changed))


def _fixed(templates: Iterable[RenderedTemplate], prices: Prices) -> dict[str, tuple[float, float]]:
    """(units, USD a month) by item."""
    found: defaultdict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    for line in estimate(templates, prices, Usage()).lines:
        if line.charge.fixed:
            count, usd = found[line.charge.item]
            found[line.charge.item] = (count + line.charge.quantity, usd + line.usd)
    return dict(found)
