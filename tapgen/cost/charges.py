"""What a rule answers: so many units of a price, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One item that AWS bills for a resource."""

    item: str
    """``duration``, ``alarm`` …"""
    price: str
    """Name in the price table."""
    quantity: float
    """Units in a month."""
    formula: str
    """How the quantity comes about, in words."""
    fixed: bool = False
    """True when it is asked for whatever the traffic."""
