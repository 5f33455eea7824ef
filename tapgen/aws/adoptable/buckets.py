"""Reads a bucket, and its policy, as a template would describe them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tapgen.aws.adoptable.lifecycle import lifecycle_of
from tapgen.aws.adoptable.model import Existing
from tapgen.aws.failures import error_code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_s3 import S3Client

    from tapgen.aws.session import Aws

_COVERED = frozenset(
    {
        *("BucketEncryption", "BucketName", "LifecycleConfiguration", "LoggingConfiguration"),
        *("ObjectLockConfiguration", "ObjectLockEnabled", "OwnershipControls", "PublicAccessBlockConfiguration"),
        *("VersioningConfiguration",),
    }
)
_UNSET = {
    *("NoSuchBucketPolicy", "NoSuchLifecycleConfiguration", "NoSuchPublicAccessBlockConfiguration"),
    *("ObjectLockConfigurationNotFoundError", "OwnershipControlsNotFoundError"),
    *("ServerSideEncryptionConfigurationNotFoundError",),
}


def read(aws: Aws, name: str) -> Existing | None:
    """A bucket of the caller's account by its name (nine calls)."""
    client = aws.client("s3")
    client.head_bucket(Bucket=name, ExpectedBucketOwner=aws.account_id())
    encryption = _or_none(lambda: client.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"])
    public = _or_none(lambda: client.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"])
    ownership = _or_none(lambda: client.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"])
    policy = _or_none(lambda: json.loads(client.get_bucket_policy(Bucket=name)["Policy"]))
    rules = [_rule(rule) for rule in (encryption or {}).get("Rules", ())]
    found = {
        "BucketName": name,
        "BucketEncryption": {"ServerSideEncryptionConfiguration": rules} if rules else None,
        "LifecycleConfiguration": lifecycle_of(
            _or_none(lambda: client.get_bucket_lifecycle_configuration(Bucket=name))
        ),
        "LoggingConfiguration": _logging(client, name),
        **_lock(_or_none(lambda: client.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"])),
        "OwnershipControls": ownership,
        "PublicAccessBlockConfiguration": public,
        "VersioningConfiguration": _versioning(client, name),
    }
    return Existing(
        identifier={"BucketName": name},
        physical_id=name,
        name=name,
        properties={key: value for key, value in found.items() if value},
        covered=_COVERED,
        key_arn=_key(rules),
        policy=policy,
    )


def _or_none(look: Callable[[], Any]) -> Any:
    """What a configuration is; None where the bucket has none."""
    try:
        return look()
    except ClientError as error:
        if error_code(error) in _UNSET:
            return None
        raise


def _versioning(client: S3Client, name: str) -> dict[str, Any] | None:
    status = client.get_bucket_versioning(Bucket=name).get("Status")
    return {"Status": status} if status else None


def _logging(client: S3Client, name: str) -> dict[str, Any] | None:
    answer: Mapping[str, Any] = client.get_bucket_logging(Bucket=name)
    logging = answer.get("LoggingEnabled")
    if not logging:
        return None
    return {"DestinationBucketName": logging["TargetBucket"], "LogFilePrefix": logging["TargetPrefix"]}


def _lock(configuration: Any) -> dict[str, Any]:
    if not configuration or configuration.get("ObjectLockEnabled") != "Enabled":
        return {}
    return {"ObjectLockEnabled": True, "ObjectLockConfiguration": configuration}


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule of S3's API, whose names differ from the template's in one."""
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    found: dict[str, Any] = {"ServerSideEncryptionByDefault": default} if default else {}
    if rule.get("BucketKeyEnabled"):
        found["BucketKeyEnabled"] = True
    return found


def _key(rules: list[dict[str, Any]]) -> str:
    defaults = (rule.get("ServerSideEncryptionByDefault", {}) for rule in rules)
    return next((str(each["KMSMasterKeyID"]) for each in defaults if each.get("KMSMasterKeyID")), "")
