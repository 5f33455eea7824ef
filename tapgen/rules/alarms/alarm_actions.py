"""An alarm calls the people of its severity, when it goes off and when it is over, itself or by a composite alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.policy_documents import as_text
from tapgen.elements.rule import Found, Rule, is_true, listed
from tapgen.rules.alarms.conditions import conditions, is_burn, is_guard, is_lasting, watched_by

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates


def _find(templates: Templates) -> Found:
    known = conditions(templates.environment)
    for alarm in templates.generated("AWS::CloudWatch::Alarm"):
        condition = known.get(watched_by(alarm))
        if is_guard(alarm) or condition is None:
            continue
        silent = condition.guarded or is_lasting(alarm, condition) or is_burn(alarm)
        yield from _judge(templates, alarm, None if silent else condition.severity)
    for composite in templates.generated("AWS::CloudWatch::CompositeAlarm"):
        if composite.properties.get("AlarmActions") or _is_first(templates, composite):
            yield from _judge(templates, composite, _severity(templates, composite))
        if not is_true(composite.properties.get("ActionsEnabled", True)):
            yield composite, "has its actions turned off"


def _is_first(templates: Templates, composite: Resource) -> bool:
    """Whether no other alarm stands over it: then it must call people itself."""
    name = f'"{composite.get("AlarmName")}"'
    return not any(name in str(other.get("AlarmRule")) for other in templates.of_type(composite.type))


def _severity(templates: Templates, composite: Resource) -> str:
    """What its description begins with; a warning where it says neither."""
    names = templates.names
    if composite.get("AlarmName") == names.alarm("escalation"):
        return "critical"
    if composite.get("AlarmName") == names.alarm("guarded-warnings"):
        return "warning"
    slo = templates.environment.slo
    burning = (
        [rate for rate in slo.burn_rates if _lasts(rate.long_min) in str(composite.get("AlarmName"))] if slo else []
    )
    return burning[0].severity if burning else "warning"


def _lasts(minutes: int) -> str:
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"-burn-{minutes // size}{unit}"
    return f"-burn-{minutes}m"


def _judge(templates: Templates, alarm: Resource, severity: str | None) -> Found:
    topic = templates.names.topic(severity) if severity else None
    for action in ("AlarmActions", "OKActions"):
        found = [_topic_name(templates, alarm.stack, value) for value in listed(alarm.properties.get(action))]
        if found != ([topic] if topic else []):
            yield alarm, f"{action} tells {', '.join(map(str, found)) or 'nobody'}; {topic or 'nobody'} is asked for"
    if alarm.properties.get("InsufficientDataActions"):
        yield alarm, "calls people for missing data"


def _topic_name(templates: Templates, stack: str, value: Any) -> str:
    target = templates.trace(stack, value)
    return str(target.resource.get("TopicName")) if target else as_text(value).rpartition(":")[2]


RULE = Rule(
    id="alarm-actions",
    holds="An alarm calls the topic of its severity when it goes off and when it is over; what a shift's guards "
    "see, what lasts and what burns calls by a composite alarm instead.",
    why="An alarm that tells nobody is a graph; one that does not tell that it is over leaves people looking for it.",
    source='CloudWatch user guide, "Alarm actions" and "Create a composite alarm"; `tapgen guide observability`',
    find=_find,
)
