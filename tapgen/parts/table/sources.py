"""A table's stream as a function's event source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import Tags
from troposphere.awslambda import DestinationConfig, EventSourceMapping, Filter, FilterCriteria, OnFailure
from troposphere.iam import PolicyType

from tapgen.iam import statements
from tapgen.iam.roles import document
from tapgen.parts.names import refer
from tapgen.parts.part import Verb
from tapgen.parts.registry import kind_of
from tapgen.parts.table import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.function.model import Function
    from tapgen.parts.part import Part
    from tapgen.parts.table.model import Changes

# What Lambda does with the function's role for a batch that failed for good (Lambda developer guide, "DynamoDB").
_TELL = {"queue": "sqs:SendMessage", "topic": "sns:Publish"}


def add_source(stack: Stack, context: Context, function: Function, source: Changes, *, alias: Any) -> None:
    """The stream feeds the live alias; what cannot be handled goes to the source's ``on_failure``."""
    stream_arn = stack.take(values.stream_arn(source.part))  # type: ignore[arg-type]  # changes are a table's
    read = stack.add(
        PolicyType(
            f"{function.logical_id}ReadsStream",
            Roles=[context.names.function_role(function.name)],
            # Apart from the role: a stream's ARN holds the moment of its creation, so only the data stack knows it.
            PolicyName="stream",
            PolicyDocument=document(statements.read_stream(stream_arn)),
        )
    )
    optional: dict[str, Any] = {}
    if source.on_failure:
        destination = OnFailure(Destination=_arn_of_failures(stack, context, source.on_failure))
        optional["DestinationConfig"] = DestinationConfig(OnFailure=destination)
    if source.filters:
        optional["FilterCriteria"] = FilterCriteria(Filters=[Filter(Pattern=pattern) for pattern in source.filters])
    if source.parallelization > 1:
        optional["ParallelizationFactor"] = source.parallelization
    stack.add(
        EventSourceMapping(
            source.logical_id or f"{function.logical_id}{source.part.logical_id}Source",
            # Lambda checks the role's permissions when the mapping is made.
            DependsOn=[read.title],
            EventSourceArn=stream_arn,
            FunctionName=alias.ref(),
            BatchSize=source.batch,
            MaximumBatchingWindowInSeconds=source.window_s,
            StartingPosition=source.starting_position,
            BisectBatchOnFunctionError=True,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            MaximumRetryAttempts=source.retries,
            Tags=Tags(**context.tags),
            **optional,
        )
    )


def needed_verbs(source: Changes) -> Iterator[Verb]:
    """What the function's role needs besides reading the stream: to write what could not be handled."""
    if source.on_failure:
        actions = (_TELL[source.on_failure.kind],)
        yield Verb(part=source.on_failure, name="deliver", actions=actions, variables=False)


def _arn_of_failures(stack: Stack, context: Context, part: Part) -> Any:
    if part.existing_arn:
        return refer(context.names, part)
    return stack.take(kind_of(part).require("values").arn(part))
