"""Log groups, their filters and saved queries."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::Logs::LogGroup",
        create=("logs:CreateLogGroup DescribeLogGroups GetDataProtectionPolicy PutRetentionPolicy TagResource"),
        read="logs:DescribeLogGroups GetDataProtectionPolicy ListTagsForResource",
        update=(
            "logs:AssociateKmsKey DeleteRetentionPolicy DescribeLogGroups DisassociateKmsKey "
            "GetDataProtectionPolicy PutRetentionPolicy TagResource UntagResource"
        ),
        delete="logs:DeleteLogGroup DescribeLogGroups",
        omitted=(
            Omission(
                (
                    "firehose:TagDeliveryStream; logs:CreateLogDelivery DescribeResourcePolicies PutResourcePolicy; "
                    "s3:REST.PUT.OBJECT"
                ),
                "no delivery of the log group",
            ),
            Omission(
                "logs:DeleteDataProtectionPolicy PutDataProtectionPolicy",
                "no data protection of the log group",
                unless=("DataProtectionPolicy",),
            ),
        ),
    ),
    ResourceCalls(
        "AWS::Logs::MetricFilter",
        create="logs:DescribeMetricFilters PutMetricFilter",
        read="logs:DescribeMetricFilters",
        update="logs:DescribeMetricFilters PutMetricFilter",
        delete="logs:DeleteMetricFilter",
    ),
    ResourceCalls(
        "AWS::Logs::QueryDefinition",
        create="logs:PutQueryDefinition",
        read="logs:DescribeQueryDefinitions",
        update="logs:PutQueryDefinition",
        delete="logs:DeleteQueryDefinition",
    ),
)
