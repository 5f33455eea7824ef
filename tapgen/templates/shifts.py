"""The live aliases and what moves them: the CodeDeploy application, the shift's configuration, and a group per alias.

CloudFormation runs a shift when an alias gets another version; making an alias runs none. The alarms that stop a shift
are in ``guards``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from troposphere import Equals, GetAtt, If, NoValue, Ref, Tags
from troposphere.awslambda import Alias, ProvisionedConcurrencyConfiguration
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

from tapgen.elements import wiring
from tapgen.naming import LIVE_ALIAS, SHIFT_ALL_AT_ONCE
from tapgen.parts.function import values
from tapgen.parts.function.guards import make_guards
from tapgen.parts.http_api.guards import guard_name, make_server_errors_guard
from tapgen.templates.hooks import add_hooks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.function.resources import Published

ROLLBACK_EVENTS = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")

# CodeDeploy's own Lambda configurations by (type, percentage, minutes) (CodeDeploy user guide).
_PREDEFINED_CANARY_MIN = {5, 10, 15, 30}
_PREDEFINED_LINEAR_MIN = {1, 2, 3, 10}
_PREDEFINED_PERCENTAGE = 10

# The condition under which a guard that outlives versions guards the shift: nobody broke the glass.
_HOLDS = "StandingGuardsHold"
# The condition under which one operation shifts all at once, whatever is configured.
_AT_ONCE = "ShiftsAllAtOnce"
_ALL_AT_ONCE = "CodeDeployDefault.LambdaAllAtOnce"

_EXPLICIT_DEPENDENCY = {
    "cfn-lint": {"config": {"ignore_checks": ["W3005"]}},
    "Reason": (
        "CloudFormation documents dependencies for references in properties, not in an UpdatePolicy: "
        "guards and hooks must be in place before the shift, so the dependency is said"
    ),
}


class AliasUpdate(CodeDeployLambdaAliasUpdate):  # type: ignore[misc]  # troposphere has no type information
    """``CodeDeployLambdaAliasUpdate`` that takes names as well as references, as CloudFormation does."""

    props: ClassVar[dict[str, Any]] = {
        name: (object, need) for name, (_, need) in CodeDeployLambdaAliasUpdate.props.items()
    }


def _add_application(stack: Stack, context: Context, name: str) -> Application:
    return stack.add(
        Application(
            "CodeDeployApplication",
            ApplicationName=name,
            ComputePlatform="Lambda",
            Tags=Tags(**context.environment.cost_tags),
        )
    )


def _choose(stack: Stack, configured: Any) -> Any:
    """The shift's configuration, which one operation may replace by all at once: a rollback in an emergency.

    A parameter, so that a recorded template needs no rewriting to be rolled back to.
    """
    if configured == _ALL_AT_ONCE:
        return configured
    stack.template.add_condition(_AT_ONCE, Equals(stack.ask(wiring.SHIFT), SHIFT_ALL_AT_ONCE))
    return If(_AT_ONCE, _ALL_AT_ONCE, configured)


def _configured(stack: Stack, context: Context, name: str) -> Any:
    """CodeDeploy's own configuration by name, or one of ours, of the given name, where it has none like it."""
    shift = context.environment.shift
    predefined = _predefined(context)
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
    # Every property is create-only: the values are part of name and logical id, so that a change makes a new one.
    return stack.add(
        DeploymentConfig(
            f"Shift{shift.type.capitalize()}{shift.percentage}Percent{shift.interval_min}Min",
            DeploymentConfigName=name,
            ComputePlatform="Lambda",
            TrafficRoutingConfig=routing,
        )
    ).ref()


def _predefined(context: Context) -> str:
    shift = context.environment.shift
    return _predefined_name(shift.type, shift.percentage, shift.interval_min)


def _own_name(context: Context) -> str:
    shift = context.environment.shift
    role = f"{shift.type}-{shift.percentage}-percent-{shift.interval_min}-min"
    return context.names.name("application", role)


def _further_name(context: Context) -> str:
    return f"{_own_name(context)}2"


@dataclass(frozen=True, kw_only=True)
class Shift:
    """What the shifts of all aliases share."""

    application: Any
    """A reference to the CodeDeploy application, or its name where another stack makes it."""
    configuration: Any
    standing: Any
    """The name of the guard on the API's answers, for the functions that give them; None without an API."""
    hooks: Mapping[str, Any]
    """The names of the functions that judge a version, ``before`` and ``after`` it gets traffic."""
    first: tuple[str, ...] = ()
    """Logical ids of the hooks, which must be there before an alias."""
    guard: tuple[str, ...] = ()
    """Logical id of the standing guard, where this stack makes it."""


def add_shift(stack: Stack, context: Context, *, api_id: Any) -> Shift:
    """Everything that the shifts of the first stack's functions share; no API id where there is no API."""
    api = context.service.api
    application = _add_application(stack, context, context.names.deployment_application)
    stack.export(wiring.CODE_DEPLOY_APPLICATION_NAME, application.ref())
    configuration = _choose(stack, _configured(stack, context, _own_name(context)))
    standing = stack.add(make_server_errors_guard(context, api, api_id=api_id)) if api else None
    hooks = add_hooks(stack, context)
    return Shift(
        application=application.ref(),
        configuration=configuration,
        standing=standing.ref() if standing else None,
        hooks={event: hook.ref() for event, hook in hooks.items()},
        first=tuple(hook.title for hook in hooks.values()),
        guard=(standing.title,) if standing else (),
    )


def add_further_shift(stack: Stack, context: Context) -> None:
    """Application and configuration of the functions of all further stacks: so these wait for no shift of the first.

    A stack's outputs and names are there for others when all of it is updated, its shifts included.
    """
    application = _add_application(stack, context, context.names.further_application)
    stack.export(wiring.FURTHER_APPLICATION_NAME, application.ref())
    _configured(stack, context, _further_name(context))


def name_shift(stack: Stack, context: Context) -> Shift:
    """What ``add_further_shift`` makes, by names, for a stack that is made after it; the hooks are its own.

    Names, and no values: a value would make every change of that stack one of this. The API's guard is the first
    stack's: making an alias asks no alarm, and when it moves first the guard is there.
    """
    api = context.service.api
    hooks = add_hooks(stack, context)
    return Shift(
        application=context.names.further_application,
        configuration=_choose(stack, _predefined(context) or _further_name(context)),
        standing=context.names.alarm(guard_name(api)) if api else None,
        hooks={event: hook.ref() for event, hook in hooks.items()},
        first=tuple(hook.title for hook in hooks.values()),
    )


def add_alias(stack: Stack, context: Context, published: Published, *, shift: Shift) -> Alias:
    """The live alias, its deployment group and its guard alarms."""
    part = published.part
    provisioned = context.environment.functions[part.name].provisioned_concurrency
    guards = [stack.add(alarm) for alarm in make_guards(context, published)]
    standing = [shift.standing] if shift.standing and part.answers_requests else []
    if standing:
        stack.template.add_condition(_HOLDS, Equals(stack.ask(wiring.BREAK_GLASS), wiring.BREAK_GLASS.allowed[0]))
    group = stack.add(
        DeploymentGroup(
            f"{part.logical_id}DeploymentGroup",
            ApplicationName=shift.application,
            DeploymentGroupName=context.names.deployment_group(part.name),
            # Lambda takes no weights where concurrency is provisioned (Lambda developer guide, "weighted aliases").
            DeploymentConfigName=_ALL_AT_ONCE if provisioned else shift.configuration,
            # The only style that CodeDeploy has for Lambda (CodeDeploy API reference, DeploymentStyle).
            DeploymentStyle=DeploymentStyle(DeploymentType="BLUE_GREEN", DeploymentOption="WITH_TRAFFIC_CONTROL"),
            ServiceRoleArn=stack.take(wiring.CODE_DEPLOY_ROLE_ARN),
            # Said even when it is the default: leaving it out does not clear what a group has.
            AlarmConfiguration=AlarmConfiguration(
                Enabled=True,
                IgnorePollAlarmFailure=False,
                Alarms=[
                    *(GuardAlarm(Name=alarm.ref()) for alarm in guards),
                    # Only a guard that outlives versions can be red before a shift begins; the new version's own stay.
                    *(If(_HOLDS, GuardAlarm(Name=name), NoValue) for name in standing),
                ],
            ),
            # Without the third, a stopped shift leaves the alias on two versions, and every later one fails.
            AutoRollbackConfiguration=AutoRollbackConfiguration(Enabled=True, Events=list(ROLLBACK_EVENTS)),
            Tags=Tags(**context.environment.cost_tags),
        )
    )
    alias = stack.add(
        Alias(
            f"{part.logical_id}LiveAlias",
            Name=LIVE_ALIAS,
            FunctionName=published.function.ref(),
            FunctionVersion=GetAtt(published.version, "Version"),
            **(
                {
                    "ProvisionedConcurrencyConfig": ProvisionedConcurrencyConfiguration(
                        ProvisionedConcurrentExecutions=provisioned.minimum
                    )
                }
                if provisioned
                else {}
            ),
            UpdatePolicy=UpdatePolicy(
                CodeDeployLambdaAliasUpdate=AliasUpdate(
                    ApplicationName=shift.application,
                    DeploymentGroupName=Ref(group),
                    BeforeAllowTrafficHook=shift.hooks["before"],
                    AfterAllowTrafficHook=shift.hooks["after"],
                )
            ),
            DependsOn=[
                group.title,
                *(alarm.title for alarm in guards),
                *(shift.guard if standing else ()),
                *shift.first,
            ],
            Metadata=_EXPLICIT_DEPENDENCY,
        )
    )
    stack.export(values.alias_arn(part), alias.ref())
    stack.export(values.deployment_group_name(part), group.ref())
    return alias


def _predefined_name(kind: str, percentage: int, interval_min: int) -> str:
    if kind == "all-at-once":
        return _ALL_AT_ONCE
    if percentage != _PREDEFINED_PERCENTAGE:
        return ""
    if kind == "canary" and interval_min in _PREDEFINED_CANARY_MIN:
        return f"CodeDeployDefault.LambdaCanary10Percent{interval_min}Minutes"
    if kind == "linear" and interval_min in _PREDEFINED_LINEAR_MIN:
        plural = "s" if interval_min > 1 else ""
        return f"CodeDeployDefault.LambdaLinear10PercentEvery{interval_min}Minute{plural}"
    return ""
