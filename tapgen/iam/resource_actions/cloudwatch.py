"""Alarms and dashboards."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::CloudWatch::Alarm",
        create="cloudwatch:DescribeAlarms PutMetricAlarm TagResource",
        read="cloudwatch:DescribeAlarms ListTagsForResource",
        update="cloudwatch:DescribeAlarms ListTagsForResource PutMetricAlarm TagResource UntagResource",
        delete="cloudwatch:DeleteAlarms DescribeAlarms",
    ),
    ResourceCalls(
        "AWS::CloudWatch::CompositeAlarm",
        create="cloudwatch:DescribeAlarms PutCompositeAlarm TagResource",
        read="cloudwatch:DescribeAlarms ListTagsForResource",
        update="cloudwatch:DescribeAlarms ListTagsForResource PutCompositeAlarm TagResource UntagResource",
        delete="cloudwatch:DeleteAlarms DescribeAlarms",
    ),
    ResourceCalls(
        "AWS::CloudWatch::Dashboard",
        create="cloudwatch:GetDashboard PutDashboard TagResource",
        read="cloudwatch:GetDashboard ListTagsForResource",
        update="cloudwatch:ListTagsForResource PutDashboard TagResource UntagResource",
        delete="cloudwatch:DeleteDashboards GetDashboard",
    ),
)
