"""What of a queue crosses a stack's border."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.wiring import FIFO_QUEUE, QUEUE, URL, Value

if TYPE_CHECKING:
    from tapgen.parts.queue.model import Queue


def arn(part: Queue) -> Value:
    """The queue's ARN."""
    return Value(f"{part.logical_id}Arn", f"ARN of the {part.name} queue", FIFO_QUEUE if part.fifo else QUEUE)


def url(part: Queue) -> Value:
    """The queue's URL."""
    return Value(f"{part.logical_id}Url", f"URL of the {part.name} queue", URL, derivable=True)
