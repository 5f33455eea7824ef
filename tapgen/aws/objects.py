"""Small objects of the artifact bucket: read, list, delete, and writes that S3 itself makes conditional.

``create_object`` and ``replace_object`` never look first and write then: S3 compares and writes in one step (S3 user
guide, "Conditional requests"). A call whose answer was lost is sent again by botocore and then refused because of
itself; a refused write is therefore read back and counts as done when the object holds these very bytes. Callers whose
writes must be told from those of others put something unique into them.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypedDict

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, translated
from tapgen.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import (
        GetObjectOutputTypeDef,
        ListObjectsV2OutputTypeDef,
        ObjectIdentifierTypeDef,
        ObjectTypeDef,
    )

    from tapgen.aws.storage import Bucket

# 412 says that the condition does not hold, 409 that another conditional write of the key is under way (S3 API
# reference, PutObject); a key that went meanwhile is NoSuchKey.
_REFUSED = {"PreconditionFailed", "412", "ConditionalRequestConflict", "409", "NoSuchKey", "404"}
_ABSENT = {"NoSuchKey", "404", "NotFound"}
_PARALLEL_READS = 8
# DeleteObjects takes so many keys (S3 API reference).
_BATCH = 1000


class _Condition(TypedDict, total=False):
    """What S3 compares before it writes."""

    IfMatch: str
    IfNoneMatch: str


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """An object as S3 holds it."""

    body: bytes
    etag: str
    age_s: float
    """Seconds since it was written, by S3's clock alone: no machine's clock can make it older or younger."""


@dataclass(frozen=True, kw_only=True)
class ListedObject:
    """An object as a listing names it."""

    key: str
    size_bytes: int
    last_modified: datetime


def read_object(client: S3Client, bucket: Bucket, key: str) -> StoredObject | None:
    """The object, or None when there is none; a missing bucket holds none."""
    with translated(f"read s3://{bucket.name}/{key}", owner=bucket.account_id):
        try:
            answer = client.get_object(Bucket=bucket.name, Key=key, ExpectedBucketOwner=bucket.account_id)
        except ClientError as error:
            if error_code(error) in _ABSENT | {"NoSuchBucket"}:
                return None
            raise
        return StoredObject(body=answer["Body"].read(), etag=answer["ETag"], age_s=_age_s(answer))


def read_objects(client: S3Client, bucket: Bucket, keys: Sequence[str]) -> dict[str, bytes]:
    """The bodies of the objects that are there, by key, read in parallel."""
    with ThreadPoolExecutor(_PARALLEL_READS, thread_name_prefix="read") as pool:
        found = list(pool.map(lambda key: read_object(client, bucket, key), keys))
    return {key: stored.body for key, stored in zip(keys, found, strict=True) if stored}


def create_object(client: S3Client, bucket: Bucket, key: str, body: bytes) -> str | None:
    """Write an object that must not be there yet.

    Returns:
        Its ETag, or None when the key holds something else already.
    """
    with translated(f"create s3://{bucket.name}/{key}", owner=bucket.account_id):
        return _put_if(client, bucket, key, body, IfNoneMatch="*")


def replace_object(client: S3Client, bucket: Bucket, key: str, body: bytes, *, etag: str) -> str | None:
    """Replace an object that must still be the one with ``etag``.

    Returns:
        The new ETag, or None when somebody else has replaced or deleted it.
    """
    with translated(f"replace s3://{bucket.name}/{key}", owner=bucket.account_id):
        return _put_if(client, bucket, key, body, IfMatch=etag)


def put_object(client: S3Client, bucket: Bucket, key: str, body: bytes) -> None:
    """Write an object whatever is there: for what is no record and may be lost."""
    with translated(f"write s3://{bucket.name}/{key}", owner=bucket.account_id):
        client.put_object(
            Bucket=bucket.name,
            Key=key,
            Body=body,
            ContentType="application/json",
            ExpectedBucketOwner=bucket.account_id,
            ChecksumAlgorithm="SHA256",
        )


def delete_object(client: S3Client, bucket: Bucket, key: str, *, etag: str) -> bool:
    """Delete an object that must still be the one with ``etag``; False when it is not, or is gone."""
    with translated(f"delete s3://{bucket.name}/{key}", owner=bucket.account_id):
        try:
            client.delete_object(Bucket=bucket.name, Key=key, ExpectedBucketOwner=bucket.account_id, IfMatch=etag)
        except ClientError as error:
            if error_code(error) in _REFUSED:
                return False
            raise
    return True


def list_objects(client: S3Client, bucket: Bucket, prefix: str) -> tuple[ListedObject, ...]:
    """Every object below the prefix, by key; a missing bucket has none."""
    with translated(f"list s3://{bucket.name}/{prefix}", owner=bucket.account_id):
        try:
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=bucket.name, Prefix=prefix, ExpectedBucketOwner=bucket.account_id
            )
            return tuple(
                ListedObject(key=item["Key"], size_bytes=item["Size"], last_modified=item["LastModified"])
                for page in pages
                for item in _contents(page)
            )
        except ClientError as error:
            if error_code(error) == "NoSuchBucket":
                return ()
            raise


def delete_objects(client: S3Client, bucket: Bucket, keys: Sequence[str]) -> None:
    """Delete the objects; the bucket keeps their versions until its lifecycle rule ends them.

    Raises:
        AwsError: S3 could not delete one of them, named.
    """
    with translated(f"delete objects of s3://{bucket.name}", owner=bucket.account_id):
        for start in range(0, len(keys), _BATCH):
            doomed: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in keys[start : start + _BATCH]]
            answer = client.delete_objects(
                Bucket=bucket.name, Delete={"Objects": doomed, "Quiet": True}, ExpectedBucketOwner=bucket.account_id
            )
            for fault in answer.get("Errors", ()):
                raise AwsError(
                    f"cannot delete s3://{bucket.name}/{fault.get('Key', '')}",
                    why=fault.get("Message", ""),
                    code=fault.get("Code", "aws"),
                )


def _contents(page: ListObjectsV2OutputTypeDef) -> Sequence[ObjectTypeDef]:
    """The objects of a page, which names its bucket (S3 API reference, ListObjectsV2).

    An answer that does not is no listing; taken for an empty one, it would make every artifact one that nobody needs.

    Raises:
        TransientError: It does not come from S3.
    """
    named = page["Name"]
    return page.get("Contents", ()) if named else ()


def _put_if(client: S3Client, bucket: Bucket, key: str, body: bytes, **condition: Unpack[_Condition]) -> str | None:
    """The ETag of what was written, also by a call whose answer was lost; None when the condition does not hold."""
    try:
        answer = client.put_object(
            Bucket=bucket.name,
            Key=key,
            Body=body,
            ContentType="application/json",
            ExpectedBucketOwner=bucket.account_id,
            **condition,
        )
    except ClientError as error:
        if error_code(error) not in _REFUSED:
            raise
        stored = read_object(client, bucket, key)
        return stored.etag if stored and stored.body == body else None
    return answer["ETag"]


def _age_s(answer: GetObjectOutputTypeDef) -> float:
    said = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    now = parsedate_to_datetime(said) if said else datetime.now(tz=answer["LastModified"].tzinfo)
    return (now - answer["LastModified"]).total_seconds()
