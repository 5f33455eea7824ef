"""Which calls of tables, buckets, logs, keys, secrets, topics and rules are for some properties alone."""

from __future__ import annotations

from tapgen.local.extension.cloudformation.acting.reading import PASSES_ROLE, USES_KEY, Reading

_TABLE = "AWS::DynamoDB::Table"
_BUCKET = "AWS::S3::Bucket"
_GROUP = "AWS::Logs::LogGroup"
_GLOBAL = "replicas are a property of AWS::DynamoDB::GlobalTable; this type has none (template reference)"
_IMPORT = "DynamoDB developer guide, 'Importing data from Amazon S3', permissions"
_METADATA = "S3 user guide, 'Setting up permissions for configuring metadata tables'"
_DATA_POLICY = "CloudWatch Logs user guide, 'IAM permissions required to create or work with a data protection policy'"

READINGS: tuple[Reading, ...] = (
    Reading(
        _TABLE,
        (
            "dynamodb:AssociateTableReplica BatchWriteItem CreateTableReplica DeleteItem GetItem PutItem Query Scan "
            "UpdateItem"
        ),
        (),
        _GLOBAL,
    ),
    Reading(_TABLE, "iam:CreateServiceLinkedRole", (), _GLOBAL),
    Reading(_TABLE, "kms:ListAliases RevokeGrant", (), _GLOBAL),
    Reading(_TABLE, "kms:CreateGrant Decrypt DescribeKey Encrypt", ("KMSMasterKeyId",), USES_KEY),
    Reading(_TABLE, "dynamodb:DescribeImport ImportTable", ("ImportSourceSpecification",), _IMPORT),
    Reading(
        _TABLE,
        "logs:CreateLogGroup CreateLogStream DescribeLogGroups DescribeLogStreams PutLogEvents PutRetentionPolicy",
        ("ImportSourceSpecification",),
        _IMPORT,
    ),
    Reading(_TABLE, "s3:GetObject ListBucket", ("ImportSourceSpecification",), _IMPORT),
    Reading(
        _TABLE,
        (
            "dynamodb:DisableKinesisStreamingDestination EnableKinesisStreamingDestination "
            "UpdateKinesisStreamingDestination"
        ),
        ("KinesisStreamSpecification",),
        "DynamoDB API reference, 'EnableKinesisStreamingDestination'",
    ),
    Reading(
        _TABLE,
        "kinesis:DescribeStream PutRecords",
        ("KinesisStreamSpecification",),
        "DynamoDB developer guide, 'Using IAM policies for Amazon Kinesis Data Streams and DynamoDB'",
    ),
    Reading(
        _TABLE,
        "dynamodb:UpdateContinuousBackups",
        ("PointInTimeRecoverySpecification",),
        "DynamoDB API reference, 'UpdateContinuousBackups'",
    ),
    Reading("AWS::Events::EventBus", "events:PutPermission RemovePermission", ("Policy",), "EventBridge API reference"),
    Reading(
        "AWS::Events::EventBus",
        "kms:Decrypt DescribeKey Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo",
        ("KmsKeyIdentifier",),
        USES_KEY,
    ),
    Reading("AWS::Events::Rule", "iam:PassRole", ("RoleArn",), PASSES_ROLE),
    Reading("AWS::KMS::Key", "kms:DisableKey EnableKey", ("Enabled",), "KMS API reference: a new key is enabled"),
    Reading(
        "AWS::KMS::Key",
        "kms:DisableKeyRotation EnableKeyRotation",
        ("EnableKeyRotation", "RotationPeriodInDays"),
        "KMS API reference: a new key does not rotate",
    ),
    Reading(
        _GROUP,
        "logs:CreateLogDelivery DescribeResourcePolicies",
        ("DataProtectionPolicy", "ResourcePolicyDocument"),
        _DATA_POLICY,
    ),
    Reading(_GROUP, "firehose:TagDeliveryStream", ("DataProtectionPolicy",), _DATA_POLICY),
    Reading(_GROUP, "logs:DeleteRetentionPolicy PutRetentionPolicy", ("RetentionInDays",), "Logs API reference"),
    Reading(_GROUP, "logs:DeleteIndexPolicy PutIndexPolicy", ("FieldIndexPolicies",), "Logs API reference"),
    Reading(
        _GROUP,
        "logs:PutBearerTokenAuthentication",
        ("BearerTokenAuthenticationEnabled",),
        "Logs API reference, 'PutBearerTokenAuthentication'",
    ),
    Reading(
        _GROUP,
        "logs:PutLogGroupDeletionProtection",
        ("DeletionProtectionEnabled",),
        "Logs API reference, 'PutLogGroupDeletionProtection'",
    ),
    Reading(_BUCKET, "iam:PassRole", ("ReplicationConfiguration",), PASSES_ROLE),
    Reading(_BUCKET, "s3:DeleteObject PutObjectAcl", (), "an empty bucket has no objects (S3 API, 'CreateBucket')"),
    Reading(_BUCKET, "s3:GetBucketAcl PutBucketAcl", ("AccessControl",), "S3 API reference, 'PutBucketAcl'"),
    Reading(_BUCKET, "s3:PutEncryptionConfiguration", ("BucketEncryption",), "S3 API reference, 'PutBucketEncryption'"),
    Reading(
        _BUCKET,
        "s3:PutBucketObjectLockConfiguration",
        ("ObjectLockConfiguration", "ObjectLockEnabled"),
        "S3 API reference, 'CreateBucket', permissions for object lock",
    ),
    Reading(_BUCKET, "s3:PutBucketVersioning", ("ObjectLockEnabled", "VersioningConfiguration"), "S3 API, the same"),
    Reading(
        _BUCKET,
        "s3:PutBucketAbac TagResource UntagResource",
        ("AbacStatus",),
        "S3 user guide, 'Using tags with S3 general purpose buckets': PutBucketTagging where ABAC is off",
    ),
    Reading(
        _BUCKET,
        (
            "s3:CreateBucketMetadataTableConfiguration DeleteBucketMetadataTableConfiguration "
            "UpdateBucketMetadataAnnotationTableConfiguration UpdateBucketMetadataInventoryTableConfiguration "
            "UpdateBucketMetadataJournalTableConfiguration"
        ),
        ("MetadataConfiguration", "MetadataTableConfiguration"),
        _METADATA,
    ),
    Reading(
        _BUCKET,
        (
            "s3tables:CreateNamespace CreateTable CreateTableBucket GetTable GetTableMetadataLocation "
            "PutTableBucketPolicy PutTableEncryption PutTablePolicy UpdateTableMetadataLocation"
        ),
        ("MetadataConfiguration", "MetadataTableConfiguration"),
        _METADATA,
    ),
    Reading("AWS::SNS::Subscription", "iam:GetRole PassRole", ("SubscriptionRoleArn",), PASSES_ROLE),
    Reading("AWS::SNS::Topic", "iam:GetRole PassRole", ("DeliveryStatusLogging",), PASSES_ROLE),
    Reading(
        "AWS::SNS::Topic",
        "sns:Subscribe Unsubscribe",
        ("Subscription",),
        "template reference, 'Subscription' of a topic",
    ),
    Reading(
        "AWS::SecretsManager::Secret",
        "secretsmanager:GetRandomPassword",
        ("GenerateSecretString",),
        "template reference, 'GenerateSecretString'",
    ),
    Reading(
        "AWS::SecretsManager::Secret",
        "secretsmanager:GetSecretValue",
        ("GenerateSecretString", "SecretString"),
        "template reference: no property that can be read holds a value; one that was given or made may be compared",
    ),
    Reading(
        "AWS::SecretsManager::Secret",
        "secretsmanager:RemoveRegionsFromReplication ReplicateSecretToRegions",
        ("ReplicaRegions",),
        "Secrets Manager API reference, 'ReplicateSecretToRegions'",
    ),
)
