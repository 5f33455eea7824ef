"""Single calls on drift: CloudFormation's own detection, and looks at what it does not see."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, error_message, translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_cloudformation import CloudFormationClient

    from tapgen.aws.session import Aws

_NO_POLICY = {"NoSuchBucketPolicy", "NoSuchBucket"}
_RUNNING = "already in progress"


@dataclass(frozen=True, kw_only=True)
class PropertyDrift:
    """One property that is not as CloudFormation expects it."""

    path: str
    """``RetentionInDays``, ``Environment.Variables.TABLE_NAME``; list elements by their index."""
    expected: Any
    actual: Any
    """None on the side that lacks it."""


@dataclass(frozen=True, kw_only=True)
class ResourceDrift:
    """What CloudFormation found of one resource."""

    logical_id: str
    physical_id: str
    resource_type: str
    status: str
    """``IN_SYNC``, ``MODIFIED``, ``DELETED``, ``NOT_CHECKED``, ``UNKNOWN``."""
    reason: str
    properties: tuple[PropertyDrift, ...]


@dataclass(frozen=True, kw_only=True)
class DetectionStatus:
    """Where a detection is."""

    status: str
    """``DETECTION_IN_PROGRESS``, ``DETECTION_COMPLETE``, ``DETECTION_FAILED``."""
    reason: str


def start_detection(client: CloudFormationClient, stack: str) -> str | None:
    """Start a detection on one stack, its nested ones not included; its id, or None while another one runs there."""
    with translated(f"detect drift of {stack.split('/')[-2] if '/' in stack else stack}"):
        try:
            return client.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
        except ClientError as error:
            if error_code(error) == "ValidationError" and _RUNNING in error_message(error):
                return None
            raise


def read_detection(client: CloudFormationClient, detection_id: str) -> DetectionStatus:
    """Where a detection is (one call)."""
    with translated("look at the drift detection"):
        answer = client.describe_stack_drift_detection_status(StackDriftDetectionId=detection_id)
    return DetectionStatus(status=answer["DetectionStatus"], reason=answer.get("DetectionStatusReason", ""))


def list_drifts(client: CloudFormationClient, stack: str) -> tuple[ResourceDrift, ...]:
    """What the last detection found of each resource that it checked."""
    found: list[ResourceDrift] = []
    token = ""
    with translated("list what has drifted"):
        while True:
            more = {"NextToken": token} if token else {}
            answer = client.describe_stack_resource_drifts(StackName=stack, **more)  # type: ignore[arg-type]  # a token or nothing
            found.extend(_resource(item) for item in answer["StackResourceDrifts"])
            token = answer.get("NextToken", "")
            if not token:
                return tuple(found)


def read_deployment_group(aws: Aws, application: str, group: str) -> Mapping[str, Any] | None:
    """The deployment group, or None when it is gone (one call)."""
    with translated(f"look at the deployment group {group}"):
        try:
            answer = aws.client("codedeploy").get_deployment_group(
                applicationName=application, deploymentGroupName=group
            )
        except ClientError as error:
            if error_code(error) in {"DeploymentGroupDoesNotExistException", "ApplicationDoesNotExistException"}:
                return None
            raise
    found: Mapping[str, Any] = answer["deploymentGroupInfo"]
    return found


def list_subscriptions(aws: Aws, topic_arn: str) -> dict[tuple[str, str], str]:
    """(protocol, endpoint) → subscription ARN, or ``PendingConfirmation``; none when the topic is gone."""
    found: dict[tuple[str, str], str] = {}
    with translated(f"list the subscriptions of {topic_arn}"):
        try:
            for page in aws.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn):
                for item in page["Subscriptions"]:
                    found[item["Protocol"], item["Endpoint"]] = item["SubscriptionArn"]
        except ClientError as error:
            if error_code(error) not in {"NotFound", "NotFoundException"}:
                raise
    return found


def read_bucket_policy(aws: Aws, bucket: str, *, account_id: str) -> Any:
    """The bucket's policy as a document; None when it has none (one call)."""
    with translated(f"read the policy of {bucket}"):
        try:
            answer = aws.client("s3").get_bucket_policy(Bucket=bucket, ExpectedBucketOwner=account_id)
        except ClientError as error:
            if error_code(error) in _NO_POLICY:
                return None
            raise
    return json.loads(answer["Policy"])


def _resource(item: Mapping[str, Any]) -> ResourceDrift:
    return ResourceDrift(
        logical_id=item["LogicalResourceId"],
        physical_id=item.get("PhysicalResourceId", ""),
        resource_type=item["ResourceType"],
        status=item["StackResourceDriftStatus"],
        reason=item.get("DriftStatusReason", ""),
        properties=tuple(
            PropertyDrift(
                path=each["PropertyPath"].strip("/").replace("/", "."),
                expected=_value(each.get("ExpectedValue", "null")),
                actual=_value(each.get("ActualValue", "null")),
            )
            for each in item.get("PropertyDifferences", ())
        ),
    )


def _value(text: str) -> Any:
    """A value as CloudFormation writes it: JSON for what has parts, ``null`` for what is not there, plain text else."""
    try:
        return json.loads(text)
    except ValueError:
        return text
