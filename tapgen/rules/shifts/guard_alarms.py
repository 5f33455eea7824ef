"""The guards of a shift watch its new version, and stop it when it fails or is slow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule, differences
from tapgen.naming import LIVE_ALIAS
from tapgen.parts.function.rules.aliases import live_aliases
from tapgen.rules.alarms.alarm_dimensions import dimensions_of
from tapgen.rules.shifts.groups import alarms_of

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates
    from tapgen.parts.function.model import Function

_PERIOD_S = 60
# A consumer has no caller who waits: a version whose batches come this near to the time limit is about to fail them.
_TIMEOUT_SHARE = 0.8
# A first invocation opens connections and is slow: where the shift leaves time for three minutes, two must be slow.
_SLOW_MINUTES, _OF_MINUTES, _UNHURRIED_MIN = 2, 3, 4
_FORM = {
    "Period": _PERIOD_S,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
    "ActionsEnabled": None,
    "AlarmActions": None,
}
_ERRORS, _DURATION, _API = ("AWS/Lambda", "Errors"), ("AWS/Lambda", "Duration"), ("AWS/ApiGateway", "5xx")


def _find(templates: Templates) -> Found:
    aliases = live_aliases(templates)
    groups = {item.get("DeploymentGroupName"): item for item in templates.of_type("AWS::CodeDeploy::DeploymentGroup")}
    for part in templates.environment.service.functions:
        group = groups.get(templates.names.deployment_group(part.name))
        if group is None or part.name not in aliases:
            continue
        guards = [(_guard(templates, group, name), condition) for name, condition in alarms_of(group)]
        version = str(templates.trace(group.stack, aliases[part.name].get("FunctionVersion")))
        for watched, wanted in _wanted(templates, part).items():
            fitting = [
                (alarm, condition) for alarm, condition in guards if _watches(templates, alarm, watched, part, version)
            ]
            if not fitting:
                yield group, f"has no guard on {' '.join(watched)} of {part.label}"
            for alarm, condition in fitting:
                if alarm is None:
                    continue
                yield from differences(alarm, _FORM | wanted)
                if bool(condition) != (watched == _API):
                    yield group, f"{alarm.logical_id} guards {'on a condition' if condition else 'whatever happens'}"


def _guard(templates: Templates, group: Resource, name: Any) -> Resource | None:
    """By reference, or by name where another stack makes it first."""
    target = templates.trace(group.stack, name)
    if target:
        return target.resource
    alarms = templates.of_type("AWS::CloudWatch::Alarm")
    return next((alarm for alarm in alarms if alarm.get("AlarmName") == name), None)


def _wanted(templates: Templates, part: Function) -> dict[tuple[str, str], dict[str, Any]]:
    thresholds, shift = templates.environment.alarms, templates.environment.shift
    unhurried = shift.duration_min >= _UNHURRIED_MIN
    slow, of = (_SLOW_MINUTES, _OF_MINUTES) if unhurried else (1, 1)
    timeout_ms = templates.environment.functions[part.name].timeout_s * 1000
    slowest_ms = thresholds.latency_p90_ms if part.answers_requests else timeout_ms * _TIMEOUT_SHARE
    once = {"Statistic": "Sum", "EvaluationPeriods": 1, "DatapointsToAlarm": 1}
    found: dict[tuple[str, str], dict[str, Any]] = {
        _ERRORS: once | {"Threshold": thresholds.function_errors},
        _DURATION: {
            "ExtendedStatistic": "p90",
            "EvaluationPeriods": of,
            "DatapointsToAlarm": slow,
            "Threshold": slowest_ms,
        },
    }
    return found | ({_API: once | {"Threshold": thresholds.api_5xx}} if part.answers_requests else {})


def _watches(
    templates: Templates, alarm: Resource | None, watched: tuple[str, str], part: Function, version: str
) -> bool:
    if alarm is None or (alarm.get("Namespace"), alarm.get("MetricName")) != watched:
        return False
    dimensions = dimensions_of(alarm.properties)
    if watched == _API:
        api = templates.trace(alarm.stack, dimensions.get("ApiId"))
        return bool(api and api.resource.type == "AWS::ApiGatewayV2::Api")
    function = templates.names.function(part.name)
    named = (dimensions.get("FunctionName"), dimensions.get("Resource")) == (function, f"{function}:{LIVE_ALIAS}")
    return named and str(templates.trace(alarm.stack, dimensions.get("ExecutedVersion"))) == version


RULE = Rule(
    id="guard-alarms",
    holds="A shift is guarded by alarms on errors and duration of exactly the version that it brings, and where "
    "requests are answered on the API's 5xx; each at the threshold that is configured, within minutes that the "
    "shift leaves.",
    why="A guard on another version, above its threshold or later than the shift ends stops nothing.",
    source='Lambda developer guide, "Types of metrics for Lambda functions", version dimensions; `tapgen guide shifts`',
    find=_find,
)
