"""A rule that invokes a function's live alias: of an event rule, and of a bucket's objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Tags
from troposphere.awslambda import Permission
from troposphere.events import DeadLetterConfig, RetryPolicy, Rule, Target

from tapgen.parts.names import refer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.queue.model import Queue


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Which events go to the function, and what becomes of those that do not arrive."""

    name: str
    """Of the rule, physical."""
    pattern: Mapping[str, Any]
    description: str
    bus_name: str = ""
    retries: int = 185
    maximum_age_s: int = 86400
    on_failure: Queue | None = None


def add_rule(stack: Stack, context: Context, logical_id: str, delivery: Delivery, *, alias: Any) -> None:
    """The rule, and the permission by which EventBridge may invoke the alias for this rule alone."""
    failures = delivery.on_failure
    optional = {"DeadLetterConfig": DeadLetterConfig(Arn=refer(context.names, failures))} if failures else {}
    retry = RetryPolicy(MaximumRetryAttempts=delivery.retries, MaximumEventAgeInSeconds=delivery.maximum_age_s)
    rule = stack.add(
        Rule(
            logical_id,
            Name=delivery.name,
            Description=delivery.description,
            EventPattern=dict(delivery.pattern),
            State="ENABLED",
            Targets=[Target(Id="live", Arn=alias.ref(), RetryPolicy=retry, **optional)],
            Tags=Tags(**context.tags),
            **({"EventBusName": delivery.bus_name} if delivery.bus_name else {}),
        )
    )
    stack.add(
        Permission(
            f"{logical_id}Permission",
            FunctionName=alias.ref(),
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=GetAtt(rule, "Arn"),
        )
    )
