"""One request of the API: routes, who may call, what is written down."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from handlers.api import routes
from handlers.api.openapi import build_document
from handlers.api.storage import Table
from handlers.common.clients import make_client
from handlers.common.journal import Journal
from handlers.common.settings import MissingSettingError, read_flag, read_setting
from tapgen.service.load import load_service
from tests.handlers.conftest import CREATE, DELETE, GET, LIST, REPLACE, Handler, make_api, make_user, read_event, valid


def test_template_and_handler_have_the_same_routes() -> None:
    """API Gateway forwards exactly the routes that the function knows, and whatever matches none of them."""
    (function,) = load_service(Path(__file__).parents[2] / "config").requested

    assert {route.key for route in function.routes} == {*routes.ROUTES, routes.DEFAULT_ROUTE}


def _unrouted(app: Handler, method: str, path: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    """A request that API Gateway found no route for."""
    event = read_event("http_api_v2") | {"routeKey": "$default", "rawPath": path}
    event["requestContext"]["http"] |= {"method": method, "path": path}
    answer = app.handler(event, None)
    return answer["statusCode"], json.loads(answer["body"]), answer["headers"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/users/ada/transactions", "POST, GET"),
        ("POST", "/users/ada/transactions/01a20d87-4e0c-7ee7-9150-45696a453732", "GET, PUT, DELETE"),
        ("DELETE", "/health", "GET"),
        ("HEAD", "/openapi.json", "GET"),
        ("POST", "//health", "GET"),
    ],
)
def test_method_that_a_resource_lacks_is_405(app: Handler, method: str, path: str, allowed: str) -> None:
    """The path exists, the method does not: 405 names those that do."""
    status, problem, headers = _unrouted(app, method, path)

    assert (status, headers["allow"]) == (405, allowed)
    assert problem["type"] == "urn:problem:transactions:method-not-allowed"


@pytest.mark.parametrize("path", ["/", "/users", "/users/ada", "/users/ada/transactions/x/y", "/healthy", "/health/"])
def test_unknown_path_is_404(app: Handler, path: str) -> None:
    """What nobody serves is a problem document, too."""
    status, problem, headers = _unrouted(app, "GET", path)

    assert (status, problem["type"]) == (404, "urn:problem:transactions:not-found")
    assert headers["content-type"] == "application/problem+json"
    assert problem["requestId"] == "JKJaXmPLvHcESHA="


def test_preflight_is_answered_without_a_body(app: Handler) -> None:
    """API Gateway puts its CORS headers on the answer."""
    answer = app.handler(read_event("http_api_v2") | {"routeKey": routes.PREFLIGHT_ROUTE}, None)

    assert (answer["statusCode"], "body" in answer) == (204, False)


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"sub": "ada"}, 200),
        ({"sub": "eve"}, 403),
        ({}, 403),
        ({"sub": "ops", "scope": "read transactions:admin"}, 200),
        ({"sub": "ops", "scope": "transactions:administrator"}, 403),
    ],
)
def test_token_subject_owns_the_path(table: Table, claims: dict[str, str], status: int) -> None:
    """With JWT authorization a caller sees the own transactions alone, administrators those of all."""
    event = read_event("http_api_v2") | {"routeKey": LIST, "pathParameters": {"userId": "ada"}}
    event["requestContext"]["authorizer"] = {"jwt": {"claims": claims}}

    assert make_api(table, authorization="JWT").handle(event)["statusCode"] == status


_CALLS = {
    LIST: ("query", None),
    GET: ("get_item", None),
    CREATE: ("put_item", valid()),
    REPLACE: ("get_item", valid()),
    DELETE: ("delete_item", None),
}


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "InternalServerError"]
)
@pytest.mark.parametrize("route", _CALLS)
def test_throttled_storage_is_503(route: str, code: str) -> None:
    """A throttled table is the caller's to retry: 503 with Retry-After, on every route."""
    operation, body = _CALLS[route]
    client = make_client("dynamodb")
    with Stubber(client) as stubber:
        stubber.add_client_error(operation, code)
        event = read_event("http_api_v2") | {
            "routeKey": route,
            "pathParameters": {"userId": "ada", "transactionId": "01a20d87-4e0c-7ee7-9150-45696a453732"},
            "body": body and json.dumps(body),
        }

        answer = make_api(Table(client, "t")).handle(event)

    assert answer["statusCode"] == 503
    assert answer["headers"]["retry-after"] == "1"


def test_unreachable_storage_is_503() -> None:
    """So is a table that does not answer."""
    client = make_client("dynamodb")
    client.meta.events.register("before-send.dynamodb", _refuse_connection)
    event = read_event("http_api_v2") | {"routeKey": LIST, "pathParameters": {"userId": "ada"}}

    assert make_api(Table(client, "t")).handle(event)["statusCode"] == 503


def _refuse_connection(request: Any, **_: Any) -> None:
    from botocore.exceptions import EndpointConnectionError

    raise EndpointConnectionError(endpoint_url=request.url)


def test_unforeseen_failure_is_a_lambda_error() -> None:
    """What nobody foresaw is raised on: Lambda counts it, and the guard alarms see it."""
    client = make_client("dynamodb")
    with Stubber(client) as stubber:
        stubber.add_client_error("query", "ResourceNotFoundException")
        event = read_event("http_api_v2") | {"routeKey": LIST, "pathParameters": {"userId": "ada"}}

        with pytest.raises(client.exceptions.ResourceNotFoundException):
            make_api(Table(client, "t")).handle(event)


def _lines_of(table: Table, *events: dict[str, Any]) -> list[dict[str, Any]]:
    written: list[str] = []
    api = make_api(table, journal=Journal("one-line", "transactions/test", write=written.append))
    for event in events:
        api.handle(event)
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in written)
    return [json.loads(line) for line in written]


def test_one_line_a_request_without_money(table: Table) -> None:
    """A request is one structured line with route, user, status and capacity; amounts and descriptions stay out."""
    body = json.dumps(valid(amount="98765.43", description="secret gift"))
    event = read_event("http_api_v2") | {"routeKey": CREATE, "pathParameters": {"userId": "one"}, "body": body}

    (line, second) = _lines_of(table, event, event)

    assert (line["message"], line["route"], line["user"], line["status"]) == ("request", CREATE, "one", 201)
    assert (line["level"], line["request_id"], line["problem"]) == ("INFO", "JKJaXmPLvHcESHA=", None)
    assert (line["cold_start"], second["cold_start"]) == (True, False)
    assert line["consumed_capacity"] > 0
    assert line["duration_ms"] > 0
    assert "98765" not in json.dumps(line)
    assert "secret" not in json.dumps(line)


def test_a_lines_metrics_are_in_embedded_format(table: Table) -> None:
    """Latency of every request; what was created, repeated and refused for a conflict, each counted once."""
    key = {"idempotency-key": make_user()}
    own = {"transactionId": "01a20d87-4e0c-7ee7-9150-45696a453732"}
    template = read_event("http_api_v2") | {"routeKey": CREATE, "pathParameters": {"userId": make_user()}}
    create = template | {"body": json.dumps(valid(**own)), "headers": template["headers"] | key}
    conflict = template | {"body": json.dumps(valid(**own))}
    read = template | {"routeKey": LIST}

    lines = _lines_of(table, create, create, conflict, read)

    counted = [
        {metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]} - {"RequestDuration"}
        for line in lines
    ]
    assert counted == [{"TransactionsCreated"}, {"TransactionDuplicates"}, {"TransactionConflicts"}, set()]
    directive = lines[0]["_aws"]["CloudWatchMetrics"][0]
    assert (directive["Namespace"], directive["Dimensions"]) == ("transactions/test", [["service"]])
    assert lines[0]["service"] == "one-line"
    assert lines[0]["TransactionsCreated"] == 1
    assert lines[0]["RequestDuration"] == lines[0]["duration_ms"]


def test_line_is_what_lambda_can_filter(table: Table) -> None:
    """Level and time are written as Lambda's log filter reads them; failures of ours are errors."""
    client = make_client("dynamodb")
    with Stubber(client) as stubber:
        stubber.add_client_error("query", "ThrottlingException")
        (line,) = _lines_of(
            Table(client, "t"), read_event("http_api_v2") | {"routeKey": LIST, "pathParameters": {"userId": "a"}}
        )

    assert (line["level"], line["problem"], line["status"]) == ("ERROR", "busy", 503)
    assert datetime.fromisoformat(line["timestamp"]).tzinfo is UTC


def test_missing_setting_fails_at_init() -> None:
    """A function that was deployed without a variable, or with a wrong one, says which."""
    with pytest.raises(MissingSettingError, match="TABLE_NAME"):
        read_setting("TABLE_NAME", {})
    with pytest.raises(MissingSettingError, match="STRICT is 'yes'"):
        read_flag("STRICT", {"STRICT": "yes"})


def test_description_is_the_environments(table: Table) -> None:
    """The document says which credentials and preconditions this environment asks for."""
    event = read_event("http_api_v2") | {"routeKey": "GET /openapi.json"}
    open_, closed = (
        json.loads(make_api(table, **rules).handle(event)["body"])
        for rules in ({}, {"authorization": "JWT", "require_if_match": True})
    )

    replace = "/users/{userId}/transactions/{transactionId}"
    assert "securitySchemes" not in open_["components"]
    assert closed["components"]["securitySchemes"]["caller"]["scheme"] == "bearer"
    assert [item["paths"][replace]["put"]["parameters"][0]["required"] for item in (open_, closed)] == [False, True]
    assert "401" in closed["paths"][replace]["get"]["responses"]


def test_direct_invocation_needs_a_route_and_a_path_alone(table: Table) -> None:
    """Whoever tries a version out before it serves sends no more of an event than it takes."""
    claims = {"authorizer": {"jwt": {"claims": {"sub": "synthetic:hook"}}}}
    event = {
        "routeKey": CREATE,
        "pathParameters": {"userId": "synthetic:hook"},
        "headers": {"content-type": "application/json"},
        "requestContext": claims,
        "body": json.dumps(valid()),
    }
    api = make_api(table, authorization="JWT", require_if_match=True)

    created = api.handle(event)
    assert created["statusCode"] == 201
    path = {"userId": "synthetic:hook", "transactionId": json.loads(created["body"])["transactionId"]}
    event |= {"routeKey": DELETE, "pathParameters": path, "headers": {"if-match": created["headers"]["etag"]}}
    del event["body"]
    assert api.handle(event)["statusCode"] == 204
    assert api.handle({"routeKey": GET, "pathParameters": path})["statusCode"] == 403


def test_every_route_is_described() -> None:
    """What is served is in the description, and nothing else is."""
    paths = build_document()["paths"].items()

    described = {f"{method.upper()} {path}" for path, item in paths for method in item if method != "parameters"}
    assert described == set(routes.ROUTES)
