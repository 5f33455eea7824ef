"""How data is protected: policies of buckets, recovery of tables, who is subscribed, what nobody could process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import URLLib3Session

from tapgen.aws.failures import error_code, translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeFilterType

PUBLIC_ACCESS_SETTINGS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_URL_LIVES_S = 60


@dataclass(frozen=True, kw_only=True)
class TableProtection:
    """What keeps a table's data."""

    deletion_protection: bool
    point_in_time_recovery: bool


def read_bucket_statements(client: S3Client, bucket: str) -> tuple[dict[str, Any], ...]:
    """The statements of a bucket's policy; none without a policy."""
    with translated(f"read the policy of the bucket {bucket}"):
        try:
            policy = json.loads(client.get_bucket_policy(Bucket=bucket)["Policy"])
        except ClientError as error:
            if error_code(error) == "NoSuchBucketPolicy":
                return ()
            raise
    found = policy["Statement"]
    return tuple(found) if isinstance(found, list) else (found,)


def read_public_access(client: S3Client, bucket: str) -> Mapping[str, bool]:
    """A bucket's public access block, setting by setting; all of them off where it has none."""
    with translated(f"read the public access block of the bucket {bucket}"):
        try:
            block = client.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        except ClientError as error:
            if error_code(error) != "NoSuchPublicAccessBlockConfiguration":
                raise
            return dict.fromkeys(PUBLIC_ACCESS_SETTINGS, False)
    return {name: bool(block.get(name)) for name in PUBLIC_ACCESS_SETTINGS}


def read_table_protection(client: DynamoDBClient, table: str) -> TableProtection:
    """Deletion protection and point-in-time recovery (two calls)."""
    with translated(f"look at the table {table}"):
        described = client.describe_table(TableName=table)["Table"]
        backups = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    return TableProtection(
        deletion_protection=bool(described.get("DeletionProtectionEnabled")),
        point_in_time_recovery=recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
    )


def count_messages(client: SQSClient, url: str) -> int:
    """Roughly how many messages a queue holds, those in flight included."""
    names: list[QueueAttributeFilterType] = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    with translated(f"look at the queue {url}"):
        found = client.get_queue_attributes(QueueUrl=url, AttributeNames=names).get("Attributes", {})
    return sum(map(int, found.values()))


def presign_listing(client: S3Client, bucket: str) -> str:
    """A URL that lists one key of a bucket as the caller, for a minute.

    The signature covers the host and not the scheme (Signature Version 4, "canonical request"): the same URL is good
    for HTTPS and for plain HTTP, and only the bucket's policy tells them apart.
    """
    with translated(f"sign a request to the bucket {bucket}"):
        return client.generate_presigned_url(
            "list_objects_v2", Params={"Bucket": bucket, "MaxKeys": 1}, ExpiresIn=_URL_LIVES_S
        )


def get_status(url: str) -> int:
    """The status that a GET is answered with; 0 when nobody answers."""
    http = URLLib3Session(timeout=10)
    try:
        return http.send(AWSRequest(method="GET", url=url).prepare()).status_code
    except BotoCoreError:
        return 0
    finally:
        http.close()
