"""Tables, buckets and queues: what a template asks for is what the service answers afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.local.extension.templates import arn, ref, table

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks


def test_a_table_has_its_backups_expiry_and_encryption(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """Point-in-time recovery, time to live and the key arrive, also by an update."""
    stacks.create(name, {"Resources": {"Table": table(name)}})
    full = table(
        name,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        TimeToLiveSpecification={"AttributeName": "expiresAt", "Enabled": True},
        SSESpecification={"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/some-key"},
    )
    assert stacks.update(name, {"Resources": {"Table": full}}) == "UPDATE_COMPLETE"
    dynamodb = client("dynamodb")
    assert dynamodb.describe_table(TableName=name)["Table"]["SSEDescription"]["KMSMasterKeyArn"] == "alias/some-key"
    assert dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "expiresAt",
    }
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_a_protected_table_is_not_deleted(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """Deletion protection fails the deletion of the stack, and the table stays."""
    stacks.create(name, {"Resources": {"Table": table(name, DeletionProtectionEnabled=True)}})
    assert stacks.delete(name) == "DELETE_FAILED"
    assert name in client("dynamodb").list_tables()["TableNames"]


def test_a_table_is_never_taken_over(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """A stack whose table exists already fails, and the table keeps its rows."""
    stacks.create(name, {"Resources": {"Table": table(name) | {"DeletionPolicy": "Retain"}}})
    client("dynamodb").put_item(TableName=name, Item={"id": {"S": "kept"}})
    stacks.delete(name)
    assert stacks.create(f"{name}-2", {"Resources": {"Table": table(name)}}) == "ROLLBACK_COMPLETE"
    reasons = " ".join(reason for _, _, reason in stacks.events(f"{name}-2"))
    assert "already exists" in reasons
    assert client("dynamodb").scan(TableName=name)["Count"] == 1


def test_a_bucket_has_its_configuration(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """Encryption, life cycle, access logging and tags arrive."""
    bucket = {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "BucketName": name,
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {
                        "BucketKeyEnabled": True,
                        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/a-key"},
                    }
                ]
            },
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Id": "archive",
                        "Status": "Enabled",
                        "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 90}],
                        "ExpirationInDays": 365,
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                    }
                ]
            },
            "LoggingConfiguration": {"DestinationBucketName": f"{name}-logs", "LogFilePrefix": "archive/"},
            "Tags": [{"Key": "project", "Value": "tapgen"}],
        },
    }
    stacks.create(name, {"Resources": {"Bucket": bucket}}, Tags=[{"Key": "owner", "Value": "payments"}])
    s3 = client("s3")
    encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert encryption["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == "alias/a-key"
    rule = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"][0]
    assert rule["Transitions"] == [{"Days": 90, "StorageClass": "GLACIER"}]
    assert rule["Expiration"] == {"Days": 365}
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert s3.get_bucket_logging(Bucket=name)["LoggingEnabled"]["TargetPrefix"] == "archive/"
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=name)["TagSet"]}
    assert (tags["project"], tags["owner"]) == ("tapgen", "payments")


def test_a_filled_bucket_is_not_deleted(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """Objects in a bucket fail the deletion of its stack."""
    stacks.create(name, {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}}})
    client("s3").put_object(Bucket=name, Key="kept", Body=b"kept")
    assert stacks.delete(name) == "DELETE_FAILED"
    assert client("s3").get_object(Bucket=name, Key="kept")["Body"].read() == b"kept"


def test_policies_that_demand_encryption_in_transit_let_requests_pass(
    stacks: Stacks, client: ClientFactory, name: str
) -> None:
    """The loopback counts as encrypted, so the templates' policies need no exception."""
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": arn("Queue"),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    resources = {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}},
        "Policy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [ref("Queue")],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            },
        },
    }
    stacks.create(name, {"Resources": resources})
    assert client("sqs").get_queue_url(QueueName=name)["QueueUrl"].endswith(name)
