"""The floor: a client, and the call that the operation cannot do without."""

from __future__ import annotations

import os
from typing import Any

import boto3

client = boto3.client("dynamodb")
_TABLE = os.environ["TABLE_NAME"]


def handler(event: dict[str, Any], context: Any) -> Any:  # noqa: ARG001 - Lambda's signature
    """One call to DynamoDB, of the kind and size that the route needs."""
    if event["routeKey"].startswith("POST"):
        item = {name: {"S": "x" * 24} for name in ("userId", "transactionId", "amount", "currency", "type", "status")}
        return client.put_item(TableName=_TABLE, Item=item, ConditionExpression="attribute_not_exists(userId)")
    user = {"S": event["pathParameters"]["userId"]}
    if "transactionId" in event["pathParameters"]:
        key = {"userId": user, "transactionId": {"S": event["pathParameters"]["transactionId"]}}
        return client.get_item(TableName=_TABLE, Key=key, ConsistentRead=True)
    return client.query(
        TableName=_TABLE, KeyConditionExpression="userId = :u", ExpressionAttributeValues={":u": user}, Limit=100
    )
