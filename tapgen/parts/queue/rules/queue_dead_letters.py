"""A message that fails so often goes where the service says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.made import made, refers_to
from tapgen.parts.queue.model import Queue

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for part, queue in made(templates, Queue, "AWS::SQS::Queue", name_property="QueueName"):
        receives = part.dead_letter_after if part.dead_letters else None
        yield from differences(queue, {"RedrivePolicy.maxReceiveCount": receives})
        target = queue.get("RedrivePolicy.deadLetterTargetArn")
        if part.dead_letters and not refers_to(templates, queue.stack, target, part=part.dead_letters):
            yield queue, f"does not put what fails aside in {part.dead_letters.label}"


RULE = Rule(
    id="queue-dead-letters",
    holds="A message that was received as often as the service says goes to the queue of dead letters that it says.",
    why="A message that cannot be handled comes back until it is too old, and is lost then.",
    source='SQS developer guide, "Using dead-letter queues"',
    find=_find,
)
