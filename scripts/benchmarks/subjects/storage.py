"""The peers' storage: the same calls as ours."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3

from scripts.benchmarks.subjects.models import NewTransaction, Page, Transaction, from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

client: DynamoDBClient = boto3.client("dynamodb")
_TABLE = os.environ["TABLE_NAME"]


def create(user_id: str, new: NewTransaction) -> Transaction:
    """Write a transaction that does not exist."""
    now = datetime.now(UTC).isoformat()
    transaction = Transaction(
        **new.model_dump(), userId=user_id, transactionId=str(uuid.uuid4()), createdAt=now, updatedAt=now, version=1
    )
    client.put_item(
        TableName=_TABLE, Item=to_item(transaction), ConditionExpression="attribute_not_exists(transactionId)"
    )
    return transaction


def get(user_id: str, transaction_id: str) -> Transaction | None:
    """Read one."""
    key: Any = {"userId": {"S": user_id}, "transactionId": {"S": transaction_id}}
    item = client.get_item(TableName=_TABLE, Key=key, ConsistentRead=True).get("Item")
    return from_item(item) if item else None


def list_newest(user_id: str, limit: int) -> Page:
    """Read a page."""
    answer = client.query(
        TableName=_TABLE,
        KeyConditionExpression="userId = :u",
        ExpressionAttributeValues={":u": {"S": user_id}},
        ScanIndexForward=False,
        Limit=limit,
    )
    return Page(items=[from_item(item) for item in answer["Items"]], cursor=None)
