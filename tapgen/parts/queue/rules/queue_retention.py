"""A queue keeps messages as long as it is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.made import made
from tapgen.parts.queue.model import Queue

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates

_DAY_S = 24 * 3600


def _find(templates: Templates) -> Found:
    for part, queue in made(templates, Queue, "AWS::SQS::Queue", name_property="QueueName"):
        days = templates.environment.queues[part.name].retention_days
        yield from differences(queue, {"MessageRetentionPeriod": days * _DAY_S})


RULE = Rule(
    id="queue-retention",
    holds="A queue keeps messages as long as `queues.<name>.retention_days` says.",
    why="Messages are gone before anybody has looked at them.",
    source="SQS API reference, SetQueueAttributes, MessageRetentionPeriod",
    severity="warning",
    find=_find,
)
