"""A topic's notifications as a function's event source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere.awslambda import Permission
from troposphere.sns import SubscriptionResource

from tapgen.parts.names import refer
from tapgen.parts.topic import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.function.model import Function
    from tapgen.parts.part import Verb
    from tapgen.parts.topic.model import Notifications, Topic


def add_source(stack: Stack, context: Context, function: Function, source: Notifications, *, alias: Any) -> None:
    """SNS may invoke the live alias for this topic, and does so for what fits the filter."""
    part: Topic = source.part  # type: ignore[assignment]  # notifications are a topic's
    topic = refer(context.names, part) if part.existing_arn else stack.take(values.arn(part))
    base = source.logical_id or f"{function.logical_id}{part.logical_id}Source"
    permission = stack.add(
        Permission(
            f"{base}Permission",
            FunctionName=alias.ref(),
            Action="lambda:InvokeFunction",
            Principal="sns.amazonaws.com",
            SourceArn=topic,
        )
    )
    optional: dict[str, Any] = {}
    if source.filter_policy:
        optional["FilterPolicy"] = dict(source.filter_policy)
    if source.on_failure:
        optional["RedrivePolicy"] = {"deadLetterTargetArn": refer(context.names, source.on_failure)}
    stack.add(
        SubscriptionResource(
            base, TopicArn=topic, Protocol="lambda", Endpoint=alias.ref(), DependsOn=[permission.title], **optional
        )
    )


def needed_verbs(source: Notifications) -> Iterator[Verb]:  # noqa: ARG001 - as for all kinds
    """None: SNS invokes the function by the function's own policy."""
    yield from ()
