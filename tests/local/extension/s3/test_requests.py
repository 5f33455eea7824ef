"""Requests to S3 as other tools send them: with their optional parameters, which are taken as AWS takes them."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import REGION

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory


@pytest.fixture(name="bucket")
def _bucket(client: ClientFactory, name: str) -> str:
    found = name.lower()
    client("s3").create_bucket(Bucket=found, CreateBucketConfiguration={"LocationConstraint": REGION})
    return found


@pytest.mark.parametrize("algorithm", ["aws:kms", "aws:kms:dsse"])
def test_a_key_of_kms_need_not_be_named(client: ClientFactory, bucket: str, algorithm: str) -> None:
    """S3 uses its own, for an object, a copy and an upload in parts."""
    s3 = client("s3")
    encrypted: dict[str, Any] = {"ServerSideEncryption": algorithm}
    put = s3.put_object(Bucket=bucket, Key="one", Body=b"1", **encrypted)
    assert put["ServerSideEncryption"] == algorithm
    assert put["SSEKMSKeyId"].startswith(f"arn:aws:kms:{REGION}:")
    head = s3.head_object(Bucket=bucket, Key="one")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == (algorithm, put["SSEKMSKeyId"])
    s3.copy_object(Bucket=bucket, Key="two", CopySource={"Bucket": bucket, "Key": "one"}, **encrypted)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="three", **encrypted)["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="three", UploadId=upload, PartNumber=1, Body=b"3")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=bucket, Key="three", UploadId=upload, MultipartUpload=parts)
    assert s3.get_object(Bucket=bucket, Key="three")["Body"].read() == b"3"


def test_a_named_key_is_kept(client: ClientFactory, bucket: str) -> None:
    """As the request has it."""
    put = client("s3").put_object(
        Bucket=bucket,
        Key="one",
        Body=b"1",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId="alias/orders",
        BucketKeyEnabled=True,
    )
    assert put["SSEKMSKeyId"].endswith("alias/orders")


@pytest.mark.parametrize(
    "parameters",
    [
        {"ServerSideEncryption": "AES256"},
        {"ChecksumAlgorithm": "SHA256"},
        {"ChecksumAlgorithm": "CRC32"},
        {"ContentMD5": base64.b64encode(hashlib.md5(b"1").digest()).decode()},  # noqa: S324 - what the header is
        {"ContentType": "application/zip", "ContentDisposition": "attachment", "CacheControl": "no-cache"},
        {"Tagging": "a=b", "Metadata": {"x": "y"}, "StorageClass": "STANDARD"},
        {"ACL": "bucket-owner-full-control"},
        {"ExpectedBucketOwner": "000000000000", "RequestPayer": "requester"},
        {"IfNoneMatch": "*"},
    ],
    ids="-".join,
)
def test_what_other_tools_send_is_taken(client: ClientFactory, bucket: str, parameters: dict[str, Any]) -> None:
    """Optional parameters of SAM, CDK and the AWS CLI with an upload."""
    assert client("s3").put_object(Bucket=bucket, Key="one", Body=b"1", **parameters)["ETag"]
    assert client("s3").get_object(Bucket=bucket, Key="one")["Body"].read() == b"1"


def test_another_owner_is_refused(client: ClientFactory, bucket: str) -> None:
    """Of the bucket, and of the source of a copy; nothing is written."""
    s3 = client("s3")
    other: dict[str, Any] = {"ExpectedBucketOwner": "111111111111"}
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket=bucket, Key="one", Body=b"1", **other)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, ExpectedBucketOwner="000000000000")
    s3.put_object(Bucket=bucket, Key="one", Body=b"1")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.copy_object(
            Bucket=bucket,
            Key="two",
            CopySource={"Bucket": bucket, "Key": "one"},
            ExpectedSourceBucketOwner="111111111111",
        )
