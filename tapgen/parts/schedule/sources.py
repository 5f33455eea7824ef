"""A schedule that invokes a function's live alias."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from troposphere.scheduler import DeadLetterConfig, FlexibleTimeWindow, RetryPolicy, Schedule, Target

from tapgen.parts.names import physical_name, refer
from tapgen.parts.schedule import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.function.model import Function
    from tapgen.parts.part import Verb
    from tapgen.parts.schedule.model import Moments
    from tapgen.parts.schedule.model import Schedule as SchedulePart


def add_source(stack: Stack, context: Context, function: Function, source: Moments, *, alias: Any) -> None:
    """The schedule, with the function's alias as its target."""
    part: SchedulePart = source.part  # type: ignore[assignment]  # moments are a schedule's
    attempts, optional = part.attempts, {}
    if part.payload is not None:
        optional["Input"] = json.dumps(part.payload, sort_keys=True)
    if attempts.on_failure:
        optional["DeadLetterConfig"] = DeadLetterConfig(Arn=refer(context.names, attempts.on_failure))
    retry = RetryPolicy(MaximumRetryAttempts=attempts.retries, MaximumEventAgeInSeconds=attempts.maximum_age_s)
    stack.add(
        Schedule(
            source.logical_id or part.logical_id,
            Name=physical_name(context.names, part),
            Description=f"Invokes {function.name} of {context.names.deployment}",
            ScheduleExpression=part.expression,
            ScheduleExpressionTimezone=part.timezone,
            FlexibleTimeWindow=FlexibleTimeWindow(Mode="OFF"),
            State="ENABLED",
            Target=Target(Arn=alias.ref(), RoleArn=stack.take(values.role_arn(part)), RetryPolicy=retry, **optional),
        )
    )


def needed_verbs(source: Moments) -> Iterator[Verb]:  # noqa: ARG001 - as for all kinds
    """None: the schedule has a role of its own."""
    yield from ()
