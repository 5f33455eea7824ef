"""Buckets as this project makes them: versioned, encrypted, private, owned, TLS-only, retained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs import s3 as s3_actions
from awacs.aws import (
    Action,
    Allow,
    ArnLike,
    Bool,
    Condition,
    Deny,
    Principal,
    Statement,
    StringEquals,
)
from troposphere import Tags
from troposphere.s3 import (
    AbortIncompleteMultipartUpload,
    Bucket,
    BucketEncryption,
    BucketPolicy,
    LifecycleConfiguration,
    LifecycleRule,
    LifecycleRuleTransition,
    LoggingConfiguration,
    NoncurrentVersionExpiration,
    OwnershipControls,
    OwnershipControlsRule,
    PublicAccessBlockConfiguration,
    ServerSideEncryptionByDefault,
    ServerSideEncryptionRule,
    VersioningConfiguration,
)

from tapgen.iam import arns
from tapgen.iam.roles import document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_NAMED = 100
_LOG_PREFIX = "s3/"
_ABORT_UPLOADS_AFTER_DAYS = 7
_NONCURRENT_DAYS = 30


def make_bucket(  # noqa: PLR0913 - a bucket has this many independent sides
    logical_id: str,
    *,
    name: str,
    tags: Mapping[str, str],
    encryption: BucketEncryption,
    lifecycle: LifecycleConfiguration,
    logging: LoggingConfiguration | None = None,
) -> Bucket:
    """A private bucket that stays when the stack goes."""
    optional = {"LoggingConfiguration": logging} if logging else {}
    return Bucket(
        logical_id,
        BucketName=name,
        BucketEncryption=encryption,
        LifecycleConfiguration=lifecycle,
        OwnershipControls=OwnershipControls(Rules=[OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]),
        PublicAccessBlockConfiguration=PublicAccessBlockConfiguration(
            BlockPublicAcls=True, BlockPublicPolicy=True, IgnorePublicAcls=True, RestrictPublicBuckets=True
        ),
        VersioningConfiguration=VersioningConfiguration(Status="Enabled"),
        Tags=Tags(**tags),
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
        **optional,
    )


def make_policy(logical_id: str, *, bucket: str, extra: Sequence[Statement] = ()) -> BucketPolicy:
    """A bucket policy that refuses plain HTTP, and whatever else is given.

    AWS documents the refusal with ``s3:*``: a Deny must cover every action, those of tomorrow included (S3 user guide,
    "Security best practices"). It allows nothing.
    """
    refuse = Statement(
        Sid="RefusePlainHttp",
        Effect=Deny,
        Principal=Principal("*"),
        Action=[Action("s3", "*")],
        Resource=[arns.s3(bucket), arns.s3(f"{bucket}/*")],
        Condition=Condition(Bool({"aws:SecureTransport": "false"})),
    )
    return BucketPolicy(
        logical_id,
        Bucket=bucket,
        PolicyDocument=document([refuse, *extra]),
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
    )


def _common_prefix(names: Sequence[str]) -> str:
    """What all names begin with."""
    first, last = min(names), max(names)
    return first[: next((place for place, letter in enumerate(first) if last[place : place + 1] != letter), len(first))]


def allow_log_delivery(bucket: str, *, sources: Sequence[str]) -> Statement:
    """S3's log delivery may write the logs of these buckets of this account.

    The condition is that of the S3 user guide, "Enabling access logging". Each bucket of the deployment is named, but
    where there are too many for a bucket policy, which has 20 KB (S3 user guide, "Bucket policies"): then by what their
    names begin with.
    """
    arns_of = [arns.s3(source) for source in sources]
    if len(arns_of) > _MOST_NAMED:
        arns_of = [arns.s3(f"{_common_prefix(sources)}*")]
    return Statement(
        Sid="DeliverAccessLogs",
        Effect=Allow,
        Principal=Principal("Service", "logging.s3.amazonaws.com"),
        Action=[s3_actions.PutObject],
        Resource=[arns.s3(f"{bucket}/{_LOG_PREFIX}*")],
        Condition=Condition(
            [
                ArnLike({"aws:SourceArn": arns_of[0] if len(arns_of) == 1 else arns_of}),
                StringEquals({"aws:SourceAccount": {"Ref": "AWS::AccountId"}}),
            ]
        ),
    )


def encrypt_with_s3() -> BucketEncryption:
    """Keys that S3 owns."""
    return _encryption(ServerSideEncryptionByDefault(SSEAlgorithm="AES256"))


def encrypt_with_key(key: Any) -> BucketEncryption:
    """The customer-managed key, with bucket keys so that KMS is called rarely."""
    return _encryption(ServerSideEncryptionByDefault(SSEAlgorithm="aws:kms", KMSMasterKeyID=key), BucketKeyEnabled=True)


def expire_after(days: int) -> LifecycleConfiguration:
    """Objects go after some days."""
    return LifecycleConfiguration(Rules=[_rule("Expire", ExpirationInDays=days)])


def expire_noncurrent() -> LifecycleConfiguration:
    """Current objects stay; what was overwritten or deleted goes after a month."""
    return LifecycleConfiguration(Rules=[_rule("ExpireNoncurrent")])


def move_and_expire(*, glacier_after_days: int | None, expire_after_days: int | None) -> LifecycleConfiguration:
    """Objects move to Glacier Flexible Retrieval and go when their retention ends; what is None does not happen.

    Objects under 128 KB stay where they are, which is S3's default since September 2024, and said here for buckets that
    are older: for them a transition costs more than it saves (docs/decisions/0007-small-objects-stay.md).
    """
    options: dict[str, Any] = {}
    sizes = {} if glacier_after_days is None else {"TransitionDefaultMinimumObjectSize": "all_storage_classes_128K"}
    if glacier_after_days is not None:
        transition = LifecycleRuleTransition(StorageClass="GLACIER", TransitionInDays=glacier_after_days)
        options["Transitions"] = [transition]
    if expire_after_days is not None:
        options["ExpirationInDays"] = expire_after_days
    if not options:
        return expire_noncurrent()
    name = "ArchiveAndExpire" if len(options) > 1 else "Expire" if "ExpirationInDays" in options else "Archive"
    return LifecycleConfiguration(Rules=[_rule(name, **options)], **sizes)


def log_to(bucket: str) -> LoggingConfiguration:
    """Access logs go to this bucket."""
    return LoggingConfiguration(DestinationBucketName=bucket, LogFilePrefix=_LOG_PREFIX)


def _encryption(default: ServerSideEncryptionByDefault, **options: Any) -> BucketEncryption:
    rule = ServerSideEncryptionRule(ServerSideEncryptionByDefault=default, **options)
    return BucketEncryption(ServerSideEncryptionConfiguration=[rule])


def _rule(rule_id: str, **options: Any) -> LifecycleRule:
    return LifecycleRule(
        Id=rule_id,
        Status="Enabled",
        AbortIncompleteMultipartUpload=AbortIncompleteMultipartUpload(DaysAfterInitiation=_ABORT_UPLOADS_AFTER_DAYS),
        NoncurrentVersionExpiration=NoncurrentVersionExpiration(NoncurrentDays=_NONCURRENT_DAYS),
        **options,
    )
