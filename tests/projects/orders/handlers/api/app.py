"""Takes orders and answers questions about them."""

from __future__ import annotations

import json
import os
import uuid
from typing import Any

import boto3

_TABLE = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
_JOBS = boto3.client("sqs")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request of the HTTP API (payload format 2.0)."""
    query = event.get("queryStringParameters") or {}
    match event["routeKey"]:
        case "GET /health":
            return _answer(200, {"status": "ok"})
        case "POST /orders":
            return _place(json.loads(event.get("body") or "{}"))
        case "DELETE /orders/{orderId}":
            return _cancel(query.get("customer", ""), event["pathParameters"]["orderId"])
        case "GET /orders/{orderId}":
            return _show(query.get("customer", ""), event["pathParameters"]["orderId"])
        case _:
            return _list(query.get("status", "placed"))


def _place(body: dict[str, Any]) -> dict[str, Any]:
    customer = str(body.get("customer", ""))
    if not customer:
        return _answer(400, {"error": "customer is missing"})
    order = {"customerId": customer, "orderId": uuid.uuid4().hex, "status": "placed", "item": str(body.get("item", ""))}
    _TABLE.put_item(Item=order)
    _JOBS.send_message(QueueUrl=os.environ["FULFILMENT_QUEUE_URL"], MessageBody=json.dumps(order))
    return _answer(201, order)


def _show(customer: str, order_id: str) -> dict[str, Any]:
    found = _TABLE.get_item(Key={"customerId": customer, "orderId": order_id}).get("Item")
    return _answer(200, found) if found else _answer(404, {"error": "no such order"})


def _cancel(customer: str, order_id: str) -> dict[str, Any]:
    _TABLE.delete_item(Key={"customerId": customer, "orderId": order_id})
    return {"statusCode": 204}


def _list(status: str) -> dict[str, Any]:
    found = _TABLE.query(
        IndexName="by-status",
        KeyConditionExpression="#status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": status},
    )
    return _answer(200, {"orders": found["Items"]})


def _answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body, default=str),
    }
