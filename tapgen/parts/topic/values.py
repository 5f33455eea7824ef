"""What of a topic crosses a stack's border."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.wiring import TOPIC, Value

if TYPE_CHECKING:
    from tapgen.parts.topic.model import Topic


def arn(part: Topic) -> Value:
    """The topic's ARN."""
    return Value(f"{part.logical_id}Arn", f"ARN of the {part.name} topic", TOPIC, derivable=True)
