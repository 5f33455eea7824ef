"""A deployment group rolls back for all three reasons, and is stopped by alarms on the new version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, is_true, listed
from tapgen.rules.alarms.alarm_dimensions import VERSION_DIMENSIONS, dimensions_of
from tapgen.rules.shifts.groups import guards_of

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates

_EVENTS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
# CodeDeploy user guide, "quotas".
_MOST_ALARMS = 10
_ALARMS, _ROLLBACK = "AlarmConfiguration", "AutoRollbackConfiguration"


def _find(templates: Templates) -> Found:
    for group in templates.of_type("AWS::CodeDeploy::DeploymentGroup"):
        events = [str(event) for event in listed(group.get(f"{_ROLLBACK}.Events"))]
        if sorted(events) != _EVENTS or not is_true(group.get(f"{_ROLLBACK}.Enabled")):
            yield group, "must roll back on failure, alarm and request"
        if not is_true(group.get(f"{_ALARMS}.Enabled")):
            yield group, "does not ask its guard alarms"
        if is_true(group.get(f"{_ALARMS}.IgnorePollAlarmFailure")):
            yield group, "goes on where it cannot ask its guard alarms"
        guards = [alarm for name in guards_of(group) if (alarm := templates.find(group.stack, name))]
        count = len(listed(group.get(f"{_ALARMS}.Alarms")))
        if not 0 < count <= _MOST_ALARMS:
            yield group, f"has {count} guard alarms; CodeDeploy takes 1 to {_MOST_ALARMS}"
        if not any(_watches_a_version(alarm) for alarm in guards):
            yield group, "has no guard alarm on the new version: the old one's errors would decide"


def _watches_a_version(alarm: Resource) -> bool:
    return frozenset(dimensions_of(alarm.properties)) == VERSION_DIMENSIONS


RULE = Rule(
    id="guarded-shifts",
    holds="A deployment group asks its guard alarms, at least one of them on the new version alone, and rolls back "
    "on failure, on alarm and on request.",
    why="A shift without a guard ends with a broken version at all callers. Without the rollback on request, a "
    "stopped shift leaves the alias on two versions, and every later shift fails.",
    source="CodeDeploy API reference, AlarmConfiguration and AutoRollbackConfiguration; `tapgen guide shifts`",
    find=_find,
)
