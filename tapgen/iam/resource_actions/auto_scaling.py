"""Application Auto Scaling: provisioned concurrency of an alias that follows its use."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        create=(
            "application-autoscaling:DescribeScalableTargets DescribeScheduledActions ListTagsForResource "
            "RegisterScalableTarget TagResource; "
            "cloudwatch:DeleteAlarms DescribeAlarms PutMetricAlarm; iam:CreateServiceLinkedRole; "
            "lambda:DeleteProvisionedConcurrencyConfig GetProvisionedConcurrencyConfig PutProvisionedConcurrencyConfig"
        ),
        read="application-autoscaling:DescribeScalableTargets DescribeScheduledActions ListTagsForResource",
        update=(
            "application-autoscaling:DescribeScalableTargets DescribeScheduledActions ListTagsForResource "
            "RegisterScalableTarget TagResource UntagResource; "
            "cloudwatch:DeleteAlarms DescribeAlarms PutMetricAlarm; "
            "lambda:DeleteProvisionedConcurrencyConfig GetProvisionedConcurrencyConfig PutProvisionedConcurrencyConfig"
        ),
        delete="application-autoscaling:DeregisterScalableTarget",
        omitted=(
            Omission(
                "application-autoscaling:DeleteScheduledAction PutScheduledAction",
                "nothing is scaled by the clock",
                unless=("ScheduledActions",),
            ),
            Omission("iam:PassRole", "Lambda's aliases are scaled with a service-linked role", unless=("RoleARN",)),
        ),
    ),
    ResourceCalls(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        create="application-autoscaling:DescribeScalingPolicies PutScalingPolicy",
        read="application-autoscaling:DescribeScalingPolicies",
        update="application-autoscaling:DescribeScalingPolicies PutScalingPolicy",
        delete="application-autoscaling:DeleteScalingPolicy DescribeScalingPolicies",
        omitted=(
            Omission(
                "cloudwatch:GetMetricData",
                "no predictive scaling",
                unless=("PredictiveScalingPolicyConfiguration",),
            ),
        ),
    ),
)
