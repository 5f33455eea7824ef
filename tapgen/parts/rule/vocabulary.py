"""How ``config/service.py`` writes an event rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.parts.collector import Collector
from tapgen.parts.faults import calling_place, tell
from tapgen.parts.part import pascal_case
from tapgen.parts.rule.model import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.parts.bus.model import Bus


class Rules(Collector):
    """Makes event rules."""

    def rule(
        self, name: str, *, pattern: Mapping[str, Any], bus: Bus | None = None, logical_id: str | None = None
    ) -> Rule:
        """Events that fit a pattern; ``rule.events()`` is their event source.

        Args:
            name: Of the rule, without the deployment's prefix.
            pattern: As EventBridge takes it: ``{"source": ["orders"], "detail-type": ["placed"]}``.
            bus: Of the service or of others; the account's default bus when left out.
            logical_id: Stem of the resource's id, for a deployed stack that has another.
        """
        if not pattern:
            tell(f"rule {name!r}: an empty pattern fits no event; say which events it takes")
        return self.add(
            Rule(
                name=name,
                logical_id=logical_id or pascal_case(name),
                pattern=dict(pattern),
                bus=bus,
                place=calling_place(),
            )
        )
