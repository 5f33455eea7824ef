"""A queue's messages as a function's event source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import Tags
from troposphere.awslambda import EventSourceMapping, Filter, FilterCriteria, ScalingConfig

from tapgen.parts.part import Verb
from tapgen.parts.queue import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.function.model import Function
    from tapgen.parts.queue.model import Messages

POLLER = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
"""What Lambda's poller does with the function's role (Lambda developer guide, "SQS", execution role permissions)."""


def add_source(stack: Stack, context: Context, function: Function, source: Messages, *, alias: Any) -> None:
    """The queue feeds the live alias; a message that fails is told by itself, not with its batch."""
    optional: dict[str, Any] = {}
    if source.filters:
        optional["FilterCriteria"] = FilterCriteria(Filters=[Filter(Pattern=pattern) for pattern in source.filters])
    if source.maximum_concurrency:
        optional["ScalingConfig"] = ScalingConfig(MaximumConcurrency=source.maximum_concurrency)
    if source.window_s:
        optional["MaximumBatchingWindowInSeconds"] = source.window_s
    stack.add(
        EventSourceMapping(
            source.logical_id or f"{function.logical_id}{source.part.logical_id}Source",
            EventSourceArn=stack.take(values.arn(source.part)),  # type: ignore[arg-type]  # messages are a queue's
            FunctionName=alias.ref(),
            BatchSize=source.batch,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            Tags=Tags(**context.tags),
            **optional,
        )
    )


def needed_verbs(source: Messages) -> Iterator[Verb]:
    """What the function's role needs to have its messages read."""
    yield Verb(part=source.part, name="messages", actions=POLLER, variables=False)
