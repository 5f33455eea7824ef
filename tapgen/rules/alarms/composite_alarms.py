"""A composite alarm names alarms that are there before it, and nothing that should count is left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences, listed
from tapgen.naming import SHIFT_RUNNING
from tapgen.rules.alarms.conditions import conditions, is_burn, is_guard, is_lasting, watched_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.elements.templates import Resource, Templates

_TOKEN = re.compile(r'\s*(?:ALARM\("(?P<name>[^"]+)"\)|AND|OR|NOT|[()])')
# The start of a shift is an event, its count a metric and that an alarm: about as long as the first error takes.
_WAIT_S, _EXTENSION_S = 30, 120


def _find(templates: Templates) -> Found:
    composites = list(templates.generated("AWS::CloudWatch::CompositeAlarm"))
    alarms = [*templates.of_type("AWS::CloudWatch::Alarm"), *composites]
    by_name = {str(alarm.get("AlarmName")): alarm for alarm in alarms}
    for composite in composites:
        children = children_of(composite)
        if children is None:
            yield composite, f"has a rule that CloudWatch cannot read: {composite.get('AlarmRule')}"
            continue
        suppressor = composite.get("ActionsSuppressor")
        named = {*children, *([suppressor] if suppressor else [])}
        if unknown := sorted(map(str, named - by_name.keys())):
            yield composite, f"names {', '.join(unknown)}, which no template makes"
        here = {by_name[name].logical_id for name in named & by_name.keys() if by_name[name].stack == composite.stack}
        if missing := here - set(listed(composite.definition.get("DependsOn"))):
            yield composite, f"must depend on {', '.join(sorted(missing))}, which it names"
    yield from _judge_coverage(templates, {str(item.get("AlarmName")): item for item in composites})


def children_of(composite: Resource) -> set[str] | None:
    """The alarms in a rule; None where it is no rule."""
    text, at, found = str(composite.get("AlarmRule")), 0, set()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return None
        if token["name"]:
            found.add(token["name"])
        at = token.end()
    return found or None


def _judge_coverage(templates: Templates, composites: Mapping[str, Resource]) -> Found:
    names = templates.names
    guarded, escalation = composites.get(names.alarm("guarded-warnings")), composites.get(names.alarm("escalation"))
    if guarded is None or escalation is None:
        if templates.whole:
            yield "observability.Resources", "has no composite alarm over the warnings"
        return
    known = conditions(templates.environment)
    alarms = [item for item in templates.generated("AWS::CloudWatch::Alarm") if not is_guard(item)]
    judged = [(item, known.get(watched_by(item))) for item in alarms if not is_burn(item)]
    now = [(item, condition) for item, condition in judged if condition]
    seen = {str(item.get("AlarmName")) for item, each in now if each.guarded and not is_lasting(item, each)}
    warnings = {str(item.get("AlarmName")) for item, each in now if each.severity == "warning"}
    for composite, wanted in ((guarded, seen), (escalation, warnings)):
        if missing := sorted(wanted - _all_children(composite, composites)):
            yield composite, f"leaves out {', '.join(missing)}"
    quiet = {
        "ActionsSuppressor": names.alarm(SHIFT_RUNNING),
        "ActionsSuppressorWaitPeriod": _WAIT_S,
        "ActionsSuppressorExtensionPeriod": _EXTENSION_S,
    }
    yield from differences(guarded, quiet)
    yield from _judge_burns(templates, composites)


def _all_children(composite: Resource, composites: Mapping[str, Resource]) -> set[str]:
    """Through the parts of a rule that was too long."""
    found: set[str] = set()
    waiting = [composite]
    while waiting:
        for name in children_of(waiting.pop()) or ():
            if name not in found:
                found.add(name)
                waiting += [composites[name]] if name in composites else []
    return found


def _judge_burns(templates: Templates, composites: Mapping[str, Resource]) -> Found:
    """Both windows of a burn rate must burn, each pair by a composite alarm."""
    alarms = templates.of_type("AWS::CloudWatch::Alarm")
    for name in sorted(str(item.get("AlarmName")) for item in alarms if is_burn(item)):
        pair, _, window = name.rpartition("-")
        other = f"{pair}-{'short' if window == 'long' else 'long'}"
        composite = composites.get(pair)
        if composite is None:
            yield "observability.Resources", f"no composite alarm {pair} stands over {name}"
        elif composite.get("AlarmRule") not in (
            f'ALARM("{name}") AND ALARM("{other}")',
            f'ALARM("{other}") AND ALARM("{name}")',
        ):
            yield composite, f"goes off by {composite.get('AlarmRule')}; both windows have to burn"


RULE = Rule(
    id="composite-alarms",
    holds="A composite alarm has a rule over alarms that are made before it; what a shift's guards see is quiet "
    "while a shift runs, every warning escalates when it lasts or does not come alone, and a budget burns over "
    "both of its windows.",
    why="CloudWatch refuses a rule with an alarm that is not there; a warning that is left out calls nobody.",
    source="CloudWatch API reference, PutCompositeAlarm; `tapgen guide observability`",
    find=_find,
)
