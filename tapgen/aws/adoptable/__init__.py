"""Reads resources that exist, as a template would describe them; one module for each kind of service.

    tables, buckets, messaging (queues, topics), logs_and_keys

Reads alone. What the properties mean beside a template is ``tapgen.deploy.adoption``'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tapgen.aws.adoptable import buckets, logs_and_keys, messaging, tables
from tapgen.aws.failures import error_code, error_message, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.aws.adoptable.model import Existing
    from tapgen.aws.session import Aws

_ABSENT = {
    *("404", "NoSuchBucket", "NotFound", "NotFoundException", "QueueDoesNotExist", "ResourceNotFoundException"),
    *("AWS.SimpleQueueService.NonExistentQueue", "InvalidParameter", "InvalidParameterException"),
}

_READERS: Mapping[str, Callable[[Aws, str], Existing | None]] = {
    "AWS::DynamoDB::Table": tables.read,
    "AWS::KMS::Key": logs_and_keys.read_key,
    "AWS::Logs::LogGroup": logs_and_keys.read_log_group,
    "AWS::S3::Bucket": buckets.read,
    "AWS::SNS::Topic": messaging.read_topic,
    "AWS::SQS::Queue": messaging.read_queue,
}

ADOPTABLE = frozenset(_READERS)
"""The types that hold data and can be read here; CloudFormation imports all of them (user guide, "Resource type
support")."""


def read_existing(aws: Aws, resource_type: str, given: str) -> Existing | None:
    """A resource as it is; None where there is none.

    Args:
        aws: Clients.
        resource_type: One of ``ADOPTABLE``.
        given: What somebody calls it: a name, and for queues, topics and keys a URL, an ARN, an id or an alias as well.

    Raises:
        AwsError: It may not be looked at.
    """
    with translated(f"look at {given}"):
        try:
            return _READERS[resource_type](aws, given)
        except ClientError as error:
            if error_code(error) in _ABSENT:
                return None
            raise


def find_owner(aws: Aws, physical_id: str) -> str:
    """The id of the stack that a resource belongs to; empty where it belongs to none.

    CloudFormation API reference, DescribeStackResources: a ValidationError where there is none.
    """
    client = aws.client("cloudformation")
    with translated(f"look for the stack of {physical_id}"):
        try:
            found = client.describe_stack_resources(PhysicalResourceId=physical_id)["StackResources"]
        except ClientError as error:
            if error_code(error) == "ValidationError" and "does not exist" in error_message(error):
                return ""
            raise
    return next((item.get("StackId", "") for item in found), "")
