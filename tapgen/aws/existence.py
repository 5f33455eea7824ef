"""Whether a name is taken, one look for each type whose names are given. Looks, and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.aws.session import Aws

Standing = Literal["free", "taken", "foreign"]
"""``foreign`` is a bucket of another account: the names of buckets are everybody's."""

_ABSENT = {
    *("404", "NoSuchBucket", "NoSuchEntity", "NotFound", "NotFoundException", "QueueDoesNotExist"),
    *("ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue"),
}


def look_up_name(aws: Aws, resource_type: str, name: str) -> Standing:
    """Whether somebody has a name already.

    Raises:
        AwsError: It may not be looked at.
    """
    with translated(f"look for {name}"):
        try:
            return "taken" if _LOOKS[resource_type](aws, name) else "free"
        except ClientError as error:
            code = error_code(error)
            if code in _ABSENT:
                return "free"
            # HeadBucket says nothing but 403 of a bucket that is not ours (S3 API reference).
            if resource_type == _BUCKET and code in {"403", "301", "AccessDenied"}:
                return "foreign"
            raise


def _bucket(aws: Aws, name: str) -> bool:
    return bool(aws.client("s3").head_bucket(Bucket=name))


def _function(aws: Aws, name: str) -> bool:
    return bool(aws.client("lambda").get_function_configuration(FunctionName=name))


def _log_group(aws: Aws, name: str) -> bool:
    found = aws.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return any(group.get("logGroupName") == name for group in found)


def _queue(aws: Aws, name: str) -> bool:
    return bool(aws.client("sqs").get_queue_url(QueueName=name))


def _role(aws: Aws, name: str) -> bool:
    return bool(aws.client("iam").get_role(RoleName=name))


def _table(aws: Aws, name: str) -> bool:
    return bool(aws.client("dynamodb").describe_table(TableName=name))


_BUCKET = "AWS::S3::Bucket"
_LOOKS: Mapping[str, Callable[[Aws, str], bool]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::IAM::Role": _role,
    "AWS::Lambda::Function": _function,
    "AWS::Logs::LogGroup": _log_group,
    _BUCKET: _bucket,
    "AWS::SQS::Queue": _queue,
}
