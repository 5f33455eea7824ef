"""The HTTP API: one function for each route, over DynamoDB's own client. Nothing here knows tapgen."""

from __future__ import annotations

import base64
import json
import os
import uuid
from functools import cache
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

STATUSES = ("open", "shipped", "cancelled")


class Refused(Exception):  # noqa: N818 - what a caller did wrong is no error of ours
    """A request that is answered with a status of its own."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@cache
def orders() -> Any:
    """The table; the variable came with the grant in config/service.py."""
    return boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer a request of the HTTP API, payload format 2.0."""
    return answer(event, orders)


def answer(event: dict[str, Any], table: Any) -> dict[str, Any]:
    """The response to a request; ``table`` makes the table when it is needed."""
    route = ROUTES.get(event["routeKey"])
    if route is None:
        return respond(404, {"message": f"no route {event['routeKey']}"})
    try:
        return route(event, table)
    except Refused as refusal:
        return respond(refusal.status, {"message": str(refusal)})


def create(event: dict[str, Any], table: Any) -> dict[str, Any]:
    """Take an order; the caller may name its id, so that a repeated request makes no second one."""
    body = read_body(event)
    item = body.get("item")
    quantity = body.get("quantity", 1)
    if not isinstance(item, str) or not item:
        raise Refused(400, "item: a text is needed")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= 1000:
        raise Refused(400, f"quantity: {quantity!r} is no whole number from 1 to 1000")
    order_id = body.get("orderId") or str(uuid.uuid4())
    if not isinstance(order_id, str) or len(order_id) > 100:
        raise Refused(400, "orderId: a text of at most 100 characters, or nothing")
    order = {
        "customerId": parameter(event, "customerId"),
        "orderId": order_id,
        "item": item,
        "quantity": quantity,
        "status": "open",
    }
    try:
        table().put_item(Item=order, ConditionExpression="attribute_not_exists(orderId)")
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            raise Refused(409, f"order {order_id} is there already") from error
        raise
    return respond(201, order)


def read(event: dict[str, Any], table: Any) -> dict[str, Any]:
    """One order."""
    found = table().get_item(Key=key(event)).get("Item")
    if found is None:
        raise Refused(404, f"there is no order {parameter(event, 'orderId')}")
    return respond(200, found)


def list_of_customer(event: dict[str, Any], table: Any) -> dict[str, Any]:
    """The first hundred orders of a customer."""
    condition = Key("customerId").eq(parameter(event, "customerId"))
    return respond(200, {"orders": table().query(KeyConditionExpression=condition, Limit=100)["Items"]})


def list_by_status(event: dict[str, Any], table: Any) -> dict[str, Any]:
    """The first hundred orders with a status, of all customers."""
    status = (event.get("queryStringParameters") or {}).get("status", "open")
    if status not in STATUSES:
        raise Refused(400, f"status: {status!r} is none of {', '.join(STATUSES)}")
    found = table().query(IndexName="by-status", KeyConditionExpression=Key("status").eq(status), Limit=100)
    return respond(200, {"orders": found["Items"]})


def delete(event: dict[str, Any], table: Any) -> dict[str, Any]:
    """Forget an order; one that is not there is no error."""
    table().delete_item(Key=key(event))
    return respond(204, None)


def health(event: dict[str, Any], table: Any) -> dict[str, Any]:
    """The function runs. It does not ask the table: a stranger must not cause cost."""
    return respond(200, {"status": "ok"})


ROUTES = {
    "POST /customers/{customerId}/orders": create,
    "GET /customers/{customerId}/orders": list_of_customer,
    "GET /customers/{customerId}/orders/{orderId}": read,
    "DELETE /customers/{customerId}/orders/{orderId}": delete,
    "GET /orders": list_by_status,
    "GET /health": health,
}


def key(event: dict[str, Any]) -> dict[str, str]:
    """The key of the order that the path names."""
    return {name: parameter(event, name) for name in ("customerId", "orderId")}


def parameter(event: dict[str, Any], name: str) -> str:
    """A variable of the path."""
    return str(event["pathParameters"][name])


def read_body(event: dict[str, Any]) -> dict[str, Any]:
    """The request's JSON object."""
    text = event.get("body") or ""
    try:
        found = json.loads(base64.b64decode(text) if event.get("isBase64Encoded") else text)
    except ValueError as error:
        raise Refused(400, f"the body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise Refused(400, "the body is no JSON object")
    return found


def respond(status: int, body: Any) -> dict[str, Any]:
    """A response; DynamoDB's numbers are Decimals, which JSON does not know."""
    response: dict[str, Any] = {"statusCode": status, "headers": {"content-type": "application/json"}}
    if body is not None:
        response["body"] = json.dumps(body, default=int)
    return response
