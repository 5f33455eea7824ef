"""An event rule as a user writes it, and its events as an event source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from tapgen.parts.faults import check_range
from tapgen.parts.part import Part
from tapgen.parts.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.parts.bus.model import Bus
    from tapgen.parts.queue.model import Queue


@dataclass(frozen=True, kw_only=True)
class Rule(Part):
    """Events of a bus that fit a pattern."""

    kind: ClassVar[str] = "event rule"

    pattern: Mapping[str, Any] = field(hash=False)
    """As EventBridge takes it: ``{"source": ["orders"], "detail-type": ["placed"]}``."""
    bus: Bus | None = None
    """None is the account's default bus."""

    def events(
        self,
        *,
        retries: int = 185,
        maximum_age_s: int = 86400,
        on_failure: Queue | None = None,
        logical_id: str | None = None,
    ) -> Events:
        """The rule's events as an event source.

        Args:
            retries: How often EventBridge tries to deliver (0 to 185).
            maximum_age_s: Seconds after which it gives up (60 to 86,400).
            on_failure: A queue for events that could not be delivered.
            logical_id: Of the rule, for a deployed stack that has another.
        """
        check_range("retries", retries, 0, 185)
        check_range("maximum_age_s", maximum_age_s, 60, 86_400)
        return Events(
            part=self, retries=retries, maximum_age_s=maximum_age_s, on_failure=on_failure, logical_id=logical_id
        )


@dataclass(frozen=True, kw_only=True)
class Events(Source):
    """The events of a rule: EventBridge invokes the function."""

    what: ClassVar[str] = "events"

    retries: int
    maximum_age_s: int
    on_failure: Queue | None


PART = Rule
