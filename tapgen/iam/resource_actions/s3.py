"""Buckets and their policies."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::S3::Bucket",
        create=(
            "s3:CreateBucket GetBucketMetadataTableConfiguration ListBucket "
            "PutBucketLogging PutBucketOwnershipControls "
            "PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning "
            "PutEncryptionConfiguration PutLifecycleConfiguration"
        ),
        read=(
            "s3:GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketAbac GetBucketCORS GetBucketLogging "
            "GetBucketMetadataTableConfiguration GetBucketNotification GetBucketObjectLockConfiguration "
            "GetBucketOwnershipControls "
            "GetBucketPublicAccessBlock GetBucketTagging GetBucketVersioning GetBucketWebsite "
            "GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration "
            "GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration "
            "ListBucket ListTagsForResource"
        ),
        update=(
            "s3:GetBucketMetadataTableConfiguration GetBucketTagging ListBucket "
            "PutBucketLogging PutBucketOwnershipControls "
            "PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning "
            "PutEncryptionConfiguration PutLifecycleConfiguration"
        ),
        delete="s3:DeleteBucket ListBucket",
        omitted=(
            Omission(
                "iam:PassRole; s3:PutReplicationConfiguration",
                "no replication",
                unless=("ReplicationConfiguration",),
            ),
            Omission("s3:DeleteBucketReplication PutBucketReplication", "IAM has no such actions"),
            Omission(
                (
                    "s3:CreateBucketMetadataTableConfiguration DeleteBucketMetadataTableConfiguration "
                    "UpdateBucketMetadataAnnotationTableConfiguration UpdateBucketMetadataInventoryTableConfiguration "
                    "UpdateBucketMetadataJournalTableConfiguration; s3tables:CreateNamespace CreateTable "
                    "CreateTableBucket GetTable GetTableMetadataLocation PutTableBucketPolicy PutTableEncryption "
                    "PutTablePolicy UpdateTableMetadataLocation"
                ),
                "no metadata tables",
            ),
            Omission(
                "s3:PutBucketAbac TagResource UntagResource", "access is not told by tags", unless=("AbacStatus",)
            ),
            Omission("s3:PutAccelerateConfiguration", "no acceleration", unless=("AccelerateConfiguration",)),
            Omission("s3:PutAnalyticsConfiguration", "no analytics", unless=("AnalyticsConfigurations",)),
            Omission("s3:PutBucketCORS", "no CORS", unless=("CorsConfiguration",)),
            Omission("s3:PutBucketNotification", "no notifications", unless=("NotificationConfiguration",)),
            Omission(
                "s3:PutBucketObjectLockConfiguration",
                "no object lock",
                unless=("ObjectLockConfiguration", "ObjectLockEnabled"),
            ),
            Omission("s3:DeleteBucketWebsite PutBucketWebsite", "no website", unless=("WebsiteConfiguration",)),
            Omission(
                "s3:PutIntelligentTieringConfiguration", "no tiering", unless=("IntelligentTieringConfigurations",)
            ),
            Omission("s3:PutInventoryConfiguration", "no inventory", unless=("InventoryConfigurations",)),
            Omission("s3:PutMetricsConfiguration", "no request metrics", unless=("MetricsConfigurations",)),
            Omission("s3:GetBucketAcl PutBucketAcl", "no ACL", unless=("AccessControl",)),
            Omission("s3:DeleteObject PutObjectAcl", "nothing of CloudFormation's deletes or opens objects"),
            Omission(
                (
                    "s3:DeleteBucketAnalyticsConfiguration DeleteBucketCors DeleteBucketMetricsConfiguration "
                    "PutObjectLockConfiguration"
                ),
                "IAM has no such actions: those that put a setting take it away, too",
            ),
            Omission(
                "s3:DeleteBucketEncryption DeleteBucketLifecycle", "no bucket loses its encryption or its lifecycle"
            ),
            Omission("s3:DeleteBucketTagging", "IAM has no such action: PutBucketTagging is what it asks for"),
        ),
    ),
    ResourceCalls(
        "AWS::S3::BucketPolicy",
        create="s3:GetBucketPolicy PutBucketPolicy",
        read="s3:GetBucketPolicy",
        update="s3:GetBucketPolicy PutBucketPolicy",
        delete="s3:DeleteBucketPolicy GetBucketPolicy",
    ),
)
