"""A message stays hidden for as long as its function may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.made import made
from tapgen.parts.queue.model import Queue

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates

# Lambda's advice for a queue that it reads: six times the function's timeout (Lambda developer guide, "SQS").
_TIMEOUTS = 6


def _find(templates: Templates) -> Found:
    for part, queue in made(templates, Queue, "AWS::SQS::Queue", name_property="QueueName"):
        environment = templates.environment
        configured = environment.queues[part.name].visibility_timeout_s
        timeouts_s = [environment.functions[item.name].timeout_s for item, _ in environment.service.consumers(part)]
        advised = max(timeouts_s) * _TIMEOUTS if timeouts_s else None
        yield from differences(queue, {"VisibilityTimeout": advised if configured is None else configured})


RULE = Rule(
    id="queue-visibility",
    holds="A received message stays hidden as long as `queues.<name>.visibility_timeout_s` says; without a "
    "setting, six times the timeout of the function that reads it.",
    why="A message comes back while it is still handled, and is handled twice.",
    source='Lambda developer guide, "Using Lambda with Amazon SQS", configuring a queue',
    find=_find,
)
