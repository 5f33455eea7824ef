"""A table as AWS::DynamoDB::Table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Tags
from troposphere.dynamodb import (
    AttributeDefinition,
    GlobalSecondaryIndex,
    KeySchema,
    LocalSecondaryIndex,
    PointInTimeRecoverySpecification,
    Projection,
    SSESpecification,
    StreamSpecification,
    Table,
    TimeToLiveSpecification,
)

from tapgen.parts.table import values
from tapgen.parts.table.names import physical_name

if TYPE_CHECKING:
    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.table.model import Index, Key
    from tapgen.parts.table.model import Table as TablePart


def build(stack: Stack, context: Context, part: TablePart) -> None:
    """The table; with a stream where somebody reads it."""
    settings = context.environment.tables[part.name]
    streamed = part.stream or any(context.service.consumers(part))
    table = stack.add(
        Table(
            part.logical_id,
            TableName=physical_name(context.names, part),
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=_attributes(part),
            KeySchema=_schema(part.partition_key, part.sort_key),
            PointInTimeRecoverySpecification=PointInTimeRecoverySpecification(
                PointInTimeRecoveryEnabled=settings.point_in_time_recovery
            ),
            DeletionProtectionEnabled=settings.deletion_protection,
            Tags=Tags(**context.tags),
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
            **({"StreamSpecification": StreamSpecification(StreamViewType=settings.stream_view)} if streamed else {}),
            **_optional(stack, context, part),
        )
    )
    stack.export(values.name(part), table.ref())
    stack.export(values.arn(part), GetAtt(table, "Arn"))
    if any(context.service.consumers(part)):
        stack.give(values.stream_arn(part), GetAtt(table, "StreamArn"))


def _optional(stack: Stack, context: Context, part: TablePart) -> dict[str, Any]:
    optional: dict[str, Any] = {}
    settings = context.environment.tables[part.name]
    if settings.ttl_attribute:
        optional["TimeToLiveSpecification"] = TimeToLiveSpecification(
            AttributeName=settings.ttl_attribute, Enabled=True
        )
    key = stack.take_key(context, part)
    if key:
        # Without a specification DynamoDB encrypts with a key that AWS owns (DynamoDB developer guide).
        optional["SSESpecification"] = SSESpecification(SSEEnabled=True, SSEType="KMS", KMSMasterKeyId=key)
    everywhere = [_index(GlobalSecondaryIndex, index) for index in part.indexes if not index.local]
    local = [_index(LocalSecondaryIndex, index) for index in part.indexes if index.local]
    if everywhere:
        optional["GlobalSecondaryIndexes"] = everywhere
    if local:
        optional["LocalSecondaryIndexes"] = local
    return optional


def _attributes(part: TablePart) -> list[AttributeDefinition]:
    """Every attribute of a key, once; DynamoDB refuses one that no key has."""
    keys = [part.partition_key, part.sort_key]
    keys += [key for index in part.indexes for key in (index.partition_key, index.sort_key)]
    types = {key.name: key.type for key in keys if key}
    return [AttributeDefinition(AttributeName=name, AttributeType=kind) for name, kind in types.items()]


def _schema(partition: Key, sort: Key | None) -> list[KeySchema]:
    schema = [KeySchema(AttributeName=partition.name, KeyType="HASH")]
    return schema + ([KeySchema(AttributeName=sort.name, KeyType="RANGE")] if sort else [])


def _index(kind: type[Any], index: Index) -> Any:
    projection = (
        Projection(ProjectionType="ALL")
        if index.attributes is None
        else Projection(ProjectionType="INCLUDE", NonKeyAttributes=list(index.attributes))
    )
    return kind(IndexName=index.name, KeySchema=_schema(index.partition_key, index.sort_key), Projection=projection)
