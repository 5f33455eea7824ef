"""A schedule invokes its function when the service says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule, differences, show
from tapgen.parts.function.rules.aliases import invokes, live_aliases, sources
from tapgen.parts.made import refers_to
from tapgen.parts.names import physical_name
from tapgen.parts.schedule.model import Moments, Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    aliases = live_aliases(templates)
    by_name = {item.get("Name"): item for item in templates.of_type("AWS::Scheduler::Schedule")}
    for function, source in sources(templates, Moments):
        part, alias = source.part, aliases.get(function.name)
        item = by_name.get(physical_name(templates.names, part))
        if alias is None or not isinstance(part, Schedule):
            continue
        if item is None:
            yield alias, f"nothing invokes {function.label} for {part.label}"
            continue
        yield from differences(item, _wanted(part))
        payload = item.get("Target.Input")
        if part.payload is not None and not _reads(payload, part.payload):
            yield item, f"Target.Input is {show(payload)}; {show(dict(part.payload))} is asked for"
        if not invokes(templates, item, "Target.Arn", alias=alias):
            yield item, f"does not invoke the live alias of {function.label}"
        letters, wanted = item.get("Target.DeadLetterConfig.Arn"), part.attempts.on_failure
        if wanted and not refers_to(templates, item.stack, letters, part=wanted):
            yield item, f"does not keep in {wanted.label} what was given up"


def _wanted(part: Schedule) -> dict[str, Any]:
    wanted = {
        "ScheduleExpression": part.expression,
        "ScheduleExpressionTimezone": part.timezone,
        "FlexibleTimeWindow.Mode": "OFF",
        "State": "ENABLED",
        "Target.RetryPolicy.MaximumRetryAttempts": part.attempts.retries,
        "Target.RetryPolicy.MaximumEventAgeInSeconds": part.attempts.maximum_age_s,
    }
    return wanted | ({"Target.Input": None} if part.payload is None else {})


def _reads(text: Any, payload: Mapping[str, Any]) -> bool:
    try:
        return bool(json.loads(text) == dict(payload))
    except (TypeError, ValueError):
        return False


RULE = Rule(
    id="schedule-moments",
    holds="A schedule is on, invokes the live alias of its function at the moments and in the time zone that the "
    "service says, with its payload, and keeps what it gave up.",
    why="A job that runs at another time, or not at all, is noticed when its result is missed.",
    source='EventBridge Scheduler user guide, "Schedule types" and "Configuring a dead-letter queue"',
    find=_find,
)
