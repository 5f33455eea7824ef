"""Tables."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::DynamoDB::Table",
        create=(
            "dynamodb:CreateTable DescribeContinuousBackups DescribeContributorInsights "
            "DescribeKinesisStreamingDestination DescribeTable DescribeTimeToLive GetResourcePolicy "
            "ListTagsOfResource TagResource UpdateContinuousBackups UpdateTable; "
            "kms:CreateGrant Decrypt DescribeKey"
        ),
        read=(
            "dynamodb:DescribeContinuousBackups DescribeContributorInsights "
            "DescribeKinesisStreamingDestination DescribeTable DescribeTimeToLive GetResourcePolicy "
            "ListTagsOfResource"
        ),
        update=(
            "dynamodb:CreateTable DescribeContinuousBackups DescribeContributorInsights "
            "DescribeKinesisStreamingDestination DescribeTable DescribeTimeToLive GetResourcePolicy "
            "ListTagsOfResource TagResource UntagResource UpdateContinuousBackups UpdateTable; "
            "kms:CreateGrant DescribeKey"
        ),
        delete="dynamodb:DeleteTable DescribeTable",
        omitted=(
            Omission(
                (
                    "dynamodb:AssociateTableReplica BatchWriteItem CreateTableReplica DeleteItem GetItem "
                    "PutItem Query Scan UpdateItem"
                ),
                "no replicas, and nothing of CloudFormation's reads or writes items",
            ),
            Omission(
                (
                    "dynamodb:DescribeImport ImportTable; logs:CreateLogGroup CreateLogStream "
                    "DescribeLogGroups DescribeLogStreams PutLogEvents PutRetentionPolicy; s3:GetObject "
                    "GetObjectMetadata ListBucket"
                ),
                "nothing is imported",
            ),
            Omission(
                (
                    "dynamodb:DisableKinesisStreamingDestination EnableKinesisStreamingDestination "
                    "UpdateKinesisStreamingDestination; kinesis:DescribeStream PutRecords"
                ),
                "no Kinesis stream",
                unless=("KinesisStreamSpecification",),
            ),
            Omission("dynamodb:UpdateTimeToLive", "no item expires", unless=("TimeToLiveSpecification",)),
            Omission("iam:CreateServiceLinkedRole", "no replicas"),
            Omission(
                "dynamodb:DeleteResourcePolicy PutResourcePolicy", "no resource policy", unless=("ResourcePolicy",)
            ),
            Omission(
                "dynamodb:UpdateContributorInsights",
                "no contributor insights",
                unless=("ContributorInsightsSpecification",),
            ),
            Omission("kms:Encrypt ListAliases RevokeGrant", "no replicas, and the key is named by its ARN"),
        ),
    ),
)
