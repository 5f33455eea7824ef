"""How ``config/service.py`` writes an event bus."""

from __future__ import annotations

from tapgen.parts.bus.model import Bus
from tapgen.parts.collector import Collector
from tapgen.parts.faults import calling_place
from tapgen.parts.part import pascal_case, upper_case


class Buses(Collector):
    """Makes event buses."""

    def bus(self, name: str, *, variable: str | None = None, logical_id: str | None = None) -> Bus:
        """An event bus of the service's own; the variable that a grant brings is ``ORDERS_BUS``."""
        return self.add(
            Bus(
                name=name,
                logical_id=logical_id or f"{pascal_case(name)}Bus",
                variable=variable or f"{upper_case(name)}_BUS",
                place=calling_place(),
            )
        )
