"""The price table: what AWS asks for a unit in a region, and where that is written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Price:
    """A unit's price in one region."""

    name: str
    unit: str
    source: str
    """The page that has the last word."""
    region: str
    """Where it is asked for; not the region that was wanted when that one's is not known."""
    tiers: tuple[tuple[float | None, float], ...]
    """(units in a month up to which it holds, USD a unit); the last one is open."""

    @property
    def first_usd(self) -> float:
        """A unit in the first tier."""
        return self.tiers[0][1]

    def cost_usd(self, quantity: float) -> float:
        """So many units in one month, tier by tier."""
        total = taken = 0.0
        for limit, usd in self.tiers:
            if limit is None or quantity <= limit:
                return total + (quantity - taken) * usd
            total += (limit - taken) * usd
            taken = limit
        return total


@dataclass(frozen=True, kw_only=True)
class Prices:
    """The table as it holds for one region."""

    as_of: date
    region: str
    """That was asked for."""
    by_name: Mapping[str, Price]

    @property
    def borrowed(self) -> tuple[str, ...]:
        """Names of the prices that are another region's, because the region's own are not known."""
        return tuple(name for name, price in self.by_name.items() if price.region != self.region)


def load_prices(region: str) -> Prices:
    """The prices of a region; where one is not known, the default region's, marked as such."""
    document = _read_table()
    fallback = str(document["default_region"])
    return Prices(
        as_of=date.fromisoformat(document["date"]),
        region=region,
        by_name={name: _price(name, entry, region, fallback) for name, entry in document["prices"].items()},
    )


def _price(name: str, entry: Mapping[str, Any], region: str, fallback: str) -> Price:
    found = region if region in entry["usd"] else fallback
    value = entry["usd"][found]
    tiers = tuple((limit, usd) for limit, usd in value) if isinstance(value, list) else ((None, value),)
    return Price(name=name, unit=entry["unit"], source=entry["source"], region=found, tiers=tiers)


@cache
def _read_table() -> dict[str, Any]:
    text = resources.files("tapgen.cost").joinpath("prices.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
