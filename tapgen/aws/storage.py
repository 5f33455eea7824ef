"""The artifact bucket: which objects are there, and uploads. Keys come from ``tapgen.naming``; nothing is deleted here.

Every call names the bucket's expected owner, so that a bucket of the same name in somebody else's account is refused
instead of filled (S3 user guide, "Verifying bucket ownership with bucket owner condition").
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, translated
from tapgen.config.regions import dns_suffix

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

_PARALLEL_UPLOADS = 8
_ABSENT = {"404", "NoSuchKey", "NotFound"}


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One object to be: a key, its size, and its content as bytes or a file."""

    key: str
    size_bytes: int
    content_type: str
    body: bytes | Path


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """The artifact bucket and the account that must own it."""

    name: str
    account_id: str


def find_absent(client: S3Client, bucket: Bucket, uploads: Sequence[Upload]) -> list[Upload]:
    """The uploads whose keys are not in the bucket yet, looked up in parallel.

    Keys carry the content's digest, so a key that is there needs no upload. A missing bucket holds none of them.
    """
    with ThreadPoolExecutor(_PARALLEL_UPLOADS, thread_name_prefix="head") as pool:
        found = list(pool.map(lambda upload: object_exists(client, bucket, upload.key), uploads))
    return [upload for upload, there in zip(uploads, found, strict=True) if not there]


def put_all(
    client: S3Client, bucket: Bucket, uploads: Sequence[Upload], *, progress: Callable[[int, int], None]
) -> None:
    """Upload in parallel; ``progress`` gets (bytes, objects) done so far after each object.

    Raises:
        AwsError: The first upload that failed; the others that are under way end first.
    """
    done_bytes = done_objects = 0
    with ThreadPoolExecutor(_PARALLEL_UPLOADS, thread_name_prefix="upload") as pool:
        futures = {pool.submit(_put, client, bucket, upload): upload for upload in uploads}
        for future in as_completed(futures):
            future.result()
            done_bytes += futures[future].size_bytes
            done_objects += 1
            progress(done_bytes, done_objects)


def object_exists(client: S3Client, bucket: Bucket, key: str) -> bool:
    """Whether there is an object under the key; a missing bucket holds none."""
    with translated(f"look for s3://{bucket.name}/{key}", owner=bucket.account_id):
        try:
            client.head_object(Bucket=bucket.name, Key=key, ExpectedBucketOwner=bucket.account_id)
        except ClientError as error:
            if error_code(error) in _ABSENT | {"NoSuchBucket"}:
                return False
            raise
    return True


def object_url(client: S3Client, bucket: Bucket, key: str) -> str:
    """The path-style URL that CloudFormation takes as TemplateURL."""
    return f"https://s3.{client.meta.region_name}.{dns_suffix(client.meta.partition)}/{bucket.name}/{key}"


def _put(client: S3Client, bucket: Bucket, upload: Upload) -> None:
    body = upload.body if isinstance(upload.body, bytes) else upload.body.read_bytes()
    with translated(f"upload s3://{bucket.name}/{upload.key}", owner=bucket.account_id):
        client.put_object(
            Bucket=bucket.name,
            Key=upload.key,
            Body=body,
            ContentType=upload.content_type,
            ExpectedBucketOwner=bucket.account_id,
            ChecksumAlgorithm="SHA256",
        )
