"""An event bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import Tags
from troposphere.events import EventBus

from tapgen.parts.names import physical_name

if TYPE_CHECKING:
    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.bus.model import Bus


def build(stack: Stack, context: Context, part: Bus) -> None:
    """The bus; an event that no rule takes is gone, so that nothing is kept."""
    stack.add(EventBus(part.logical_id, Name=physical_name(context.names, part), Tags=Tags(**context.tags)))
