"""A queue's messages as a function's event source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from troposphere import Tags
from troposphere.awslambda import EventSourceMapping, Filter, FilterCriteria, ScalingConfig

from tapgen.parts.names import refer
from tapgen.parts.part import Verb
from tapgen.parts.queue import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.function.model import Function
    from tapgen.parts.queue.model import Messages, Queue

POLLER = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
"""What Lambda's poller does with the function's role (Lambda developer guide, "SQS", execution role permissions)."""


class QueueScaling(ScalingConfig):  # type: ignore[misc]  # troposphere has no type information
    """``ScalingConfig`` of an event source: troposphere 4.11 has given the name to another property as well."""

    props: ClassVar[dict[str, Any]] = {"MaximumConcurrency": (int, False)}


def add_source(stack: Stack, context: Context, function: Function, source: Messages, *, alias: Any) -> None:
    """The queue feeds the live alias; a message that fails is told by itself, not with its batch."""
    optional: dict[str, Any] = {}
    if source.filters:
        optional["FilterCriteria"] = FilterCriteria(Filters=[Filter(Pattern=pattern) for pattern in source.filters])
    if source.maximum_concurrency:
        optional["ScalingConfig"] = QueueScaling(MaximumConcurrency=source.maximum_concurrency)
    if source.window_s:
        optional["MaximumBatchingWindowInSeconds"] = source.window_s
    stack.add(
        EventSourceMapping(
            source.logical_id or f"{function.logical_id}{source.part.logical_id}Source",
            EventSourceArn=_arn(stack, context, source.part),  # type: ignore[arg-type]  # messages are a queue's
            FunctionName=alias.ref(),
            BatchSize=source.batch,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            Tags=Tags(**context.tags),
            **optional,
        )
    )


def _arn(stack: Stack, context: Context, part: Queue) -> Any:
    return refer(context.names, part) if part.existing_arn else stack.take(values.arn(part))


def needed_verbs(source: Messages) -> Iterator[Verb]:
    """What the function's role needs to have its messages read."""
    yield Verb(part=source.part, name="messages", actions=POLLER, variables=False)
