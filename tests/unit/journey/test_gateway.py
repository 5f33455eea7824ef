"""Requests straight to a function: the event that an HTTP API makes of them, and what it understands of the answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tapgen.journey.gateway import InvokeTransport, match_route, quote_segments, read_answer, to_event
from tapgen.journey.transport import Answer, CannotCarryError, NoAnswerError, Sent

RECORDED = json.loads((Path(__file__).parents[2] / "events" / "http_api_v2.json").read_text(encoding="utf-8"))
ROUTES = (
    "GET /orders", "POST /orders", "GET /orders/{orderId}", "GET /orders/today", "ANY /orders/{orderId}",
    "GET /files/{proxy+}", "$default",
)  # fmt: skip


def test_event_is_what_an_http_api_sends() -> None:
    """The members of a recorded event and no others; what a request does not have is left out."""
    event = to_event(Sent(method="GET", path="/orders", query={"limit": "100"}, user="ada"), ROUTES)

    assert event.keys() - RECORDED.keys() == {"queryStringParameters"}
    assert recorded_members(event) >= recorded_members(RECORDED)
    assert event["requestContext"].keys() - RECORDED["requestContext"].keys() == {"authorizer"}
    assert event["requestContext"]["http"].keys() == RECORDED["requestContext"]["http"].keys()
    assert (event["routeKey"], event["rawPath"], event["rawQueryString"]) == ("GET /orders", "/orders", "limit=100")
    assert event["requestContext"]["authorizer"]["jwt"]["claims"] == {"sub": "ada"}
    assert "body" not in event


def recorded_members(event: dict[str, Any]) -> set[str]:
    return {*event, *(f"requestContext.{name}" for name in event["requestContext"])}


def test_event_of_a_body() -> None:
    """As JSON, with its length in bytes; nobody has no claims."""
    event = to_event(Sent(method="POST", path="/orders", headers={"if-match": "*"}, body={"a": "ä"}), ROUTES)

    assert json.loads(event["body"]) == {"a": "ä"}
    assert event["headers"]["content-length"] == str(len(event["body"]))
    assert event["headers"]["content-type"] == "application/json"
    assert event["headers"]["if-match"] == "*"
    assert "authorizer" not in event["requestContext"]


@pytest.mark.parametrize(
    ("method", "path", "route", "parameters"),
    [
        ("GET", "/orders", "GET /orders", {}),
        ("GET", "/orders/7", "GET /orders/{orderId}", {"orderId": "7"}),
        ("GET", "/orders/today", "GET /orders/today", {}),
        ("PUT", "/orders/7", "ANY /orders/{orderId}", {"orderId": "7"}),
        ("GET", "/files/a/b", "GET /files/{proxy+}", {"proxy": "a/b"}),
        ("GET", "/files/", "$default", {}),
        ("GET", "/orders/", "$default", {}),
        ("GET", "/orders/7/more", "$default", {}),
        ("GET", "/", "$default", {}),
    ],
)
def test_route_is_the_most_specific_one(method: str, path: str, route: str, parameters: dict[str, str]) -> None:
    """As API Gateway chooses it."""
    assert match_route(method, path, ROUTES) == (route, parameters)


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        (
            {"statusCode": 201, "headers": {"ETag": 1}, "body": '{"a": 1}'},
            Answer(status=201, headers={"etag": "1"}, body={"a": 1}),
        ),
        ({"statusCode": 204}, Answer(status=204)),
        ({"statusCode": "200", "headers": None}, Answer(status=200)),
        (
            {"statusCode": 200, "headers": {"content-type": "text/html"}, "body": "<p>"},
            Answer(status=200, headers={"content-type": "text/html"}),
        ),
        ({"a": 1}, Answer(status=200, headers={"content-type": "application/json"}, body={"a": 1})),
    ],
)
def test_answer_is_read_as_api_gateway_does(result: Any, answer: Answer) -> None:
    """A result without a status is the body of a 200."""
    assert read_answer(result) == answer


@pytest.mark.parametrize(
    "result", [None, [], "x", {"headers": {}}, {"statusCode": "x"}, {"statusCode": 200, "body": "<html>"}]
)
def test_result_that_api_gateway_does_not_understand_is_no_answer(result: Any) -> None:
    """Neither is a body that says that it is JSON and is not."""
    with pytest.raises(NoAnswerError) as caught:
        read_answer(result)
    assert caught.value.expected == "an HTTP answer: statusCode, headers and a body"


def test_transport_invokes_with_requests_and_events() -> None:
    """Both go to the one function; a source cannot be reached from here."""
    seen: list[Any] = []

    def invoke(event: Any) -> Any:
        seen.append(event)
        return {"statusCode": 200}

    transport = InvokeTransport(invoke=invoke, routes=ROUTES, label="version 8")

    assert transport.send(Sent(method="GET", path="/orders")).status == 200
    assert transport.deliver({"Records": []}, "invoke") == {"statusCode": 200}
    assert [seen[0]["routeKey"], seen[1]] == ["GET /orders", {"Records": []}]
    with pytest.raises(CannotCarryError, match="live version alone"):
        transport.deliver({}, "source")


def test_path_is_encoded_where_it_must_be() -> None:
    """``:`` and ``@`` stay, so that a user's id reads the same in the access log."""
    assert quote_segments("/users/synthetic:a b@c/ö?") == "/users/synthetic:a%20b@c/%C3%B6%3F"
