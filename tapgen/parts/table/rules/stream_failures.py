"""A batch of a stream that fails is halved, told by record, tried again and kept, as the service says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.made import refers_to
from tapgen.parts.table.rules.mappings import stream_mappings

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates
    from tapgen.parts.table.model import Changes

_FAILURES = "DestinationConfig.OnFailure.Destination"


def _find(templates: Templates) -> Found:
    for _, source, mapping in stream_mappings(templates):
        if mapping is None:
            continue
        yield from differences(mapping, _wanted(source))
        destination = mapping.get(_FAILURES)
        if source.on_failure is None and destination is not None:
            yield mapping, f"tells {destination} of what fails, which the service does not say"
        elif source.on_failure and not refers_to(templates, mapping.stack, destination, part=source.on_failure):
            yield mapping, f"does not tell {source.on_failure.label} of what fails"


def _wanted(source: Changes) -> dict[str, Any]:
    return {
        "BisectBatchOnFunctionError": True,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumRetryAttempts": source.retries,
        "BatchSize": source.batch,
        "MaximumBatchingWindowInSeconds": source.window_s,
        "ParallelizationFactor": source.parallelization if source.parallelization > 1 else None,
        "FilterCriteria": {"Filters": [{"Pattern": item} for item in source.filters]} if source.filters else None,
    }


RULE = Rule(
    id="stream-failures",
    holds="A batch of a stream is as large as the service says; one that fails is halved and told by record, is "
    "tried as often as the service says, and goes to its queue or topic of failures.",
    why="One record that cannot be handled stops its shard for a day and takes the records behind it along; "
    "without a destination they are lost then.",
    source='Lambda developer guide, "Using Lambda with DynamoDB", error handling',
    find=_find,
)
