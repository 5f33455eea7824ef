"""The data stack and the artifact bucket: what is stored, how it is kept, and what stays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.templates.variants import VARIANTS, Template, environment, of_type, only, properties, templates

KEY = {"Ref": "KeyArn"}


def _data(name: str = "dev", **changes: Any) -> Template:
    return templates(environment(name, **changes))["data"]


def test_table() -> None:
    """A composite key, on-demand capacity, a stream for the archiver."""
    table = properties(_data(), "TransactionsTable")

    assert table["KeySchema"] == [
        {"AttributeName": "userId", "KeyType": "HASH"},
        {"AttributeName": "transactionId", "KeyType": "RANGE"},
    ]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.mark.parametrize("on", [True, False])
def test_table_protection_follows_the_configuration(*, on: bool) -> None:
    """Point-in-time recovery and deletion protection are said either way."""
    table = properties(
        _data(tables__transactions__point_in_time_recovery=on, tables__transactions__deletion_protection=on),
        "TransactionsTable",
    )

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": on}
    assert table["DeletionProtectionEnabled"] is on


def test_expiry_follows_the_configuration() -> None:
    """TTL names its attribute, and is absent when it is turned off."""
    table = properties(_data(tables__transactions__ttl_attribute="until"), "TransactionsTable")

    assert table["TimeToLiveSpecification"] == {"AttributeName": "until", "Enabled": True}
    assert "TimeToLiveSpecification" not in properties(
        _data(tables__transactions__ttl_attribute=None), "TransactionsTable"
    )


def test_customer_managed_key_encrypts_what_is_stored() -> None:
    """Table, archive and dead letters use the key; access logs cannot, S3 delivers them with its own keys."""
    data = _data("prod")

    assert properties(data, "TransactionsTable")["SSESpecification"] == {
        "SSEEnabled": True,
        "SSEType": "KMS",
        "KMSMasterKeyId": KEY,
    }
    assert properties(data, "DeadLetterQueue")["KmsMasterKeyId"] == KEY
    (archive,) = properties(data, "ArchiveBucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert archive["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    assert archive["BucketKeyEnabled"] is True
    (logs,) = properties(data, "AccessLogBucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert logs["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_archive_moves_to_glacier_and_expires() -> None:
    """Objects move and go when the configuration says; unfinished uploads and old versions go too."""
    lifecycle = properties(
        _data(
            buckets__archive__glacier_after_days=30,
            buckets__archive__expire_after_days=400,
            buckets__archive__access_log_retention_days=9,
        ),
        "ArchiveBucket",
    )["LifecycleConfiguration"]

    (rule,) = lifecycle["Rules"]
    assert rule["Transitions"] == [{"StorageClass": "GLACIER", "TransitionInDays": 30}]
    assert lifecycle["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K", "whatever the bucket's age"
    assert rule["ExpirationInDays"] == 400
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] > 0
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] > 0


def test_access_logs_are_delivered_from_this_account_alone() -> None:
    """S3's log delivery may write for the archive bucket of this account, and nobody else may write."""
    data = _data(buckets__archive__access_log_retention_days=9)

    target = properties(data, "ArchiveBucket")["LoggingConfiguration"]
    assert target["DestinationBucketName"] == properties(data, "AccessLogBucket")["BucketName"]
    statements = properties(data, "AccessLogBucketPolicy")["PolicyDocument"]["Statement"]
    (allowed,) = [statement for statement in statements if statement["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    archive = properties(data, "ArchiveBucket")["BucketName"]
    assert allowed["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"].endswith(f":s3:::{archive}")
    assert allowed["Resource"][0]["Fn::Sub"].endswith(f"/{target['LogFilePrefix']}*")
    (rule,) = properties(data, "AccessLogBucket")["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 9


def test_delivery_is_allowed_before_logging_starts() -> None:
    """S3 checks that it may deliver when logging is turned on."""
    assert set(_data()["Resources"]["ArchiveBucket"]["DependsOn"]) == {"AccessLogBucket", "AccessLogBucketPolicy"}


def test_plain_http_is_refused_for_every_action_and_object() -> None:
    """The refusal covers the bucket, its objects and every action, for everybody."""
    for logical_id in ("ArchiveBucketPolicy", "AccessLogBucketPolicy"):
        statements = properties(_data(), logical_id)["PolicyDocument"]["Statement"]
        (refusal,) = [statement for statement in statements if statement["Effect"] == "Deny"]
        assert refusal["Action"] == ["s3:*"]
        assert refusal["Principal"] == "*"
        assert [resource["Fn::Sub"].endswith("/*") for resource in refusal["Resource"]] == [False, True]


@pytest.mark.parametrize("name", VARIANTS)
def test_artifact_bucket(name: str) -> None:
    """Every deploy uploads to it and live stacks read from it: it stays, and keeps what is current."""
    bucket = only(of_type(templates(VARIANTS[name])["bootstrap"], "AWS::S3::Bucket"))

    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert all("ExpirationInDays" not in rule for rule in bucket["Properties"]["LifecycleConfiguration"]["Rules"])


def test_suffixes_share_the_artifact_bucket_and_nothing_else() -> None:
    """Two suffixes of one environment have no other name in common."""
    one, other = (templates(environment("dev", suffix=suffix)) for suffix in ("pr-1", "pr-2"))

    assert one["bootstrap"] == other["bootstrap"]
    names = [
        {
            str(value)
            for stack, template in finished.items()
            if stack != "bootstrap"
            for resource in template["Resources"].values()
            for key, value in resource.get("Properties", {}).items()
            if key.endswith("Name") and isinstance(value, str)
        }
        for finished in (one, other)
    ]
    shared = {name for name in names[0] & names[1] if name.startswith("transactions")}
    assert len(names[0]) > 10
    assert shared == set()
