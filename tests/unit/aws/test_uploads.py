"""The encryption header of uploads, where a bucket policy demands one."""

from __future__ import annotations

import pytest
from botocore.stub import ANY, Stubber

from tapgen.aws import objects
from tapgen.aws.session import Aws, Target
from tapgen.aws.storage import Bucket
from tapgen.aws.target import UploadEncryption

_KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234"
_BUCKET = Bucket(name="shop-artifacts", account_id="111122223333")


def _aws(value: str, *, bucket: str = "shop-artifacts") -> Aws:
    uploads = UploadEncryption(bucket=bucket, value=value)
    return Aws(
        Target(region="eu-west-1", access_key_id="x", secret_access_key="x", uploads=uploads)  # noqa: S106 - not a secret
    )


@pytest.mark.parametrize(
    ("value", "header"),
    [
        ("AES256", {"ServerSideEncryption": "AES256"}),
        ("aws:kms", {"ServerSideEncryption": "aws:kms"}),
        (_KEY, {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": _KEY}),
    ],
)
def test_every_upload_to_the_bucket_carries_the_header(value: str, header: dict[str, str]) -> None:
    """Locks and records as much as templates: a policy that denies uploads without it denies none of them."""
    client = _aws(value).client("s3")
    wanted = {
        "Bucket": "shop-artifacts",
        "Key": "locks/shop.json",
        "Body": b"{}",
        "ContentType": "application/json",
        "ExpectedBucketOwner": "111122223333",
        "IfNoneMatch": "*",
    }
    with Stubber(client) as stubber:
        stubber.add_response("put_object", {"ETag": "1"}, wanted | header)

        assert objects.create_object(client, _BUCKET, "locks/shop.json", b"{}") == "1"


def test_uploads_to_other_buckets_carry_none() -> None:
    """The archive has a key and a policy of its own."""
    client = _aws("AES256", bucket="another").client("s3")
    with Stubber(client) as stubber:
        wanted = dict.fromkeys(
            ("Bucket", "Key", "Body", "ContentType", "ExpectedBucketOwner", "ChecksumAlgorithm"), ANY
        )
        stubber.add_response("put_object", {"ETag": "1"}, wanted)

        objects.put_object(client, _BUCKET, "reports/1.html", b"")
