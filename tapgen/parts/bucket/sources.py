"""A bucket's new objects as a function's event source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.parts.names import physical_name
from tapgen.parts.rule.targets import Delivery, add_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.bucket.model import Objects
    from tapgen.parts.function.model import Function
    from tapgen.parts.part import Verb


def add_source(stack: Stack, context: Context, function: Function, source: Objects, *, alias: Any) -> None:
    """A rule on the default bus, where S3's events arrive."""
    keys = {"object": {"key": [{"wildcard": source.keys}]}} if source.keys != "*" else {}
    delivery = Delivery(
        name=context.names.name("rule", f"{function.name}-{source.part.name}"),
        pattern={
            "source": ["aws.s3"],
            "detail-type": ["Object Created"],
            "detail": {"bucket": {"name": [physical_name(context.names, source.part)]}, **keys},
        },
        description=f"New objects of {source.part.name} for {function.name} of {context.names.deployment}",
        on_failure=source.on_failure,
    )
    add_rule(
        stack,
        context,
        source.logical_id or f"{function.logical_id}{source.part.logical_id}Source",
        delivery,
        alias=alias,
    )


def needed_verbs(source: Objects) -> Iterator[Verb]:  # noqa: ARG001 - as for all kinds
    """None: EventBridge invokes the function by the function's own policy."""
    yield from ()
