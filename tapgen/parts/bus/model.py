"""An event bus as a user writes it, and its verb."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tapgen.parts.part import Part, Verb


@dataclass(frozen=True, kw_only=True)
class Bus(Part):
    """An EventBridge event bus of the service's own."""

    kind: ClassVar[str] = "event bus"

    variable: str

    @property
    def put(self) -> Verb:
        """Put events."""
        return Verb(part=self, name="put", actions=("events:PutEvents",))


PART = Bus
