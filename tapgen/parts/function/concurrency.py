"""Provisioned concurrency that follows its use: target tracking on the live alias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from troposphere import Sub, Tags
from troposphere.applicationautoscaling import (
    PredefinedMetricSpecification,
    ScalableTarget,
    ScalingPolicy,
    TargetTrackingScalingPolicyConfiguration,
)

from tapgen.naming import LIVE_ALIAS

if TYPE_CHECKING:
    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.function.model import Function

_DIMENSION = "lambda:function:ProvisionedConcurrency"
# Application Auto Scaling makes this role itself (its user guide, "service-linked roles").
_ROLE = (
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/lambda.application-autoscaling.${AWS::URLSuffix}"
    "/AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency"
)


class TaggedScalableTarget(ScalableTarget):  # type: ignore[misc]  # troposphere has no type information
    """``ScalableTarget`` with ``Tags``, which AWS::ApplicationAutoScaling::ScalableTarget has and troposphere lacks."""

    props: ClassVar[dict[str, Any]] = {**ScalableTarget.props, "Tags": (Tags, False)}


def add_scaling(stack: Stack, context: Context, part: Function, *, alias: Any) -> None:
    """The bounds and the policy; nothing without provisioned concurrency or where both bounds are one."""
    provisioned = context.environment.functions[part.name].provisioned_concurrency
    if provisioned is None or provisioned.maximum <= provisioned.minimum:
        return
    resource = f"function:{context.names.function(part.name)}:{LIVE_ALIAS}"
    target = stack.add(
        TaggedScalableTarget(
            f"{part.logical_id}ConcurrencyTarget",
            ServiceNamespace="lambda",
            ScalableDimension=_DIMENSION,
            ResourceId=resource,
            MinCapacity=provisioned.minimum,
            MaxCapacity=provisioned.maximum,
            RoleARN=Sub(_ROLE),
            Tags=Tags(**context.tags),
            DependsOn=[alias.title],
        )
    )
    stack.add(
        ScalingPolicy(
            f"{part.logical_id}ConcurrencyPolicy",
            PolicyName=context.names.function(part.name),
            PolicyType="TargetTrackingScaling",
            ScalingTargetId=target.ref(),
            TargetTrackingScalingPolicyConfiguration=TargetTrackingScalingPolicyConfiguration(
                TargetValue=provisioned.target_percent / 100,
                PredefinedMetricSpecification=PredefinedMetricSpecification(
                    PredefinedMetricType="LambdaProvisionedConcurrencyUtilization"
                ),
            ),
        )
    )
