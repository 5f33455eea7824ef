"""Whether a resource that can hold data holds any. Looks, and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.aws.session import Aws

_GONE = {
    *("ResourceNotFoundException", "NoSuchBucket", "404", "NotFoundException"),
    *("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"),
}


def holds_data(aws: Aws, resource_type: str, physical_id: str) -> bool | None:
    """True or False; None when the resource is gone. A type that is not known counts as holding data."""
    look = _LOOKS.get(resource_type)
    if look is None:
        return True
    with translated(f"look into {physical_id}"):
        try:
            return look(aws, physical_id)
        except ClientError as error:
            if error_code(error) in _GONE:
                return None
            raise


def _table(aws: Aws, name: str) -> bool:
    # DescribeTable's item count is hours old (DynamoDB API reference): only a read knows.
    return bool(aws.client("dynamodb").scan(TableName=name, Limit=1, Select="COUNT", ConsistentRead=True)["Count"])


def _bucket(aws: Aws, name: str) -> bool:
    answer = aws.client("s3").list_object_versions(Bucket=name, MaxKeys=1)
    return bool(answer.get("Versions") or answer.get("DeleteMarkers"))


def _queue(aws: Aws, url: str) -> bool:
    answer = aws.client("sqs").get_queue_attributes(
        QueueUrl=url,
        AttributeNames=[
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ],
    )
    return any(int(count) for count in answer["Attributes"].values())


def _log_group(aws: Aws, name: str) -> bool:
    answer = aws.client("logs").describe_log_streams(logGroupName=name, limit=50)
    return any("lastEventTimestamp" in stream for stream in answer["logStreams"])


def _key(aws: Aws, key_id: str) -> bool | None:
    # A key holds nothing itself; what it encrypts is looked at where it lies.
    metadata = aws.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    return None if metadata.get("KeyState") == "PendingDeletion" else False


_LOOKS: Mapping[str, Callable[[Aws, str], bool | None]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::KMS::Key": _key,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::S3::Bucket": _bucket,
    "AWS::SQS::Queue": _queue,
}
