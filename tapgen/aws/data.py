"""Deletes resources that hold data, one function for each type. Called only when somebody asked for it by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws.failures import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

    from tapgen.aws.session import Aws

# The least that KMS allows (KMS API reference, ScheduleKeyDeletion): a key is never gone at once.
_KEY_WAITING_DAYS = 7
# DeleteObjects takes so many keys (S3 API reference).
_BATCH = 1000


def delete_table(aws: Aws, name: str) -> None:
    """Delete a table and wait until it is gone, so that the name is free."""
    client = aws.client("dynamodb")
    with translated(f"delete the table {name}"):
        client.delete_table(TableName=name)
        client.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})


def delete_bucket(aws: Aws, name: str) -> None:
    """Delete every version of every object, then the bucket."""
    client = aws.client("s3")
    with translated(f"empty and delete the bucket {name}"):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
            listed = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            doomed: list[ObjectIdentifierTypeDef] = [
                {"Key": item["Key"], "VersionId": item["VersionId"]} for item in listed
            ]
            for start in range(0, len(doomed), _BATCH):
                client.delete_objects(Bucket=name, Delete={"Objects": doomed[start : start + _BATCH], "Quiet": True})
        client.delete_bucket(Bucket=name)


def delete_queue(aws: Aws, url: str) -> None:
    """Delete a queue with its messages."""
    with translated(f"delete the queue {url}"):
        aws.client("sqs").delete_queue(QueueUrl=url)


def delete_log_group(aws: Aws, name: str) -> None:
    """Delete a log group with its events."""
    with translated(f"delete the log group {name}"):
        aws.client("logs").delete_log_group(logGroupName=name)


def schedule_key_deletion(aws: Aws, key_id: str) -> None:
    """Have KMS delete the key after its waiting period."""
    with translated(f"schedule the deletion of the key {key_id}"):
        aws.client("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=_KEY_WAITING_DAYS)


DELETERS: Mapping[str, Callable[[Aws, str], None]] = {
    "AWS::DynamoDB::Table": delete_table,
    "AWS::KMS::Key": schedule_key_deletion,
    "AWS::Logs::LogGroup": delete_log_group,
    "AWS::S3::Bucket": delete_bucket,
    "AWS::SQS::Queue": delete_queue,
}
"""Resource types that hold data → what deletes one by its physical id."""
