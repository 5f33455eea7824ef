"""What a release would do to the live aliases, and whether that may begin now. Pure: no calls, no clock.

::

    rendered templates ─► plan_shifts ─► AliasPlan ┐
                                                    ├─► check_shifts ─► refusals, warnings, guards in ALARM
    the account        ─► read_live_aliases ─► Alias ─┘
"""

from __future__ import annotations

import fnmatch
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.naming import HOOK_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tapgen.model import AliasState, GuardAlarm, RenderedTemplate

# The alias update handler gives up after 120 minutes (AWS::Lambda::Alias registry schema); the stack needs time, too.
MAX_SHIFT_MIN = 100.0
_ALIAS, _FUNCTION, _ROLE = "AWS::Lambda::Alias", "AWS::Lambda::Function", "AWS::IAM::Role"
# The minutes stand in the names of CodeDeploy's own Lambda configurations (CodeDeploy user guide).
_CANARY, _LINEAR = "CodeDeployDefault.LambdaCanary10Percent", "CodeDeployDefault.LambdaLinear10PercentEvery"
_LINEAR_STEPS = 9


@dataclass(frozen=True, kw_only=True)
class AliasPlan:
    """One alias as a release wants it; names are physical."""

    function: str
    alias: str
    application: str
    group: str
    version_id: str
    """Logical id of the version that it is to point at."""
    guards: tuple[str, ...]
    """Alarms that will guard the shift."""
    passable: tuple[str, ...]
    """Those of them that one deployment may go past."""
    hooks: tuple[str, ...]
    longest_min: float
    """AWS minutes that the shift takes at most, its hooks included."""


@dataclass(frozen=True, kw_only=True)
class GuardedAlias:
    """One alias as it is in the account, with what guards it."""

    state: AliasState | None = None
    """Where it points; None when there is no such alias, and then there is nothing else either."""
    stack_version: str = ""
    """The version that the stack made and did not remove; empty when it cannot be told."""
    version_ids: frozenset[str] = frozenset()
    """Logical ids of the versions in the stack."""
    unfinished: tuple[str, ...] = ()
    """Deployments of its group that have not ended."""
    guards: tuple[GuardAlarm, ...] = ()
    """Of the plan's guards those that exist already."""
    silent_guards: tuple[str, ...] = ()
    """Guards of today whose metric never had data."""
    lost_guards: tuple[str, ...] = ()
    """Alarms that guard the group today and do not exist."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a rollout may not begin, and how to fix it."""

    code: str
    text: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What was found, all at once."""

    refusals: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    passed: tuple[str, ...] = ()
    """Red guards that this deployment goes past, because the glass was broken."""


def plan_shifts(templates: Iterable[RenderedTemplate]) -> tuple[AliasPlan, ...]:
    """The guarded aliases of a release."""
    bodies = [json.loads(template.body) for template in templates]
    named = _name_resources(bodies)
    return tuple(plan for body in bodies for plan in _plans(body["Resources"], named))


def find_uncallable_hooks(templates: Iterable[RenderedTemplate], plans: Sequence[AliasPlan]) -> tuple[str, ...]:
    """Hooks that CodeDeploy's service role may not invoke: the shift would fail with IAM_ROLE_PERMISSIONS."""
    allowed = [
        pattern
        for template in templates
        for role in _of_type(json.loads(template.body)["Resources"], _ROLE)
        if "codedeploy.amazonaws.com" in json.dumps(role.get("AssumeRolePolicyDocument", {}))
        for pattern in _invocable(role)
    ]
    hooks = {hook for plan in plans for hook in plan.hooks}
    return tuple(sorted(hook for hook in hooks if not any(fnmatch.fnmatchcase(hook, pattern) for pattern in allowed)))


def check_shifts(
    plans: Sequence[AliasPlan], aliases: Sequence[GuardedAlias], *, options: str, break_glass: str
) -> Judgement:
    """Whether the shifts of a release may begin.

    Args:
        plans: What the release wants.
        aliases: What is there, in the same order.
        options: ``--env X``, for what to do next.
        break_glass: The reason to go past a guard in ALARM; empty for none.
    """
    refusals: list[Reason] = []
    warnings: list[Reason] = []
    passed: list[str] = []
    for plan, alias in zip(plans, aliases, strict=True):
        refusals += _unsound(plan, alias, options)
        if not _shifts(plan, alias):
            continue
        refusals += _too_long(plan)
        red = [guard for guard in alias.guards if guard.state == "ALARM"]
        passable = [guard for guard in red if break_glass and guard.name in plan.passable]
        passed += [guard.name for guard in passable]
        refusals += [_lost(name, options) for name in alias.lost_guards if name in plan.guards]
        refusals += [_red(guard, passable=guard.name in plan.passable) for guard in red if guard not in passable]
        warnings += [_silent(name) for name in alias.silent_guards]
    return Judgement(refusals=tuple(refusals), warnings=tuple(warnings), passed=tuple(passed))


def _shifts(plan: AliasPlan, alias: GuardedAlias) -> bool:
    """True when the alias is there already and gets another version: making an alias runs no shift."""
    return alias.state is not None and plan.version_id not in alias.version_ids


def _unsound(plan: AliasPlan, alias: GuardedAlias, options: str) -> Iterator[Reason]:
    name = f"{plan.function}:{plan.alias}"
    recover = f"`tapgen recover {options}` puts it right"
    for deployment_id in alias.unfinished:
        yield Reason(
            code="shift-unfinished",
            text=f"the CodeDeploy deployment {deployment_id} of {plan.group} has not ended",
            hint=f"`tapgen attach {options}` follows it; {recover} when nobody owns it",
        )
    if alias.state is None or alias.unfinished:
        return
    version, weights = alias.state.version, alias.state.weights
    if weights:
        shares = ", ".join(f"{share:.0%} to version {other}" for other, share in sorted(weights.items()))
        yield Reason(
            code="alias-split",
            text=f"{name} is split: version {version} and {shares}",
            hint=f"a shift was stopped without a rollback; {recover}",
        )
    if alias.stack_version and version != alias.stack_version:
        yield Reason(
            code="alias-differs",
            text=f"{name} points at version {version}, but the stack made version {alias.stack_version}",
            hint=f"somebody moved it by hand; {recover}",
        )


def _too_long(plan: AliasPlan) -> Iterator[Reason]:
    if plan.longest_min > MAX_SHIFT_MIN:
        yield Reason(
            code="shift-too-long",
            text=f"the shift of {plan.function} takes up to {plan.longest_min:g} min with its hooks",
            hint=f"CloudFormation waits 120 min: keep shift and hooks within {MAX_SHIFT_MIN:g} min",
        )


def _red(guard: GuardAlarm, *, passable: bool) -> Reason:
    rule = f"{guard.metric} {guard.condition}".strip()
    fix = "wait until it is OK; a guard in ALARM stops a shift within a second"
    broken = "; to ship past it this once: --break-glass --reason TEXT" if passable else ""
    return Reason(
        code="guard-red", text=f"the guard {guard.name} is in ALARM ({rule}): {guard.reason}", hint=fix + broken
    )


def _lost(name: str, options: str) -> Reason:
    return Reason(
        code="guard-lost",
        text=f"the guard {name} does not exist any more: CodeDeploy stops a shift whose alarms it cannot read",
        hint=f"somebody deleted it; make it again as the template says, `tapgen render {options}` shows it",
    )


def _silent(name: str) -> Reason:
    return Reason(
        code="guard-silent",
        text=f"the metric of the guard {name} never had data",
        hint="its dimensions are wrong, or nobody has called the service yet: such a guard stops nothing",
    )


_NAMED_BY = ("FunctionName", "DeploymentConfigName")


def _name_resources(bodies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Physical name → properties, of what a stack may name that another stack makes."""
    made = ("AWS::Lambda::Function", "AWS::CodeDeploy::DeploymentConfig")
    resources = [item for body in bodies for item in body["Resources"].values() if item["Type"] in made]
    properties = [resource["Properties"] for resource in resources]
    return {item[key]: item for item in properties for key in _NAMED_BY if isinstance(item.get(key), str)}


def _name_of(value: Any, key: str, resources: Mapping[str, Any]) -> str:
    """A name that is written out, or that of the resource which is referred to."""
    return str(value if isinstance(value, str) else resources[value["Ref"]]["Properties"][key])


def _plans(resources: Mapping[str, Any], named: Mapping[str, Any]) -> Iterator[AliasPlan]:
    for alias in (resource for resource in resources.values() if resource["Type"] == _ALIAS):
        update = alias.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate")
        if not update:
            continue
        group = resources[update["DeploymentGroupName"]["Ref"]]["Properties"]
        listed = group["AlarmConfiguration"].get("Alarms", ())
        guards = [(item["Fn::If"][1] if "Fn::If" in item else item)["Name"] for item in listed]
        passable = [item["Fn::If"][1]["Name"] for item in listed if "Fn::If" in item]
        hooks = [named[_name_of(update[key], "FunctionName", resources)] for key in _HOOK_KEYS if key in update]
        properties = alias["Properties"]
        yield AliasPlan(
            function=resources[properties["FunctionName"]["Ref"]]["Properties"]["FunctionName"],
            alias=properties["Name"],
            application=_name_of(update["ApplicationName"], "ApplicationName", resources),
            group=group["DeploymentGroupName"],
            version_id=properties["FunctionVersion"]["Fn::GetAtt"][0],
            guards=tuple(_name_of(name, "AlarmName", resources) for name in guards),
            passable=tuple(_name_of(name, "AlarmName", resources) for name in passable),
            hooks=tuple(hook["FunctionName"] for hook in hooks),
            longest_min=_window_min(group["DeploymentConfigName"], resources, named)
            + sum(hook["Timeout"] for hook in hooks) / 60,
        )


_HOOK_KEYS = ("BeforeAllowTrafficHook", "AfterAllowTrafficHook")


def _window_min(configuration: Any, resources: Mapping[str, Any], named: Mapping[str, Any]) -> float:
    """AWS minutes from the first step to all traffic, as configured: one operation may go all at once instead."""
    if isinstance(configuration, dict) and "Fn::If" in configuration:
        return _window_min(configuration["Fn::If"][2], resources, named)
    if isinstance(configuration, dict) or configuration in named:
        own = resources[configuration["Ref"]]["Properties"] if isinstance(configuration, dict) else named[configuration]
        routing = own["TrafficRoutingConfig"]
        if "TimeBasedCanary" in routing:
            return float(routing["TimeBasedCanary"]["CanaryInterval"])
        linear = routing["TimeBasedLinear"]
        return float((-(-100 // linear["LinearPercentage"]) - 1) * linear["LinearInterval"])
    digits = "".join(letter for letter in configuration.rpartition("Percent")[2] if letter.isdigit())
    if configuration.startswith(_CANARY):
        return float(digits)
    return float(digits) * _LINEAR_STEPS if configuration.startswith(_LINEAR) else 0.0


def _of_type(resources: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    return (resource["Properties"] for resource in resources.values() if resource["Type"] == kind)


def _invocable(role: Mapping[str, Any]) -> Iterator[str]:
    """Patterns of the function names that a role may invoke; AWS's managed policies allow one prefix."""
    if any("AWSCodeDeployRoleForLambda" in json.dumps(arn) for arn in role.get("ManagedPolicyArns", ())):
        yield f"{HOOK_PREFIX}*"
    for policy in role.get("Policies", ()):
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow" and "lambda:InvokeFunction" in _listed(statement["Action"]):
                yield from (_function_of(resource) for resource in _listed(statement["Resource"]))


def _function_of(resource: Any) -> str:
    text = resource.get("Fn::Sub", "") if isinstance(resource, dict) else str(resource)
    return str(text).rpartition(":function:")[2] or str(text)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
