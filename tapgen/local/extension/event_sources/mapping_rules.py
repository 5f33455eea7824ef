"""What Lambda refuses when an event source mapping is made or changed: MiniStack takes nearly everything.

Source: Lambda API reference, CreateEventSourceMapping; Lambda Developer Guide, "Creating and configuring an Amazon SQS
event source mapping", "Process DynamoDB records with Lambda". Texts without a known wording are [inferred].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ministack.services import lambda_svc, sqs

from tapgen.local.extension.delivery import roles
from tapgen.local.extension.delivery.roles import ServiceRole
from tapgen.local.extension.event_sources import filters
from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
    from collections.abc import Iterator

    Mapping = dict[str, Any]

SEAMS = (
    *roles.SEAMS,
    Seam(
        module="ministack.services.lambda_svc",
        attribute="_esms",
        parameters=None,
        gap="read only: the mappings of this account",
    ),
    Seam(
        module="ministack.services.lambda_svc",
        attribute="_functions",
        parameters=None,
        gap="read only: the functions of this account",
    ),
    Seam(
        module="ministack.services.sqs", attribute="_queue_by_arn", parameters=("arn",), gap="read only: a queue by ARN"
    ),
)

QUEUE_ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
STREAM_ACTIONS = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
LIST_STREAMS = "dynamodb:ListStreams"

_LARGEST_QUEUE_BATCH = 10_000
_LARGEST_FIFO_BATCH = 10
_LARGEST_WINDOW_S = 300
_MOST_FILTERS = 10


class Refusal(NamedTuple):
    """Why a mapping cannot be.

    Attributes:
        code: The error's code.
        message: Its text.
        status: Its HTTP status.
    """

    code: str
    message: str
    status: int


def fault(mapping: Mapping, function_name: str, qualifier: str = "", *, known: str = "") -> Refusal | None:
    """Why Lambda refuses a mapping; None when it does not.

    Args:
        mapping: The request, with what stays as it is for an update.
        function_name: The function's name.
        qualifier: Its alias or version.
        known: The id of the mapping that is changed; empty for a new one.
    """
    source = str(mapping.get("EventSourceArn", ""))
    config = (lambda_svc._functions.get(function_name) or {}).get("config") or {}  # noqa: SLF001 - a seam
    reasons = _queue_reasons(mapping, config) if ":sqs:" in source else _stream_reasons(mapping, config)
    for reason in (*_filter_reasons(mapping), *reasons):
        return Refusal("InvalidParameterValueException", reason, 400)
    other = _twin(source, function_name, qualifier, known)
    if other:
        kind = "SQS" if ":sqs:" in source else "DynamoDB" if ":dynamodb:" in source else "Kinesis"
        return Refusal(
            "ResourceConflictException",
            f'An event source mapping with {kind} arn (" {source} ") and function (" {function_name} ") already '
            f"exists. Please update or delete the existing mapping with UUID {other}",
            409,
        )
    return None


def missing_queue_action(role_arn: str, queue_arn: str) -> str:
    """The first action that the role lacks to read a queue; empty when it lacks none."""
    role = ServiceRole(arn=role_arn, service="lambda")
    return next((action for action in QUEUE_ACTIONS if not role.allows(action, queue_arn)), "")


def missing_stream_action(role_arn: str, stream_arn: str) -> str:
    """The first action that the role lacks to read a table's stream; empty when it lacks none."""
    role = ServiceRole(arn=role_arn, service="lambda")
    missing = next((action for action in STREAM_ACTIONS if not role.allows(action, stream_arn)), "")
    return missing or ("" if role.allows(LIST_STREAMS, "*") else LIST_STREAMS)


def _twin(source: str, function_name: str, qualifier: str, known: str) -> str:
    """The mapping that does the same already."""
    for identifier, each in lambda_svc._esms.items():  # noqa: SLF001 - a seam
        same = (each.get("EventSourceArn"), each.get("FunctionName"), each.get("Qualifier") or "")
        if identifier != known and same == (source, function_name, qualifier):
            return str(identifier)
    return ""


def _filter_reasons(mapping: Mapping) -> Iterator[str]:
    wanted = filters.patterns(mapping)
    if len(wanted) > _MOST_FILTERS:
        yield f"Too many filters: {len(wanted)}; a mapping has at most {_MOST_FILTERS}."
    if not all(filters.is_pattern(text) for text in wanted):
        yield "Invalid filter pattern definition."


def _queue_reasons(mapping: Mapping, config: Mapping) -> Iterator[str]:
    arn = str(mapping["EventSourceArn"])
    queue = sqs._queue_by_arn(arn)  # noqa: SLF001 - a seam
    if queue is None:
        yield (
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist."
        )
        return
    missing = missing_queue_action(str(config.get("Role", "")), arn)
    if missing:
        yield f"The provided execution role does not have permissions to call {missing.partition(':')[2]} on SQS"
    visible_after_s = int(queue["attributes"].get("VisibilityTimeout", 30))
    if visible_after_s < int(config.get("Timeout", 3)):
        yield (
            f"Queue visibility timeout: {visible_after_s} seconds is less than Function timeout: "
            f"{config['Timeout']} seconds"
        )
    if mapping.get("StartingPosition"):
        yield "StartingPosition is not valid for SQS event sources."
    yield from _batch_reasons(mapping, fifo=bool(queue.get("is_fifo")))


def _batch_reasons(mapping: Mapping, *, fifo: bool) -> Iterator[str]:
    size = int(mapping.get("BatchSize") or 10)
    window_s = int(mapping.get("MaximumBatchingWindowInSeconds") or 0)
    largest = _LARGEST_FIFO_BATCH if fifo else _LARGEST_QUEUE_BATCH
    if not 1 <= size <= largest:
        yield f"Batch size {size} is not between 1 and {largest} for this queue."
    if fifo and window_s:
        yield "Batching window is not supported for FIFO queues"
    if not 0 <= window_s <= _LARGEST_WINDOW_S:
        yield f"Batching window {window_s} is not between 0 and {_LARGEST_WINDOW_S} seconds."
    if size > 10 and not window_s:
        yield "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"


def _stream_reasons(mapping: Mapping, config: Mapping) -> Iterator[str]:
    arn = str(mapping.get("EventSourceArn", ""))
    if ":dynamodb:" not in arn:
        return
    if not mapping.get("StartingPosition"):
        yield "StartingPosition must not be null for stream event sources."
    if missing_stream_action(str(config.get("Role", "")), arn):
        yield (
            f"Cannot access stream {arn}. Please ensure the role can perform the GetRecords, GetShardIterator, "
            "DescribeStream, and ListStreams Actions on your stream in IAM."
        )
