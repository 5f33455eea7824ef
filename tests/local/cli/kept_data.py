"""What holds data in the stacks of a deployment: which it is, and how it is protected, as the services say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.local.cli.conftest import Project

_NESTED_STACK = "AWS::CloudFormation::Stack"
_COUNTED = {
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "LastModifiedTimestamp",
    # Who may send is the gate's affair, which compares grants.
    "Policy",
}
"""Attributes of a queue that say nothing of what it is."""


def read_kept_data(project: Project, root: str) -> dict[str, Any]:
    """``Data.Table`` → type, physical id and protection of everything in the stacks that holds data."""
    found = {}
    for path, kind, physical_id in _resources(project.client("cloudformation"), root):
        if kind in _READERS:
            found[path] = {"type": kind, "id": physical_id, **_READERS[kind](project, physical_id)}
    return found


def _resources(cfn: Any, stack: str, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    for page in cfn.get_paginator("list_stack_resources").paginate(StackName=stack):
        for item in page["StackResourceSummaries"]:
            name, kind, physical_id = item["LogicalResourceId"], item["ResourceType"], item["PhysicalResourceId"]
            if kind == _NESTED_STACK:
                yield from _resources(cfn, physical_id, f"{name}.")
            else:
                yield f"{prefix}{name}", kind, physical_id


def _table(project: Project, name: str) -> dict[str, Any]:
    client = project.client("dynamodb")
    table = client.describe_table(TableName=name)["Table"]
    kept = (
        "TableId",
        "CreationDateTime",
        "KeySchema",
        "LatestStreamArn",
        "SSEDescription",
        "DeletionProtectionEnabled",
    )
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    return {
        **{key: table.get(key) for key in kept},
        "recovery": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        "expiry": client.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
    }


def _bucket(project: Project, name: str) -> dict[str, Any]:
    s3 = project.client("s3")
    (made,) = (bucket["CreationDate"] for bucket in s3.list_buckets()["Buckets"] if bucket["Name"] == name)
    rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    return {
        "made": made,
        "versioning": s3.get_bucket_versioning(Bucket=name).get("Status"),
        "encryption": s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"],
        "access": s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"],
        # When objects go; where they lie until then protects them no less.
        "expiry": [(rule["Status"], rule.get("Expiration"), rule.get("NoncurrentVersionExpiration")) for rule in rules],
        "logging": s3.get_bucket_logging(Bucket=name).get("LoggingEnabled"),
    }


def _key(project: Project, key_id: str) -> dict[str, Any]:
    kms = project.client("kms")
    key = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    return {
        **{name: key[name] for name in ("Arn", "CreationDate", "KeyState")},
        "rotation": kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"],
    }


def _queue(project: Project, url: str) -> dict[str, Any]:
    found = project.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {name: value for name, value in found.items() if name not in _COUNTED}


def _log_group(project: Project, name: str) -> dict[str, Any]:
    groups = project.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    (group,) = (group for group in groups if group["logGroupName"] == name)
    return {key: group.get(key) for key in ("creationTime", "retentionInDays", "kmsKeyId")}


def _secret(project: Project, arn: str) -> dict[str, Any]:
    secret = project.client("secretsmanager").describe_secret(SecretId=arn)
    return {key: secret.get(key) for key in ("ARN", "CreatedDate", "KmsKeyId", "DeletedDate")}


def _user_pool(project: Project, pool_id: str) -> dict[str, Any]:
    pool = project.client("cognito-idp").describe_user_pool(UserPoolId=pool_id)["UserPool"]
    return {key: pool.get(key) for key in ("CreationDate", "DeletionProtection", "MfaConfiguration")}


_READERS: dict[str, Callable[[Project, str], dict[str, Any]]] = {
    "AWS::Cognito::UserPool": _user_pool,
    "AWS::DynamoDB::Table": _table,
    "AWS::KMS::Key": _key,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::S3::Bucket": _bucket,
    "AWS::SQS::Queue": _queue,
    "AWS::SecretsManager::Secret": _secret,
}
"""Type → what is told of one, by its physical id."""
