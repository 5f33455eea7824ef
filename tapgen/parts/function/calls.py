"""What becomes of asynchronous invocations of a function's live alias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere.awslambda import DestinationConfig, EventInvokeConfig, OnFailure, OnSuccess

from tapgen.naming import LIVE_ALIAS
from tapgen.parts.names import refer
from tapgen.parts.part import Verb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.function.model import Function

# What Lambda does with the function's role for each kind of destination (Lambda developer guide, "destinations").
_DELIVER = {
    "queue": "sqs:SendMessage",
    "topic": "sns:Publish",
    "event bus": "events:PutEvents",
    "function": "lambda:InvokeFunction",
}


def add_calls(stack: Stack, context: Context, part: Function, *, alias: Any) -> None:
    """Retries and destinations of the alias; nothing where the user says nothing."""
    calls = part.calls
    if calls is None:
        return
    found: dict[str, Any] = {}
    if calls.on_success:
        found["OnSuccess"] = OnSuccess(Destination=refer(context.names, calls.on_success))
    if calls.on_failure:
        found["OnFailure"] = OnFailure(Destination=refer(context.names, calls.on_failure))
    stack.add(
        EventInvokeConfig(
            f"{part.logical_id}Calls",
            FunctionName=context.names.function(part.name),
            Qualifier=LIVE_ALIAS,
            MaximumRetryAttempts=calls.retries,
            MaximumEventAgeInSeconds=calls.maximum_age_s,
            DependsOn=[alias.title],
            **({"DestinationConfig": DestinationConfig(**found)} if found else {}),
        )
    )


def needed_verbs(part: Function) -> Iterator[Verb]:
    """What the function's role needs for its destinations."""
    calls = part.calls
    for destination in (calls.on_success, calls.on_failure) if calls else ():
        if destination:
            yield Verb(part=destination, name="deliver", actions=(_DELIVER[destination.kind],), variables=False)
