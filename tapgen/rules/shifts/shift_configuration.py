"""A shift takes the steps that are configured, by the group of its function."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule, differences, listed, mapping, show
from tapgen.parts.function.rules.aliases import live_aliases
from tapgen.rules.shifts.groups import update_of

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates

_AT_ONCE = "CodeDeployDefault.LambdaAllAtOnce"
_STYLE = {"DeploymentType": "BLUE_GREEN", "DeploymentOption": "WITH_TRAFFIC_CONTROL"}
_FORMS = {
    "canary": re.compile(r"CodeDeployDefault\.LambdaCanary(?P<percentage>10)Percent(?P<minutes>\d+)Minutes"),
    "linear": re.compile(r"CodeDeployDefault\.LambdaLinear(?P<percentage>10)PercentEvery(?P<minutes>\d+)Minutes?"),
}


def _find(templates: Templates) -> Found:
    names, environment = templates.names, templates.environment
    by_name = {item.get("DeploymentGroupName"): item for item in templates.of_type("AWS::CodeDeploy::DeploymentGroup")}
    for application in templates.of_type("AWS::CodeDeploy::Application"):
        yield from differences(application, {"ComputePlatform": "Lambda"})
        if application.get("ApplicationName") not in names.applications:
            yield application, f"is named {application.get('ApplicationName')}, which no shift looks for"
    for name, alias in live_aliases(templates).items():
        group = by_name.get(names.deployment_group(name))
        if group is None:
            yield alias, f"has no deployment group {names.deployment_group(name)}"
            continue
        if mapping(update_of(alias).get("DeploymentGroupName")).get("Ref") != group.logical_id:
            yield alias, f"is shifted by another group than {group.logical_id}"
        yield from _judge_application(templates, alias, update_of(alias).get("ApplicationName"), function=name)
        yield from _judge_application(templates, group, group.get("ApplicationName"), function=name)
        yield from differences(group, {"DeploymentStyle": _STYLE})
        at_once = environment.functions[name].provisioned_concurrency is not None
        yield from _judge_steps(templates, group, at_once=at_once)
        role = templates.trace(group.stack, group.get("ServiceRoleArn"))
        if templates.whole and (role is None or role.resource.get("RoleName") != names.function_role("codedeploy")):
            yield group, "is not served by CodeDeploy's own role"


def _judge_application(templates: Templates, resource: Resource, value: Any, *, function: str) -> Found:
    """By reference, or by name where another stack makes it first."""
    target = templates.trace(resource.stack, value)
    found = target.resource.get("ApplicationName") if target else value
    wanted = templates.names.application_of(function)
    if found != wanted:
        yield resource, f"belongs to the application {show(found)}; {wanted} is asked for"


def _judge_steps(templates: Templates, group: Resource, *, at_once: bool) -> Found:
    shift, value = templates.environment.shift, group.get("DeploymentConfigName")
    wanted = "all-at-once" if at_once else shift.type
    if wanted == "all-at-once":
        if value != _AT_ONCE:
            yield group, f"shifts by {show(value)}; {_AT_ONCE} is asked for"
        return
    choice = listed(mapping(value).get("Fn::If"))
    # One operation may shift all at once: a rollback in an emergency.
    if len(choice) != 3 or choice[1] != _AT_ONCE or not _is_condition(templates, group.stack, choice[0]):
        yield group, f"shifts by {show(value)}; a choice between all at once and the configured steps is asked for"
        return
    found = _steps(templates, group.stack, choice[2])
    if found != (wanted, shift.percentage, shift.interval_min):
        text = f"{wanted} by {shift.percentage} % every {shift.interval_min} min is configured"
        yield group, f"shifts by {show(choice[2])}; {text}"


def _is_condition(templates: Templates, stack: str, name: Any) -> bool:
    return name in templates.templates[stack].get("Conditions", {})


def _steps(templates: Templates, stack: str, value: Any) -> tuple[str, int, int] | None:
    """(type, percentage, minutes) of CodeDeploy's own configurations and of one that a template makes."""
    if isinstance(value, str):
        for kind, form in _FORMS.items():
            if found := form.fullmatch(value):
                return kind, int(found["percentage"]), int(found["minutes"])
    made = templates.trace(stack, value)
    for item in [made.resource] if made else _named(templates, value):
        if item.get("ComputePlatform") != "Lambda":
            return None
        for kind, path in (("canary", "TimeBasedCanary.Canary"), ("linear", "TimeBasedLinear.Linear")):
            routing = f"TrafficRoutingConfig.{path}"
            step = item.get(f"{routing}Percentage"), item.get(f"{routing}Interval")
            if None not in step and item.get("TrafficRoutingConfig.Type") == path.partition(".")[0]:
                return kind, int(step[0]), int(step[1])
    return None


def _named(templates: Templates, name: Any) -> list[Resource]:
    configurations = templates.of_type("AWS::CodeDeploy::DeploymentConfig")
    return [item for item in configurations if item.get("DeploymentConfigName") == name]


RULE = Rule(
    id="shift-configuration",
    holds="A live alias is moved by the deployment group of its function, in the steps that `shift` says; all at "
    "once where it has provisioned concurrency, or where one operation asks for it.",
    why="All callers would meet a new version before its guards have seen it.",
    source='CodeDeploy user guide, "Deployment configurations on an AWS Lambda compute platform"',
    find=_find,
)
