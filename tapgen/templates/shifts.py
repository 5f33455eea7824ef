"""The live aliases and what moves them: the CodeDeploy application, the shift's configuration, and a group per alias.

CloudFormation runs a shift when an alias gets another version; making an alias runs none. The alarms that stop a shift
are in ``guards``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import Equals, GetAtt, If, NoValue, Ref, Tags
from troposphere.awslambda import Alias
from troposphere.codedeploy import Alarm as GuardAlarm
from troposphere.codedeploy import (
    AlarmConfiguration,
    Application,
    AutoRollbackConfiguration,
    DeploymentConfig,
    DeploymentGroup,
    DeploymentStyle,
    TimeBasedCanary,
    TimeBasedLinear,
    TrafficRoutingConfig,
)
from troposphere.policies import CodeDeployLambdaAliasUpdate, UpdatePolicy

from tapgen.naming import LIVE_ALIAS
from tapgen.templates import wiring
from tapgen.templates.guards import STANDING_GUARD, make_guards

if TYPE_CHECKING:
    from tapgen.templates.functions import Published
    from tapgen.templates.wiring import Context, Stack

ROLLBACK_EVENTS = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")

# CodeDeploy's own Lambda configurations by (type, percentage, minutes) (CodeDeploy user guide).
_PREDEFINED_CANARY_MIN = {5, 10, 15, 30}
_PREDEFINED_LINEAR_MIN = {1, 2, 3, 10}
_PREDEFINED_PERCENTAGE = 10

# The condition under which a guard that outlives versions guards the shift: nobody broke the glass.
_HOLDS = "StandingGuardsHold"

_EXPLICIT_DEPENDENCY = {
    "cfn-lint": {"config": {"ignore_checks": ["W3005"]}},
    "Reason": (
        "CloudFormation documents dependencies for references in properties, not in an UpdatePolicy: "
        "the guards must be in place before the shift, so the dependency is said"
    ),
}


def add_application(stack: Stack, context: Context) -> Application:
    """One CodeDeploy application for the deployment."""
    application = stack.add(
        Application(
            "CodeDeployApplication",
            ApplicationName=context.names.name("application", "shifts"),
            ComputePlatform="Lambda",
            Tags=Tags(**context.environment.cost_tags),
        )
    )
    stack.give(wiring.CODE_DEPLOY_APPLICATION_NAME, application.ref())
    return application


def add_configuration(stack: Stack, context: Context) -> Any:
    """The shift's configuration: CodeDeploy's own by name, or one of ours where it has none like it."""
    shift = context.environment.shift
    predefined = _predefined_name(shift.type, shift.percentage, shift.interval_min)
    if predefined:
        return predefined
    routing = (
        TrafficRoutingConfig(
            Type="TimeBasedCanary",
            TimeBasedCanary=TimeBasedCanary(CanaryPercentage=shift.percentage, CanaryInterval=shift.interval_min),
        )
        if shift.type == "canary"
        else TrafficRoutingConfig(
            Type="TimeBasedLinear",
            TimeBasedLinear=TimeBasedLinear(LinearPercentage=shift.percentage, LinearInterval=shift.interval_min),
        )
    )
    role = f"{shift.type}-{shift.percentage}-percent-{shift.interval_min}-min"
    # Every property is create-only: the values are part of name and logical id, so that a change makes a new one.
    return stack.add(
        DeploymentConfig(
            f"Shift{shift.type.capitalize()}{shift.percentage}Percent{shift.interval_min}Min",
            DeploymentConfigName=context.names.name("application", role),
            ComputePlatform="Lambda",
            TrafficRoutingConfig=routing,
        )
    ).ref()


def add_alias(stack: Stack, context: Context, published: Published, *, shift: tuple[Any, Any], api_id: Any) -> Alias:
    """The live alias, its deployment group and its guard alarms; ``shift`` is (application, configuration)."""
    application, configuration = shift
    definition = published.definition
    guards = [stack.add(alarm) for alarm in make_guards(context, published, api_id)]
    standing = {STANDING_GUARD} & {alarm.title for alarm in guards}
    if standing:
        stack.template.add_condition(_HOLDS, Equals(stack.ask(wiring.BREAK_GLASS), wiring.BREAK_GLASS.allowed[0]))
    group = stack.add(
        DeploymentGroup(
            f"{definition.prefix}DeploymentGroup",
            ApplicationName=application.ref(),
            DeploymentGroupName=context.names.name("application", definition.role),
            DeploymentConfigName=configuration,
            # The only style that CodeDeploy has for Lambda (CodeDeploy API reference, DeploymentStyle).
            DeploymentStyle=DeploymentStyle(DeploymentType="BLUE_GREEN", DeploymentOption="WITH_TRAFFIC_CONTROL"),
            ServiceRoleArn=stack.take(wiring.CODE_DEPLOY_ROLE_ARN),
            # Said even when it is the default: leaving it out does not clear what a group has.
            AlarmConfiguration=AlarmConfiguration(
                Enabled=True,
                IgnorePollAlarmFailure=False,
                Alarms=[
                    # Only a guard that outlives versions can be red before a shift begins; the new version's own stay.
                    If(_HOLDS, GuardAlarm(Name=alarm.ref()), NoValue)
                    if alarm.title in standing
                    else GuardAlarm(Name=alarm.ref())
                    for alarm in guards
                ],
            ),
            # Without the third, a stopped shift leaves the alias on two versions, and every later one fails.
            AutoRollbackConfiguration=AutoRollbackConfiguration(Enabled=True, Events=list(ROLLBACK_EVENTS)),
            Tags=Tags(**context.environment.cost_tags),
        )
    )
    alias = stack.add(
        Alias(
            f"{definition.prefix}LiveAlias",
            Name=LIVE_ALIAS,
            FunctionName=published.function.ref(),
            FunctionVersion=GetAtt(published.version, "Version"),
            UpdatePolicy=UpdatePolicy(
                CodeDeployLambdaAliasUpdate=CodeDeployLambdaAliasUpdate(
                    ApplicationName=Ref(application), DeploymentGroupName=Ref(group)
                )
            ),
            DependsOn=[group.title, *(alarm.title for alarm in guards)],
            Metadata=_EXPLICIT_DEPENDENCY,
        )
    )
    stack.give(definition.alias_arn, alias.ref())
    stack.give(definition.deployment_group_name, group.ref())
    return alias


def _predefined_name(kind: str, percentage: int, interval_min: int) -> str:
    if kind == "all-at-once":
        return "CodeDeployDefault.LambdaAllAtOnce"
    if percentage != _PREDEFINED_PERCENTAGE:
        return ""
    if kind == "canary" and interval_min in _PREDEFINED_CANARY_MIN:
        return f"CodeDeployDefault.LambdaCanary10Percent{interval_min}Minutes"
    if kind == "linear" and interval_min in _PREDEFINED_LINEAR_MIN:
        plural = "s" if interval_min > 1 else ""
        return f"CodeDeployDefault.LambdaLinear10PercentEvery{interval_min}Minute{plural}"
    return ""
