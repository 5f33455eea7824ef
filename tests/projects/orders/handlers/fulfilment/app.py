"""Fulfils orders from the queue; an order that fails is told by itself, the others are done."""

from __future__ import annotations

import json
import logging
import os
from typing import Any

import boto3

_LOG = logging.getLogger()
_TABLE = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle a batch of messages."""
    failures = []
    for record in event["Records"]:
        try:
            _fulfil(json.loads(record["body"]))
        except (KeyError, ValueError):
            _LOG.exception("order not fulfilled")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _fulfil(order: dict[str, Any]) -> None:
    """An order that was cancelled meanwhile is nobody's any more."""
    try:
        _mark(order)
    except _TABLE.meta.client.exceptions.ConditionalCheckFailedException:
        _LOG.info("order %s is gone", order["orderId"])


def _mark(order: dict[str, Any]) -> None:
    _TABLE.update_item(
        Key={"customerId": order["customerId"], "orderId": order["orderId"]},
        UpdateExpression="SET #status = :status",
        ConditionExpression="attribute_exists(orderId)",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": "fulfilled"},
    )
