"""Drift on the embedded AWS: which types are compared, and change sets that bring resources back."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks


def _alarm(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": name,
            "Namespace": "Shop",
            "MetricName": "Orders",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 5,
            "ComparisonOperator": "GreaterThanThreshold",
            **properties,
        },
    }


def _template(name: str) -> dict[str, Any]:
    bucket = f"{name}-bucket".lower()
    statement = {
        "Sid": "No",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{bucket}",
    }
    return {
        "Resources": {
            "Alarm": _alarm(name),
            "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, "VisibilityTimeout": 30}},
            "Bucket": {
                "Type": "AWS::S3::Bucket",
                "Properties": {
                    "BucketName": bucket,
                    "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "BlockPublicPolicy": True},
                },
            },
            "Policy": {
                "Type": "AWS::S3::BucketPolicy",
                "DependsOn": "Bucket",
                "Properties": {"Bucket": bucket, "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}},
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": name,
                    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
                    "Policies": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}],
                },
            },
            "Query": {
                "Type": "AWS::Logs::QueryDefinition",
                "Properties": {"Name": name, "QueryString": "fields @message"},
            },
        }
    }


def _detect(stacks: Stacks, name: str) -> dict[str, tuple[str, list[str]]]:
    """Logical id → status and the paths that differ."""
    detection = stacks.cfn.detect_stack_drift(StackName=name)["StackDriftDetectionId"]
    while True:
        status = stacks.cfn.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        if status["DetectionStatus"] != "DETECTION_IN_PROGRESS":
            break
    assert status["DetectionStatus"] == "DETECTION_COMPLETE", status
    return {
        each["LogicalResourceId"]: (
            each["StackResourceDriftStatus"],
            [difference["PropertyPath"] for difference in each.get("PropertyDifferences", ())],
        )
        for each in stacks.cfn.describe_stack_resource_drifts(StackName=name)["StackResourceDrifts"]
    }


def _revert(stacks: Stacks, name: str, **options: Any) -> dict[str, Any]:
    made = stacks.cfn.create_change_set(
        StackName=name,
        ChangeSetName=f"revert-{time.monotonic_ns()}",
        UsePreviousTemplate=True,
        DeploymentMode="REVERT_DRIFT",
        Capabilities=["CAPABILITY_NAMED_IAM"],
        **options,
    )
    described: dict[str, Any] = stacks.cfn.describe_change_set(ChangeSetName=made["Id"])
    return described


@pytest.mark.parametrize("own", [{"own": "template"}, {}], ids=["with-tags-of-its-own", "with-the-stacks-alone"])
def test_tags_of_a_log_group_are_brought_back(
    stacks: Stacks, client: ClientFactory, name: str, own: dict[str, str]
) -> None:
    """The template's and the stack's, whether they were changed or removed; what was added is removed."""
    properties = {"LogGroupName": name, "Tags": [{"Key": key, "Value": value} for key, value in own.items()]}
    template = {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": properties}}}
    stacks.create(name, template, Tags=[{"Key": "team", "Value": "stack"}])
    expected = {**own, "team": "stack"}
    logs = client("logs")
    arn = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["arn"].removesuffix(":*")

    for change in (dict.fromkeys(expected, "hand"), {"added": "hand"}, {}):
        if change:
            logs.tag_resource(resourceArn=arn, tags=change)
        else:
            logs.untag_resource(resourceArn=arn, tagKeys=list(expected))
        assert _detect(stacks, name)["Group"][0] == "MODIFIED", change
        stacks.cfn.execute_change_set(ChangeSetName=_revert(stacks, name)["ChangeSetId"])
        assert stacks.settled(name) == "UPDATE_COMPLETE"
        found = logs.list_tags_for_resource(resourceArn=arn)["tags"]
        assert {key: value for key, value in found.items() if not key.startswith("aws:")} == expected, change
        assert _detect(stacks, name)["Group"] == ("IN_SYNC", [])


def test_what_was_made_is_in_sync_and_what_cannot_be_compared_is_not_listed(stacks: Stacks, name: str) -> None:
    """No difference out of the way in which a service keeps a value; a type without a reader is not checked."""
    assert stacks.create(name, _template(name)) == "CREATE_COMPLETE"

    assert _detect(stacks, name) == {
        "Alarm": ("IN_SYNC", []),
        "Jobs": ("IN_SYNC", []),
        "Bucket": ("IN_SYNC", []),
        "Policy": ("IN_SYNC", []),
        "Role": ("IN_SYNC", []),
    }


def test_changes_by_hand_are_seen_and_reverted(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """Each with its property; the change set names them, and its execution sets them back."""
    stacks.create(name, _template(name))
    bucket = f"{name}-bucket".lower()
    client("cloudwatch").put_metric_alarm(**{**_alarm(name)["Properties"], "Threshold": 99})
    client("s3").delete_public_access_block(Bucket=bucket)
    client("s3").delete_bucket_policy(Bucket=bucket)
    other = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    client("iam").put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(other))
    url = client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})

    found = _detect(stacks, name)
    assert found["Alarm"] == ("MODIFIED", ["/Threshold"])
    assert found["Jobs"] == ("MODIFIED", ["/VisibilityTimeout"])
    assert found["Policy"][0] == "DELETED"
    assert found["Bucket"][0] == found["Role"][0] == "MODIFIED"

    change_set = _revert(stacks, name)
    changes = {each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"] for each in change_set["Changes"]}
    assert change_set["Status"] == "CREATE_COMPLETE"
    assert {key: change["Action"] for key, change in changes.items()} == {
        "Alarm": "Modify",
        "Jobs": "Modify",
        "Bucket": "Modify",
        "Policy": "Add",
        "Role": "Modify",
    }
    assert [detail["Target"]["Name"] for detail in changes["Jobs"]["Details"]] == ["VisibilityTimeout"]
    stacks.cfn.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
    assert stacks.settled(name) == "UPDATE_COMPLETE"
    assert {status for status, _ in _detect(stacks, name).values()} == {"IN_SYNC"}


def test_nothing_to_revert_is_no_change_set(stacks: Stacks, name: str) -> None:
    """It fails with CloudFormation's words for an empty one; a plain one does not see drift at all."""
    stacks.create(name, _template(name))

    change_set = _revert(stacks, name)

    assert change_set["Status"] == "FAILED"
    assert "didn't contain changes" in change_set["StatusReason"]


def test_nested_stacks_and_a_reversal_are_not_combined(stacks: Stacks, name: str) -> None:
    """Nothing is documented of the two together, so the embedded AWS does not make it up."""
    stacks.create(name, {"Resources": {"Alarm": _alarm(name)}})

    with pytest.raises(ClientError, match="does not combine DeploymentMode"):
        _revert(stacks, name, IncludeNestedStacks=True)
