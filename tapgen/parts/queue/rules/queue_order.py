"""A queue keeps the order where the service says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.made import made
from tapgen.parts.queue.model import Queue

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for part, queue in made(templates, Queue, "AWS::SQS::Queue", name_property="QueueName"):
        wanted = True if part.fifo else None
        yield from differences(queue, {"FifoQueue": wanted, "ContentBasedDeduplication": wanted})


RULE = Rule(
    id="queue-order",
    holds="A queue is FIFO, and finds duplicates by content, exactly where the service says so.",
    why="Another kind of queue replaces it and loses its messages; messages without a deduplication id are refused.",
    source='SQS developer guide, "FIFO queue delivery logic"',
    find=_find,
)
