"""What EventBridge must have to deliver events to a function: for the rules of all kinds that it serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, differences, same
from tapgen.parts.function.rules.aliases import invokes
from tapgen.parts.made import refers_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.elements.templates import Resource, Templates
    from tapgen.parts.function.model import Function
    from tapgen.parts.queue.model import Queue


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a service asks of EventBridge for one source of events."""

    pattern: Mapping[str, Any]
    on_failure: Queue | None
    bus: str | None = None
    """The bus' name; None for the account's default bus."""
    retries: int = 185
    maximum_age_s: int = 86400


def judge_delivery(templates: Templates, function: Function, wanted: Wanted, *, alias: Resource | None) -> Found:
    """Where the events of a pattern do not reach the live alias as the service asks for."""
    if alias is None:
        return
    fitting = [
        rule
        for rule in templates.of_type("AWS::Events::Rule")
        if same(rule.get("EventPattern"), wanted.pattern) and invokes(templates, rule, "Targets.0.Arn", alias=alias)
    ]
    if not fitting:
        yield alias, f"no rule brings {function.label} the events {dict(wanted.pattern)}"
    for rule in fitting:
        properties = {
            "State": "ENABLED",
            "EventBusName": wanted.bus,
            "Targets.0.RetryPolicy.MaximumRetryAttempts": wanted.retries,
            "Targets.0.RetryPolicy.MaximumEventAgeInSeconds": wanted.maximum_age_s,
        }
        yield from differences(rule, properties)
        letters = rule.get("Targets.0.DeadLetterConfig.Arn")
        if wanted.on_failure and not refers_to(templates, rule.stack, letters, part=wanted.on_failure):
            yield rule, f"does not keep in {wanted.on_failure.label} what could not be delivered"
        yield from _judge_permission(templates, rule, alias)


def _judge_permission(templates: Templates, rule: Resource, alias: Resource) -> Found:
    for permission in templates.of_type("AWS::Lambda::Permission"):
        source = templates.trace(permission.stack, permission.get("SourceArn"))
        if (
            source
            and str(source.resource) == str(rule)
            and source.attribute == "Arn"
            and invokes(templates, permission, "FunctionName", alias=alias)
            and permission.get("Principal") == "events.amazonaws.com"
            and permission.get("Action") == "lambda:InvokeFunction"
        ):
            return
    yield rule, "may not invoke its target: the alias has no permission for it"
