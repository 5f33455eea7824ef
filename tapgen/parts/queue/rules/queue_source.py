"""The messages of a queue reach the function that the service says, and one that fails fails alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.function.rules.aliases import invokes, live_aliases, sources
from tapgen.parts.made import refers_to
from tapgen.parts.queue.model import Messages

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates

# What Lambda's poller does (Lambda developer guide, "Using Lambda with Amazon SQS", execution role permissions).
POLLER = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")


def _find(templates: Templates) -> Found:
    aliases = live_aliases(templates)
    mappings = list(templates.of_type("AWS::Lambda::EventSourceMapping"))
    for function, source in sources(templates, Messages):
        alias = aliases.get(function.name)
        if alias is None:
            continue
        fitting = [
            item
            for item in mappings
            if invokes(templates, item, "FunctionName", alias=alias)
            and refers_to(templates, item.stack, item.get("EventSourceArn"), part=source.part)
        ]
        if not fitting:
            yield alias, f"nothing feeds {function.label} with {source.label}"
        for item in fitting:
            yield from differences(item, _wanted(source))


def _wanted(source: Messages) -> dict[str, Any]:
    return {
        "BatchSize": source.batch,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumBatchingWindowInSeconds": source.window_s or None,
        "ScalingConfig.MaximumConcurrency": source.maximum_concurrency,
        "FilterCriteria": {"Filters": [{"Pattern": item} for item in source.filters]} if source.filters else None,
        "Enabled": None,
    }


RULE = Rule(
    id="queue-source",
    holds="The messages of a queue reach the live alias of the function that reads it, in batches as the service "
    "says, and a message that fails is told by itself.",
    why="Without the report by message, one that fails brings its whole batch back, and all of it is handled twice.",
    source='Lambda developer guide, "Handling errors for an SQS event source in Lambda"',
    find=_find,
)
