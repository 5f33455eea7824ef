"""What CloudFormation calls for each resource type that the templates use, by what it does with the resource.

The facts are those of the resource types' schemas (``DescribeType``, ``handlers.*.permissions``), reduced to what the
templates' properties need; ``LEFT_OUT`` says what went and why. Handlers for listing are left out throughout: stacks do
not list. Types without a schema carry the calls that their documentation names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OPERATIONS = ("create", "read", "update", "delete")

# Type → operation → actions, by service: "sqs:CreateQueue TagQueue; kms:Decrypt".
_ACTIONS: Mapping[str, Mapping[str, str]] = {
    "AWS::ApiGatewayV2::Api": {
        "create": "apigateway:POST PUT",
        "read": "apigateway:GET",
        "update": "apigateway:DELETE GET PATCH POST PUT",
        "delete": "apigateway:DELETE GET",
    },
    "AWS::ApiGatewayV2::Authorizer": {
        "create": "apigateway:POST",
        "read": "apigateway:GET",
        "update": "apigateway:GET PATCH PUT",
        "delete": "apigateway:DELETE GET",
    },
    "AWS::ApiGatewayV2::Integration": {
        "create": "apigateway:POST",
        "read": "apigateway:GET",
        "update": "apigateway:GET PATCH PUT",
        "delete": "apigateway:DELETE GET",
    },
    "AWS::ApiGatewayV2::Route": {
        "create": "apigateway:POST",
        "read": "apigateway:GET",
        "update": "apigateway:GET PATCH PUT",
        "delete": "apigateway:DELETE GET",
    },
    "AWS::ApiGatewayV2::Stage": {
        "create": "apigateway:POST",
        "read": "apigateway:GET",
        "update": "apigateway:DELETE PATCH POST",
        "delete": "apigateway:DELETE",
    },
    "AWS::CloudFormation::Stack": {
        "create": "cloudformation:CreateStack DescribeStacks; iam:PassRole",
        "read": "cloudformation:DescribeStacks GetTemplate",
        "update": "cloudformation:DescribeStacks UpdateStack; iam:PassRole",
        "delete": "cloudformation:DeleteStack DescribeStacks",
    },
    "AWS::CloudWatch::Alarm": {
        "create": "cloudwatch:DescribeAlarms PutMetricAlarm TagResource",
        "read": "cloudwatch:DescribeAlarms ListTagsForResource",
        "update": "cloudwatch:DescribeAlarms ListTagsForResource PutMetricAlarm TagResource UntagResource",
        "delete": "cloudwatch:DeleteAlarms DescribeAlarms",
    },
    "AWS::CloudWatch::CompositeAlarm": {
        "create": "cloudwatch:DescribeAlarms PutCompositeAlarm TagResource",
        "read": "cloudwatch:DescribeAlarms ListTagsForResource",
        "update": "cloudwatch:DescribeAlarms ListTagsForResource PutCompositeAlarm TagResource UntagResource",
        "delete": "cloudwatch:DeleteAlarms DescribeAlarms",
    },
    "AWS::CloudWatch::Dashboard": {
        "create": "cloudwatch:GetDashboard PutDashboard TagResource",
        "read": "cloudwatch:GetDashboard ListTagsForResource",
        "update": "cloudwatch:ListTagsForResource PutDashboard TagResource UntagResource",
        "delete": "cloudwatch:DeleteDashboards GetDashboard",
    },
    "AWS::CodeDeploy::Application": {
        "create": "codedeploy:CreateApplication TagResource",
        "read": "codedeploy:GetApplication ListTagsForResource",
        "update": "codedeploy:TagResource UntagResource",
        "delete": "codedeploy:DeleteApplication GetApplication",
    },
    "AWS::CodeDeploy::DeploymentConfig": {
        "create": "codedeploy:CreateDeploymentConfig",
        "read": "codedeploy:GetDeploymentConfig",
        "delete": "codedeploy:DeleteDeploymentConfig GetDeploymentConfig",
    },
    "AWS::CodeDeploy::DeploymentGroup": {
        "create": (
            "codedeploy:CreateDeploymentGroup GetDeploymentConfig GetDeploymentGroup TagResource UntagResource; "
            "iam:PassRole"
        ),
        "read": "codedeploy:GetDeploymentGroup ListTagsForResource",
        "update": (
            "codedeploy:GetDeploymentConfig ListTagsForResource TagResource UntagResource UpdateDeploymentGroup; "
            "iam:PassRole"
        ),
        "delete": "codedeploy:DeleteDeploymentGroup GetDeploymentGroup",
    },
    "AWS::DynamoDB::Table": {
        "create": (
            "dynamodb:CreateTable DescribeContinuousBackups DescribeContributorInsights "
            "DescribeKinesisStreamingDestination DescribeTable DescribeTimeToLive GetResourcePolicy "
            "ListTagsOfResource TagResource UpdateContinuousBackups UpdateTable UpdateTimeToLive; kms:CreateGrant "
            "Decrypt DescribeKey"
        ),
        "read": (
            "dynamodb:DescribeContinuousBackups DescribeContributorInsights DescribeKinesisStreamingDestination "
            "DescribeTable DescribeTimeToLive GetResourcePolicy ListTagsOfResource"
        ),
        "update": (
            "dynamodb:CreateTable DescribeContinuousBackups DescribeContributorInsights "
            "DescribeKinesisStreamingDestination DescribeTable DescribeTimeToLive GetResourcePolicy "
            "ListTagsOfResource TagResource UntagResource UpdateContinuousBackups UpdateTable UpdateTimeToLive; "
            "kms:CreateGrant DescribeKey"
        ),
        "delete": "dynamodb:DeleteTable DescribeTable",
    },
    "AWS::Events::Rule": {
        "create": "events:DescribeRule PutRule PutTargets TagResource",
        "read": "events:DescribeRule ListTagsForResource ListTargetsByRule",
        "update": "events:DescribeRule ListTagsForResource PutRule PutTargets RemoveTargets TagResource UntagResource",
        "delete": "events:DeleteRule DescribeRule ListTargetsByRule RemoveTargets",
    },
    "AWS::IAM::Policy": {
        "create": "iam:GetRolePolicy PutRolePolicy",
        "read": "iam:GetRolePolicy",
        "update": "iam:PutRolePolicy",
        "delete": "iam:DeleteRolePolicy",
    },
    "AWS::IAM::Role": {
        "create": "iam:CreateRole GetRole GetRolePolicy PutRolePolicy TagRole UntagRole",
        "read": "iam:GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies",
        "update": (
            "iam:DeleteRolePolicy ListRoleTags PutRolePermissionsBoundary PutRolePolicy TagRole UntagRole "
            "UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription"
        ),
        "delete": "iam:DeleteRole DeleteRolePolicy GetRole ListAttachedRolePolicies ListRolePolicies TagRole UntagRole",
    },
    "AWS::KMS::Alias": {
        "create": "kms:CreateAlias",
        "read": "kms:ListAliases",
        "update": "kms:UpdateAlias",
        "delete": "kms:DeleteAlias",
    },
    "AWS::KMS::Key": {
        "create": "kms:CreateKey EnableKeyRotation PutKeyPolicy TagResource",
        "read": "kms:DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags",
        "update": (
            "kms:DescribeKey EnableKeyRotation ListResourceTags PutKeyPolicy TagResource UntagResource "
            "UpdateKeyDescription"
        ),
        "delete": "kms:DescribeKey ScheduleKeyDeletion",
    },
    "AWS::Lambda::Alias": {
        "create": "lambda:CreateAlias GetProvisionedConcurrencyConfig",
        "read": "lambda:GetAlias GetProvisionedConcurrencyConfig",
        "update": (
            "codedeploy:CreateDeployment GetDeployment GetDeploymentConfig GetDeploymentGroup StopDeployment; "
            "lambda:GetAlias GetProvisionedConcurrencyConfig UpdateAlias"
        ),
        "delete": "lambda:DeleteAlias GetAlias",
    },
    "AWS::Lambda::EventSourceMapping": {
        "create": "lambda:CreateEventSourceMapping GetEventSourceMapping TagResource",
        "read": "lambda:GetEventSourceMapping ListTags",
        "update": "lambda:GetEventSourceMapping ListTags TagResource UntagResource UpdateEventSourceMapping",
        "delete": "lambda:DeleteEventSourceMapping GetEventSourceMapping",
    },
    "AWS::Lambda::Function": {
        "create": (
            "iam:PassRole; kms:CreateGrant Decrypt Encrypt; lambda:CreateFunction GetFunction "
            "GetFunctionCodeSigningConfig GetFunctionRecursionConfig GetLayerVersion GetRuntimeManagementConfig "
            "PutFunctionConcurrency TagResource; s3:GetObject GetObjectVersion"
        ),
        "read": (
            "kms:Decrypt; lambda:GetFunction GetFunctionCodeSigningConfig GetFunctionRecursionConfig "
            "GetFunctionScalingConfig GetRuntimeManagementConfig"
        ),
        "update": (
            "iam:PassRole; kms:CreateGrant Decrypt; lambda:DeleteFunctionConcurrency GetFunction "
            "GetFunctionCodeSigningConfig GetFunctionRecursionConfig GetRuntimeManagementConfig ListTags "
            "PutFunctionConcurrency TagResource UntagResource UpdateFunctionCode UpdateFunctionConfiguration; "
            "s3:GetObject GetObjectVersion"
        ),
        "delete": "lambda:DeleteFunction GetFunction",
    },
    "AWS::Lambda::LayerVersion": {
        "create": "lambda:PublishLayerVersion; s3:GetObject GetObjectVersion",
        "read": "lambda:GetLayerVersion",
        "delete": "lambda:DeleteLayerVersion GetLayerVersion",
    },
    "AWS::Lambda::Permission": {
        "create": "lambda:AddPermission",
        "read": "lambda:GetPolicy",
        "delete": "lambda:RemovePermission",
    },
    "AWS::Lambda::Version": {
        "create": (
            "lambda:GetFunctionConfiguration GetProvisionedConcurrencyConfig GetRuntimeManagementConfig "
            "ListVersionsByFunction PublishVersion"
        ),
        "read": (
            "lambda:GetFunctionConfiguration GetFunctionScalingConfig GetProvisionedConcurrencyConfig "
            "GetRuntimeManagementConfig"
        ),
        "update": "lambda:GetFunctionConfiguration",
        "delete": "lambda:DeleteFunction GetFunctionConfiguration",
    },
    "AWS::Logs::LogGroup": {
        "create": "logs:CreateLogGroup DescribeLogGroups GetDataProtectionPolicy PutRetentionPolicy TagResource",
        "read": "logs:DescribeLogGroups GetDataProtectionPolicy ListTagsForResource",
        "update": (
            "logs:AssociateKmsKey DeleteRetentionPolicy DescribeLogGroups DisassociateKmsKey GetDataProtectionPolicy "
            "PutRetentionPolicy TagResource UntagResource"
        ),
        "delete": "logs:DeleteLogGroup DescribeLogGroups",
    },
    "AWS::Logs::QueryDefinition": {
        "create": "logs:PutQueryDefinition",
        "read": "logs:DescribeQueryDefinitions",
        "update": "logs:PutQueryDefinition",
        "delete": "logs:DeleteQueryDefinition",
    },
    "AWS::S3::Bucket": {
        "create": (
            "s3:CreateBucket ListBucket PutBucketLogging PutBucketOwnershipControls PutBucketPublicAccessBlock "
            "PutBucketTagging PutBucketVersioning PutEncryptionConfiguration PutLifecycleConfiguration"
        ),
        "read": (
            "s3:GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketCORS GetBucketLogging "
            "GetBucketNotification GetBucketObjectLockConfiguration GetBucketOwnershipControls "
            "GetBucketPublicAccessBlock GetBucketTagging GetBucketVersioning GetBucketWebsite "
            "GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration "
            "GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration ListBucket"
        ),
        "update": (
            "s3:GetBucketTagging ListBucket PutBucketLogging PutBucketOwnershipControls "
            "PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration "
            "PutLifecycleConfiguration"
        ),
        "delete": "s3:DeleteBucket ListBucket",
    },
    "AWS::S3::BucketPolicy": {
        "create": "s3:GetBucketPolicy PutBucketPolicy",
        "read": "s3:GetBucketPolicy",
        "update": "s3:GetBucketPolicy PutBucketPolicy",
        "delete": "s3:DeleteBucketPolicy GetBucketPolicy",
    },
    "AWS::SNS::Subscription": {
        "create": "sns:Subscribe",
        "read": "sns:GetSubscriptionAttributes",
        "update": "sns:SetSubscriptionAttributes",
        "delete": "sns:GetSubscriptionAttributes Unsubscribe",
    },
    "AWS::SNS::Topic": {
        "create": "sns:CreateTopic GetTopicAttributes TagResource",
        "read": "sns:GetDataProtectionPolicy GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource",
        "update": (
            "sns:GetDataProtectionPolicy GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource "
            "SetTopicAttributes TagResource UntagResource"
        ),
        "delete": "sns:DeleteTopic GetTopicAttributes",
    },
    "AWS::SNS::TopicPolicy": {
        "create": "sns:SetTopicAttributes",
        "read": "sns:GetTopicAttributes",
        "update": "sns:SetTopicAttributes",
        "delete": "sns:SetTopicAttributes",
    },
    "AWS::SQS::Queue": {
        "create": "sqs:CreateQueue GetQueueAttributes GetQueueUrl ListQueueTags TagQueue",
        "read": "sqs:GetQueueAttributes ListQueueTags",
        "update": "sqs:GetQueueAttributes ListQueueTags SetQueueAttributes TagQueue UntagQueue",
        "delete": "sqs:DeleteQueue GetQueueAttributes",
    },
    "AWS::SQS::QueuePolicy": {
        "create": "sqs:SetQueueAttributes",
        "read": "sqs:GetQueueAttributes",
        "update": "sqs:SetQueueAttributes",
        "delete": "sqs:SetQueueAttributes",
    },
}

# What the schemas do not say and the services ask for.
_ADDED: tuple[tuple[str, str, str], ...] = (
    (
        "AWS::ApiGatewayV2::Stage",
        (
            "logs:CreateLogDelivery DeleteLogDelivery DescribeLogGroups DescribeResourcePolicies GetLogDelivery"
            " ListLogDeliveries PutResourcePolicy UpdateLogDelivery"
        ),
        "access logs: API Gateway developer guide, 'Configure logging for HTTP APIs'",
    ),
    (
        "AWS::Lambda::Alias",
        "codedeploy:GetApplicationRevision RegisterApplicationRevision",
        "the shift's AppSpec is a revision: CodeDeploy user guide, 'CodeDeploy permissions reference'",
    ),
)

LEFT_OUT: tuple[tuple[str, str, str], ...] = (
    ("AWS::ApiGatewayV2::Api", "s3:GetObject", "no API definition is imported from S3"),
    ("AWS::ApiGatewayV2::Authorizer", "iam:PassRole", "no AuthorizerCredentialsArn"),
    (
        "AWS::ApiGatewayV2::Integration",
        "iam:PassRole",
        "no CredentialsArn: API Gateway invokes by the function's own policy",
    ),
    (
        "AWS::CloudFormation::Stack",
        "cloudformation:GetStackPolicy SetStackPolicy UpdateTerminationProtection",
        "nested stacks have neither a stack policy nor termination protection",
    ),
    (
        "AWS::CodeDeploy::DeploymentGroup",
        (
            "codedeploy:CreateDeployment GetApplicationRevision GetDeployment ListDeployments "
            "RegisterApplicationRevision RegisterOnPremisesInstance StopDeployment"
        ),
        "no property Deployment, which is for instances",
    ),
    (
        "AWS::DynamoDB::Table",
        (
            "dynamodb:AssociateTableReplica BatchWriteItem CreateTableReplica DeleteItem GetItem PutItem Query Scan "
            "UpdateItem"
        ),
        "no replicas, and nothing of CloudFormation's reads or writes items",
    ),
    (
        "AWS::DynamoDB::Table",
        (
            "dynamodb:DescribeImport ImportTable; logs:CreateLogGroup CreateLogStream DescribeLogGroups "
            "DescribeLogStreams PutLogEvents PutRetentionPolicy; s3:GetObject GetObjectMetadata ListBucket"
        ),
        "nothing is imported",
    ),
    (
        "AWS::DynamoDB::Table",
        (
            "dynamodb:DisableKinesisStreamingDestination EnableKinesisStreamingDestination "
            "UpdateKinesisStreamingDestination; iam:CreateServiceLinkedRole; kinesis:DescribeStream PutRecords"
        ),
        "no Kinesis stream, no replicas",
    ),
    (
        "AWS::DynamoDB::Table",
        "dynamodb:DeleteResourcePolicy PutResourcePolicy UpdateContributorInsights",
        "neither a resource policy nor contributor insights",
    ),
    ("AWS::DynamoDB::Table", "kms:Encrypt ListAliases RevokeGrant", "no replicas, and the key is named by its ARN"),
    ("AWS::Events::Rule", "iam:PassRole", "its targets are topics, which take events without a role"),
    ("AWS::IAM::Role", "iam:AttachRolePolicy DetachRolePolicy", "roles have inline policies alone"),
    ("AWS::IAM::Role", "iam:DeleteRolePermissionsBoundary", "the boundary must never go"),
    ("AWS::KMS::Key", "kms:DisableKey DisableKeyRotation EnableKey", "the key is enabled and rotates, always"),
    (
        "AWS::Lambda::Alias",
        "lambda:DeleteProvisionedConcurrencyConfig PutProvisionedConcurrencyConfig",
        "no provisioned concurrency",
    ),
    (
        "AWS::Lambda::EventSourceMapping",
        "kms:Decrypt DescribeKey GenerateDataKey",
        "filter criteria are not encrypted",
    ),
    (
        "AWS::Lambda::Function",
        (
            "ec2:DescribeNetworkInterfaces DescribeSecurityGroups DescribeSubnets DescribeVpcs; "
            "elasticfilesystem:DescribeMountTargets; s3files:ListMountTargets"
        ),
        "no VPC and no file system",
    ),
    ("AWS::Lambda::Function", "kms:GenerateDataKey", "code is not encrypted with a key of ours"),
    (
        "AWS::Lambda::Function",
        (
            "lambda:DeleteFunctionCodeSigningConfig GetCodeSigningConfig PassCapacityProvider PublishVersion "
            "PutFunctionCodeSigningConfig PutFunctionRecursionConfig PutFunctionScalingConfig "
            "PutRuntimeManagementConfig"
        ),
        "neither code signing nor the settings of recursion, scaling and runtime updates",
    ),
    (
        "AWS::Lambda::Version",
        "lambda:PutFunctionScalingConfig PutProvisionedConcurrencyConfig PutRuntimeManagementConfig",
        "versions have no settings of their own",
    ),
    (
        "AWS::Logs::LogGroup",
        (
            "firehose:TagDeliveryStream; logs:CreateLogDelivery DeleteDataProtectionPolicy DescribeResourcePolicies "
            "PutDataProtectionPolicy PutResourcePolicy; s3:REST.PUT.OBJECT"
        ),
        "neither delivery nor data protection of the log group",
    ),
    (
        "AWS::S3::Bucket",
        "iam:PassRole; s3:DeleteBucketReplication PutBucketReplication PutReplicationConfiguration",
        "no replication",
    ),
    (
        "AWS::S3::Bucket",
        (
            "s3:CreateBucketMetadataTableConfiguration DeleteBucketMetadataTableConfiguration "
            "GetBucketMetadataTableConfiguration; s3tables:CreateNamespace CreateTable GetTable "
            "GetTableMetadataLocation PutTablePolicy UpdateTableMetadataLocation"
        ),
        "no metadata tables",
    ),
    (
        "AWS::S3::Bucket",
        (
            "s3:DeleteBucketAnalyticsConfiguration DeleteBucketCors DeleteBucketMetricsConfiguration "
            "DeleteBucketWebsite DeleteObject GetBucketAcl PutAccelerateConfiguration PutAnalyticsConfiguration "
            "PutBucketAcl PutBucketCORS PutBucketNotification PutBucketObjectLockConfiguration PutBucketWebsite "
            "PutIntelligentTieringConfiguration PutInventoryConfiguration PutMetricsConfiguration PutObjectAcl "
            "PutObjectLockConfiguration"
        ),
        "the buckets have none of these settings",
    ),
    (
        "AWS::S3::Bucket",
        "s3:DeleteBucketEncryption DeleteBucketLifecycle",
        "no bucket loses its encryption or its lifecycle",
    ),
    ("AWS::SNS::Subscription", "iam:GetRole PassRole", "no subscription needs a role"),
    (
        "AWS::SNS::Topic",
        "iam:GetRole PassRole; sns:PutDataProtectionPolicy Subscribe Unsubscribe",
        "neither delivery status nor data protection; subscriptions are resources of their own",
    ),
    (
        "AWS::ApiGatewayV2::Stage",
        "apigateway:TagResource UntagResource",
        "IAM has no such actions: tags are set with POST and DELETE on /tags",
    ),
    ("AWS::S3::Bucket", "s3:DeleteBucketTagging", "IAM has no such action: PutBucketTagging is what it asks for"),
    (
        "AWS::IAM::Policy",
        "iam:DeleteGroupPolicy DeleteUserPolicy PutGroupPolicy PutUserPolicy",
        "policies are attached to roles alone",
    ),
)
"""(type, actions that its schema or documentation lists and that the templates do not need, why)."""


def actions_of(resource_type: str) -> Iterator[tuple[str, str, str]]:
    """(operation, action, source) of everything that CloudFormation calls for a type.

    Raises:
        KeyError: The type is not in the table: put it in.
    """
    for operation, text in _ACTIONS[resource_type].items():
        for action in split_actions(text):
            yield operation, action, f"schema of {resource_type}"
    for added_to, text, source in _ADDED:
        if added_to == resource_type:
            for action in split_actions(text):
                yield "create", action, source


def known_types() -> frozenset[str]:
    """Every type of the table."""
    return frozenset(_ACTIONS)


def split_actions(text: str) -> Iterator[str]:
    """``"sqs:CreateQueue TagQueue; kms:Decrypt"`` → ``sqs:CreateQueue``, ``sqs:TagQueue``, ``kms:Decrypt``."""
    for group in text.split("; "):
        service, _, names = group.partition(":")
        yield from (f"{service}:{name}" for name in names.split())
