"""A rule's events as a function's event source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.parts.names import physical_name
from tapgen.parts.rule.targets import Delivery, add_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.function.model import Function
    from tapgen.parts.part import Verb
    from tapgen.parts.rule.model import Events, Rule


def add_source(stack: Stack, context: Context, function: Function, source: Events, *, alias: Any) -> None:
    """The rule, with the function as its target."""
    part: Rule = source.part  # type: ignore[assignment]  # events are a rule's
    delivery = Delivery(
        name=physical_name(context.names, part),
        pattern=part.pattern,
        description=f"{part.name} for {function.name} of {context.names.deployment}",
        bus_name=physical_name(context.names, part.bus) if part.bus else "",
        retries=source.retries,
        maximum_age_s=source.maximum_age_s,
        on_failure=source.on_failure,
    )
    add_rule(stack, context, source.logical_id or f"{part.logical_id}Rule", delivery, alias=alias)


def needed_verbs(source: Events) -> Iterator[Verb]:  # noqa: ARG001 - as for all kinds
    """None: EventBridge invokes the function by the function's own policy."""
    yield from ()
