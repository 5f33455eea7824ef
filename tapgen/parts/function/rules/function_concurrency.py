"""Provisioned concurrency stays within its bounds and follows its use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.policy_documents import as_text
from tapgen.elements.rule import Found, Rule, differences, listed
from tapgen.naming import LIVE_ALIAS
from tapgen.parts.function.rules.aliases import live_aliases

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates

_DIMENSION = "lambda:function:ProvisionedConcurrency"
_METRIC = "LambdaProvisionedConcurrencyUtilization"
_POLICY = "TargetTrackingScalingPolicyConfiguration"


def _find(templates: Templates) -> Found:
    aliases = live_aliases(templates)
    for part in templates.environment.service.functions:
        provisioned, alias = templates.environment.functions[part.name].provisioned_concurrency, aliases.get(part.name)
        if alias is None:
            continue
        least = provisioned.minimum if provisioned else None
        path = "ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions"
        yield from differences(alias, {path: least})
        if provisioned and provisioned.maximum > provisioned.minimum:
            yield from _judge_scaling(templates, alias, f"function:{templates.names.function(part.name)}:{LIVE_ALIAS}")
            for target in _targets(templates, f"function:{templates.names.function(part.name)}:{LIVE_ALIAS}"):
                bounds = {"MinCapacity": provisioned.minimum, "MaxCapacity": provisioned.maximum}
                yield from differences(target, bounds)
                yield from _judge_policy(templates, target, provisioned.target_percent)


def _targets(templates: Templates, resource_id: str) -> list[Resource]:
    targets = templates.of_type("AWS::ApplicationAutoScaling::ScalableTarget")
    return [target for target in targets if target.get("ResourceId") == resource_id]


def _judge_scaling(templates: Templates, alias: Resource, resource_id: str) -> Found:
    targets = _targets(templates, resource_id)
    if not targets:
        yield alias, f"nothing scales {resource_id}"
    for target in targets:
        yield from differences(target, {"ServiceNamespace": "lambda", "ScalableDimension": _DIMENSION})
        role = as_text(target.get("RoleARN"))
        if not role.endswith("/AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency"):
            yield target, f"scales with {role}, which is not the role that Application Auto Scaling makes for Lambda"
        if alias.logical_id not in listed(target.definition.get("DependsOn")):
            yield target, f"must depend on {alias.logical_id}, which it scales"


def _judge_policy(templates: Templates, target: Resource, percent: int) -> Found:
    policies = [
        policy
        for policy in templates.of_type("AWS::ApplicationAutoScaling::ScalingPolicy")
        if policy.get("ScalingTargetId") == {"Ref": target.logical_id}
    ]
    if not policies:
        yield target, "has no policy that follows its use"
    for policy in policies:
        wanted = {
            "PolicyType": "TargetTrackingScaling",
            f"{_POLICY}.TargetValue": percent / 100,
            f"{_POLICY}.PredefinedMetricSpecification.PredefinedMetricType": _METRIC,
        }
        yield from differences(policy, wanted)


RULE = Rule(
    id="function-concurrency",
    holds="A live alias keeps as many execution environments ready as `functions.<name>.provisioned_concurrency` "
    "says, and follows its use between the bounds.",
    why="Too few make callers wait for cold starts; too many are paid for around the clock.",
    source='Lambda developer guide, "Configuring provisioned concurrency for a function"',
    severity="warning",
    find=_find,
)
