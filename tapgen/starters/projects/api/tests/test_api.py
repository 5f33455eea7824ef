"""The API's answers, over a table that lives in memory."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from handlers.api.app import ROUTES, answer


class Table:
    """As much of a DynamoDB table as the API uses."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], dict[str, Any]] = {}

    def put_item(self, *, Item: dict[str, Any], ConditionExpression: str) -> None:
        place = (Item["customerId"], Item["orderId"])
        if place in self.items:
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")
        self.items[place] = Item

    def get_item(self, *, Key: dict[str, str]) -> dict[str, Any]:
        found = self.items.get((Key["customerId"], Key["orderId"]))
        return {"Item": found} if found else {}

    def delete_item(self, *, Key: dict[str, str]) -> None:
        self.items.pop((Key["customerId"], Key["orderId"]), None)

    def query(self, *, KeyConditionExpression: Any, **more: Any) -> dict[str, Any]:
        attribute, value = KeyConditionExpression.get_expression()["values"]
        return {"Items": [item for item in self.items.values() if item[attribute.name] == value]}


@pytest.fixture
def table() -> Table:
    return Table()


def ask(table: Table, route: str, *, body: Any = None, **more: Any) -> tuple[int, Any]:
    event = {"routeKey": route, "pathParameters": {"customerId": "ada", "orderId": "1"}, **more}
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
    response = answer(event, lambda: table)
    return response["statusCode"], json.loads(response.get("body", "null"))


ONE = "/customers/{customerId}/orders/{orderId}"
ALL = "/customers/{customerId}/orders"


def test_order_is_read_back(table: Table) -> None:
    """What was taken is answered, alone and in both lists."""
    status, order = ask(table, f"POST {ALL}", body={"orderId": "1", "item": "tea", "quantity": 2})

    assert status == 201
    assert ask(table, f"GET {ONE}") == (200, order)
    assert ask(table, f"GET {ALL}") == (200, {"orders": [order]})
    assert ask(table, "GET /orders", queryStringParameters={"status": "open"}) == (200, {"orders": [order]})


def test_repeated_request_makes_no_second_order(table: Table) -> None:
    """The same id is refused, and the first order stays."""
    ask(table, f"POST {ALL}", body={"orderId": "1", "item": "tea"})

    assert ask(table, f"POST {ALL}", body={"orderId": "1", "item": "coffee"})[0] == 409
    assert ask(table, f"GET {ONE}")[1]["item"] == "tea"


def test_deleted_order_is_gone(table: Table) -> None:
    """A deleted order is not found; deleting it again is no error."""
    ask(table, f"POST {ALL}", body={"orderId": "1", "item": "tea"})

    assert ask(table, f"DELETE {ONE}") == (204, None)
    assert ask(table, f"DELETE {ONE}") == (204, None)
    assert ask(table, f"GET {ONE}")[0] == 404


@pytest.mark.parametrize(
    "body",
    ["no JSON", "[]", {}, {"item": ""}, {"item": "tea", "quantity": 0}, {"item": "tea", "quantity": "2"}],
)
def test_wrong_order_is_refused(table: Table, body: Any) -> None:
    """What cannot be an order is refused, and nothing is written."""
    assert ask(table, f"POST {ALL}", body=body)[0] == 400
    assert not table.items


def test_unknown_status_is_refused(table: Table) -> None:
    """A status that no order has is the caller's mistake."""
    assert ask(table, "GET /orders", queryStringParameters={"status": "lost"})[0] == 400


def test_health_needs_no_table() -> None:
    """Whether the function runs is answered without a call to AWS."""
    assert ROUTES["GET /health"]({}, None)["statusCode"] == 200
