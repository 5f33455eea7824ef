"""Log groups, their filters and saved queries."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::Logs::LogGroup",
        create=(
            "logs:CreateLogGroup DescribeIndexPolicies DescribeLogGroups DescribeResourcePolicies "
            "GetDataProtectionPolicy PutRetentionPolicy TagResource"
        ),
        read=(
            "logs:DescribeIndexPolicies DescribeLogGroups DescribeResourcePolicies GetDataProtectionPolicy "
            "ListTagsForResource"
        ),
        update=(
            "logs:DeleteRetentionPolicy DescribeLogGroups DescribeResourcePolicies GetDataProtectionPolicy "
            "PutRetentionPolicy TagResource UntagResource"
        ),
        delete="logs:DeleteLogGroup DescribeLogGroups",
        omitted=(
            Omission(
                (
                    "firehose:TagDeliveryStream; logs:CreateLogDelivery DeleteResourcePolicy PutResourcePolicy; "
                    "s3:REST.PUT.OBJECT"
                ),
                "no delivery of the log group",
            ),
            Omission("logs:AssociateKmsKey DisassociateKmsKey", "no key of the customer's", unless=("KmsKeyId",)),
            Omission("logs:DeleteIndexPolicy PutIndexPolicy", "no indexed fields", unless=("FieldIndexPolicies",)),
            Omission(
                "logs:PutBearerTokenAuthentication",
                "nobody sends logs with a token",
                unless=("BearerTokenAuthenticationEnabled",),
            ),
            Omission(
                "logs:PutLogGroupDeletionProtection",
                "logs may go with their function",
                unless=("DeletionProtectionEnabled",),
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
