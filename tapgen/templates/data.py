"""The data stack: the transactions table, the archive bucket with its access logs, and the dead-letter queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs import sqs
from awacs.aws import Bool, Condition, Deny, Principal, Statement
from troposphere import GetAtt, Tags
from troposphere.dynamodb import (
    AttributeDefinition,
    KeySchema,
    PointInTimeRecoverySpecification,
    SSESpecification,
    StreamSpecification,
    Table,
    TimeToLiveSpecification,
)
from troposphere.sqs import Queue, QueuePolicy

from tapgen.iam.roles import document
from tapgen.templates import buckets, wiring

if TYPE_CHECKING:
    from tapgen.templates.wiring import Context, Stack

# The longest that SQS keeps a message (SQS API reference, MessageRetentionPeriod).
_DEAD_LETTER_RETENTION_S = 14 * 24 * 3600


def build(context: Context) -> Stack:
    """Table, buckets and queue."""
    stack = wiring.Stack("data", "Table, archive and dead letters of the transactions service")
    key = stack.take(wiring.KEY_ARN) if context.environment.customer_managed else None
    _add_table(stack, context, key)
    _add_archive(stack, context, key)
    _add_dead_letter_queue(stack, context, key)
    return stack


def _add_table(stack: Stack, context: Context, key: Any) -> None:
    settings = context.environment.table
    optional: dict[str, Any] = {}
    if settings.ttl_attribute:
        optional["TimeToLiveSpecification"] = TimeToLiveSpecification(
            AttributeName=settings.ttl_attribute, Enabled=True
        )
    if key:
        # Without a specification DynamoDB encrypts with a key that AWS owns (DynamoDB developer guide).
        optional["SSESpecification"] = SSESpecification(SSEEnabled=True, SSEType="KMS", KMSMasterKeyId=key)
    table = stack.add(
        Table(
            "TransactionsTable",
            TableName=context.names.table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                AttributeDefinition(AttributeName="userId", AttributeType="S"),
                AttributeDefinition(AttributeName="transactionId", AttributeType="S"),
            ],
            KeySchema=[
                KeySchema(AttributeName="userId", KeyType="HASH"),
                KeySchema(AttributeName="transactionId", KeyType="RANGE"),
            ],
            PointInTimeRecoverySpecification=PointInTimeRecoverySpecification(
                PointInTimeRecoveryEnabled=settings.point_in_time_recovery
            ),
            DeletionProtectionEnabled=settings.deletion_protection,
            StreamSpecification=StreamSpecification(StreamViewType=settings.stream_view),
            Tags=Tags(**context.environment.cost_tags),
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
            **optional,
        )
    )
    stack.give(wiring.TABLE_NAME, table.ref())
    stack.give(wiring.TABLE_ARN, GetAtt(table, "Arn"))
    stack.give(wiring.STREAM_ARN, GetAtt(table, "StreamArn"))


def _add_archive(stack: Stack, context: Context, key: Any) -> None:
    settings = context.environment.archive
    names = context.names
    logs = stack.add(
        buckets.make_bucket(
            "AccessLogBucket",
            name=names.access_log_bucket,
            tags=context.environment.cost_tags,
            # S3 delivers access logs to buckets with SSE-S3 alone (S3 user guide, "Enabling access logging").
            encryption=buckets.encrypt_with_s3(),
            lifecycle=buckets.expire_after(settings.access_log_retention_days),
        )
    )
    delivery = stack.add(
        buckets.make_policy(
            "AccessLogBucketPolicy",
            bucket=names.access_log_bucket,
            extra=[buckets.allow_log_delivery(names.access_log_bucket, source=names.archive_bucket)],
        )
    )
    archive = stack.add(
        buckets.make_bucket(
            "ArchiveBucket",
            name=names.archive_bucket,
            tags=context.environment.cost_tags,
            encryption=buckets.encrypt_with_key(key) if key else buckets.encrypt_with_s3(),
            lifecycle=buckets.move_to_glacier(
                after_days=settings.glacier_after_days, retention_days=settings.retention_days
            ),
            logging=buckets.log_to(names.access_log_bucket),
        )
    )
    # S3 checks that it may deliver when logging is turned on.
    archive.DependsOn = [logs.title, delivery.title]
    policy = buckets.make_policy("ArchiveBucketPolicy", bucket=names.archive_bucket)
    policy.DependsOn = archive.title
    delivery.DependsOn = logs.title
    stack.add(policy)
    stack.give(wiring.ARCHIVE_BUCKET_NAME, archive.ref())
    stack.give(wiring.ACCESS_LOG_BUCKET_NAME, logs.ref())


def _add_dead_letter_queue(stack: Stack, context: Context, key: Any) -> None:
    """Where batches end that could not be archived.

    Deleted with its stack: without the service nothing can put a message back, and what a poison record tells about
    is still in the table, which stays.
    """
    encryption = {"KmsMasterKeyId": key} if key else {"SqsManagedSseEnabled": True}
    queue = stack.add(
        Queue(
            "DeadLetterQueue",
            QueueName=context.names.dead_letter_queue,
            MessageRetentionPeriod=_DEAD_LETTER_RETENTION_S,
            Tags=Tags(**context.environment.cost_tags),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
            **encryption,
        )
    )
    stack.add(
        QueuePolicy(
            "DeadLetterQueuePolicy",
            Queues=[queue.ref()],
            PolicyDocument=document([_refuse_plain_http(GetAtt(queue, "Arn"))]),
        )
    )
    stack.give(wiring.DEAD_LETTER_QUEUE_ARN, GetAtt(queue, "Arn"))
    stack.give(wiring.DEAD_LETTER_QUEUE_URL, queue.ref())


def _refuse_plain_http(queue_arn: GetAtt) -> Statement:
    return Statement(
        Sid="RefusePlainHttp",
        Effect=Deny,
        Principal=Principal("*"),
        Action=[sqs.ChangeMessageVisibility, sqs.DeleteMessage, sqs.PurgeQueue, sqs.ReceiveMessage, sqs.SendMessage],
        Resource=[queue_arn],
        Condition=Condition(Bool({"aws:SecureTransport": "false"})),
    )
