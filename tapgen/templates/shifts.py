"""The live aliases and what guards their traffic shifts: CodeDeploy, its groups, and alarms on the new version.

A guard alarm belongs to one version: ``FunctionName``, ``Resource=<function>:live``, ``ExecutedVersion``. An alarm that
kept its name would stay red from the last bad version and stop the fix within a second, since updating an alarm leaves
its state alone (CloudWatch API reference, PutMetricAlarm).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Ref, Tags
from troposphere.awslambda import Alias
from troposphere.cloudwatch import Alarm, MetricDimension
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
from tapgen.templates.functions import API, Published, version_number

if TYPE_CHECKING:
    from tapgen.templates.wiring import Context, Stack

ROLLBACK_EVENTS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]

# CodeDeploy's own Lambda configurations by (type, percentage, minutes) (CodeDeploy user guide).
_PREDEFINED_CANARY_MIN = {5, 10, 15, 30}
_PREDEFINED_LINEAR_MIN = {1, 2, 3, 10}
_PREDEFINED_PERCENTAGE = 10
_PERIOD_S = 60

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
    alarms = [stack.add(alarm) for alarm in _guard_alarms(context, published)]
    if definition is API:
        alarms.append(stack.add(_api_guard(context, api_id)))
    group = stack.add(
        DeploymentGroup(
            f"{definition.prefix}DeploymentGroup",
            ApplicationName=application.ref(),
            DeploymentGroupName=context.names.name("application", definition.role),
            DeploymentConfigName=configuration,
            DeploymentStyle=DeploymentStyle(DeploymentType="BLUE_GREEN", DeploymentOption="WITH_TRAFFIC_CONTROL"),
            ServiceRoleArn=stack.take(wiring.CODE_DEPLOY_ROLE_ARN),
            # Said even when it is the default: leaving it out does not clear what a group has.
            AlarmConfiguration=AlarmConfiguration(
                Enabled=True, Alarms=[GuardAlarm(Name=alarm.ref()) for alarm in alarms]
            ),
            AutoRollbackConfiguration=AutoRollbackConfiguration(Enabled=True, Events=ROLLBACK_EVENTS),
            Tags=Tags(**context.environment.cost_tags),
        )
    )
    alias = stack.add(
        Alias(
            f"{definition.prefix}LiveAlias",
            Name=LIVE_ALIAS,
            FunctionName=published.function.ref(),
            FunctionVersion=version_number(published),
            UpdatePolicy=UpdatePolicy(
                CodeDeployLambdaAliasUpdate=CodeDeployLambdaAliasUpdate(
                    ApplicationName=Ref(application), DeploymentGroupName=Ref(group)
                )
            ),
            DependsOn=[group.title, *(alarm.title for alarm in alarms)],
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


def _guard_alarms(context: Context, published: Published) -> list[Alarm]:
    thresholds = context.environment.alarms
    errors = _version_alarm(
        context,
        published,
        what="Errors",
        MetricName="Errors",
        Statistic="Sum",
        Threshold=thresholds.function_errors,
    )
    if published.definition is not API:
        return [errors]
    latency = _version_alarm(
        context,
        published,
        what="Latency",
        MetricName="Duration",
        ExtendedStatistic="p90",
        Threshold=thresholds.latency_p90_ms,
    )
    return [errors, latency]


def _version_alarm(context: Context, published: Published, *, what: str, **metric: Any) -> Alarm:
    definition, version_hash = published.definition, published.version_hash
    function = context.names.function(definition.role)
    return Alarm(
        f"{definition.prefix}Guard{what}{version_hash}",
        AlarmName=context.names.alarm(f"guard-{definition.role}-{what.lower()}-{version_hash}"),
        AlarmDescription=f"{what} of one version of {function}: stops its traffic shift and rolls it back",
        Namespace="AWS/Lambda",
        Dimensions=[
            MetricDimension(Name="FunctionName", Value=published.function.ref()),
            # The name form, not an ARN: an ARN has no data.
            MetricDimension(Name="Resource", Value=f"{function}:{LIVE_ALIAS}"),
            MetricDimension(Name="ExecutedVersion", Value=GetAtt(published.version, "Version")),
        ],
        Period=_PERIOD_S,
        EvaluationPeriods=1,
        DatapointsToAlarm=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        Tags=Tags(**context.environment.cost_tags),
        **metric,
    )


def _api_guard(context: Context, api_id: Any) -> Alarm:
    """A handler that catches its exception and answers 500 is no Lambda error: the API's 5xx see it."""
    return Alarm(
        "ApiGuardServerErrors",
        AlarmName=context.names.alarm("guard-api-5xx"),
        AlarmDescription=f"5xx answers of {context.names.deployment}: stops a traffic shift and rolls it back",
        Namespace="AWS/ApiGateway",
        MetricName="5xx",
        Dimensions=[MetricDimension(Name="ApiId", Value=api_id)],
        Statistic="Sum",
        Period=_PERIOD_S,
        EvaluationPeriods=1,
        DatapointsToAlarm=1,
        Threshold=context.environment.alarms.api_5xx,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        Tags=Tags(**context.environment.cost_tags),
    )
