"""A queue with its policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs import sqs
from awacs.aws import Allow, ArnEquals, Bool, Condition, Deny, Principal, Statement
from troposphere import GetAtt, Tags
from troposphere.sqs import Queue, QueuePolicy, RedrivePolicy

from tapgen.iam.roles import document
from tapgen.parts.deliveries import list_senders
from tapgen.parts.names import make_arn
from tapgen.parts.queue import values
from tapgen.parts.queue.names import physical_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.queue.model import Queue as QueuePart

_DAY_S = 24 * 3600
# Lambda's advice for a queue that it reads: six times the function's timeout (Lambda developer guide, "SQS").
_VISIBILITY_TIMEOUTS = 6


def build(stack: Stack, context: Context, part: QueuePart) -> None:
    """The queue; it goes with its stack: without the service nobody takes its messages."""
    key = stack.take_key(context, part)
    encryption = {"KmsMasterKeyId": key} if key else {"SqsManagedSseEnabled": True}
    queue = stack.add(
        Queue(
            part.logical_id,
            QueueName=physical_name(context.names, part),
            MessageRetentionPeriod=context.environment.queues[part.name].retention_days * _DAY_S,
            Tags=Tags(**context.tags),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
            **encryption,
            **_optional(context, part),
        )
    )
    stack.add(
        QueuePolicy(
            f"{part.logical_id}Policy",
            Queues=[queue.ref()],
            PolicyDocument=document([_refuse_plain_http(GetAtt(queue, "Arn")), *_admit(context, part, queue)]),
        )
    )
    if _is_read(context, part):
        stack.give(values.arn(part), GetAtt(queue, "Arn"))
    stack.export(values.url(part), queue.ref())


def _is_read(context: Context, part: QueuePart) -> bool:
    """Whether another stack takes its ARN: as a source, or as the place of failures."""
    return any(part in source.taken for function in context.service.functions for source in function.sources)


def _optional(context: Context, part: QueuePart) -> dict[str, Any]:
    optional: dict[str, Any] = {}
    if part.fifo:
        optional |= {"FifoQueue": True, "ContentBasedDeduplication": True}
    if part.dead_letters and part.dead_letter_after:
        optional["RedrivePolicy"] = RedrivePolicy(
            deadLetterTargetArn=_dead_letter_arn(context, part.dead_letters), maxReceiveCount=part.dead_letter_after
        )
    visible_s = context.environment.queues[part.name].visibility_timeout_s
    if visible_s is None:
        timeouts_s = [
            context.environment.functions[function.name].timeout_s for function, _ in context.service.consumers(part)
        ]
        visible_s = max(timeouts_s) * _VISIBILITY_TIMEOUTS if timeouts_s else None
    if visible_s is not None:
        optional["VisibilityTimeout"] = visible_s
    return optional


def _dead_letter_arn(context: Context, part: QueuePart) -> Any:
    here = context.holds(part) and not part.existing_arn
    return GetAtt(part.logical_id, "Arn") if here else make_arn(context.names, part)


def _admit(context: Context, part: QueuePart, queue: Queue) -> Iterator[Statement]:
    """The services that send to the queue on behalf of parts of this service."""
    sources: dict[str, list[Any]] = {}
    for sender in list_senders(context.names, context.service):
        if sender.queue == part:
            sources.setdefault(sender.principal, []).append(sender.source_arn)
    for principal, found in sources.items():
        yield Statement(
            Sid=f"Admit{principal.partition('.')[0].title()}",
            Effect=Allow,
            Principal=Principal("Service", principal),
            Action=[sqs.SendMessage],
            Resource=[GetAtt(queue, "Arn")],
            Condition=Condition(ArnEquals({"aws:SourceArn": found})),
        )


def _refuse_plain_http(queue_arn: GetAtt) -> Statement:
    return Statement(
        Sid="RefusePlainHttp",
        Effect=Deny,
        Principal=Principal("*"),
        Action=[sqs.ChangeMessageVisibility, sqs.DeleteMessage, sqs.PurgeQueue, sqs.ReceiveMessage, sqs.SendMessage],
        Resource=[queue_arn],
        Condition=Condition(Bool({"aws:SecureTransport": "false"})),
    )
