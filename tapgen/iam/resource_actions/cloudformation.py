"""Nested stacks."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::CloudFormation::Stack",
        create="cloudformation:CreateStack DescribeStacks; iam:PassRole",
        read="cloudformation:DescribeStacks GetTemplate",
        update="cloudformation:DescribeStacks UpdateStack; iam:PassRole",
        delete="cloudformation:DeleteStack DescribeStacks",
        omitted=(
            Omission(
                "cloudformation:GetStackPolicy SetStackPolicy UpdateTerminationProtection",
                "nested stacks have neither a stack policy nor termination protection",
            ),
        ),
    ),
)
