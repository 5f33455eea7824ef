"""The transactions API in this process, its table on the embedded AWS."""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools import Logger, Metrics
from botocore.stub import Stubber

from handlers.api.routes import ROUTES
from handlers.api.service import Api
from handlers.api.storage import Table
from handlers.common.clients import make_client
from handlers.common.settings import MissingSettingError, read_setting
from tapgen.templates.routes import ROUTES as TEMPLATE_ROUTES
from tests.handlers.conftest import Caller, read_event, valid

if TYPE_CHECKING:
    from types import ModuleType

CREATE = "POST /users/{userId}/transactions"
LIST = "GET /users/{userId}/transactions"
GET = "GET /users/{userId}/transactions/{transactionId}"
REPLACE = "PUT /users/{userId}/transactions/{transactionId}"
DELETE = "DELETE /users/{userId}/transactions/{transactionId}"


def test_template_and_handler_have_the_same_routes() -> None:
    """API Gateway forwards exactly the routes that the function knows."""
    assert {route.key for route in TEMPLATE_ROUTES} == set(ROUTES)


def test_health_answers_without_path_parameters(app: ModuleType) -> None:
    """The health route touches no storage and works whatever API Gateway leaves out."""
    event = read_event("http_api_v2")

    answer = app.handler(event, None)
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"status": "ok"})
    assert app.handler(event | {"pathParameters": None}, None)["statusCode"] == 200


def test_created_transaction_can_be_read(caller: Caller) -> None:
    """Creating answers 201 with Location and ETag; reading answers the same document."""
    status, created, headers = caller.call(CREATE, body=valid(amount="7.5", description="tea", metadata={"a": "b"}))

    assert status == 201
    assert created["amount"] == "7.50"
    assert headers["location"] == f"/users/{caller.user}/transactions/{created['transactionId']}"
    assert headers["etag"] == '"1"'
    status, read, headers = caller.call(GET, path={"transactionId": created["transactionId"]})
    assert (status, read, headers["etag"]) == (200, created, '"1"')


def test_one_transaction_is_never_created_twice(caller: Caller) -> None:
    """A client's own id is taken once; the second attempt is 409 and changes nothing."""
    first = caller.create(transactionId="01a20d87-4e0c-7ee7-9150-45696a453732", amount="1.00")

    status, problem, headers = caller.call(CREATE, body=valid(transactionId=first["transactionId"], amount="2.00"))
    assert (status, problem["type"]) == (409, "urn:problem:transactions:exists")
    assert headers["content-type"] == "application/problem+json"
    assert caller.call(GET, path={"transactionId": first["transactionId"]})[1]["amount"] == "1.00"


def test_users_do_not_see_each_other(caller: Caller, app: ModuleType) -> None:
    """The same id under another user is another transaction."""
    created = caller.create()
    other = Caller(app, caller.user + "x")

    assert other.call(GET, path={"transactionId": created["transactionId"]})[0] == 404
    assert other.call(LIST)[1]["items"] == []


def test_list_is_newest_first_in_pages(caller: Caller) -> None:
    """Pages follow each other by cursor, newest first, each transaction once."""
    created = [caller.create(amount=f"{number}.00")["transactionId"] for number in range(1, 6)]
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        _, page, _ = caller.call(LIST, queryStringParameters=query)
        seen += [item["transactionId"] for item in page["items"]]
        cursor = page["cursor"]

    assert sorted(seen) == sorted(created)
    assert seen == sorted(seen, reverse=True)
    assert cursor is None


def test_cursor_belongs_to_its_list(caller: Caller, app: ModuleType) -> None:
    """A cursor carried to another user's list, or made up, is 422."""
    caller.create()
    caller.create()
    cursor = caller.call(LIST, queryStringParameters={"limit": "1"})[1]["cursor"]
    other = Caller(app, caller.user + "x")

    for text in (cursor, "!", "e30", base64.urlsafe_b64encode(b'["x", 1]').decode()):
        status, problem, _ = other.call(LIST, queryStringParameters={"cursor": text})
        assert (status, problem["errors"][0]["path"]) == (422, "cursor"), text


@pytest.mark.parametrize("limit", ["0", "101", "x", "-1", "1.0", ""])
def test_limit_is_bounded(caller: Caller, limit: str) -> None:
    """Limit is a number from 1 to 100."""
    assert caller.call(LIST, queryStringParameters={"limit": limit})[0] == 422


def test_replace_moves_the_version(caller: Caller) -> None:
    """Replacing keeps id and creation time, moves the version, and honours If-Match."""
    created = caller.create()
    path = {"transactionId": created["transactionId"]}

    status, replaced, headers = caller.call(
        REPLACE, path=path, body=valid(amount="5", status="posted"), headers={"if-match": '"1"'}
    )
    assert (status, replaced["version"], headers["etag"]) == (200, 2, '"2"')
    assert replaced["createdAt"] == created["createdAt"]
    assert replaced["amount"] == "5.00"
    assert caller.call(REPLACE, path=path, body=valid(status="posted"), headers={"if-match": '"1"'})[0] == 412
    assert caller.call(REPLACE, path=path, body=valid(status="posted"), headers={"if-match": "nonsense"})[0] == 412
    assert caller.call(REPLACE, path=path, body=valid(status="posted"), headers={"if-match": "*"})[0] == 200


def test_status_moves_one_way(caller: Caller) -> None:
    """A posted transaction does not become pending again, and a void one stays void."""
    path = {"transactionId": caller.create(status="posted")["transactionId"]}

    assert caller.call(REPLACE, path=path, body=valid(status="pending"))[0] == 422
    assert caller.call(REPLACE, path=path, body=valid(status="void"))[0] == 200
    status, problem, _ = caller.call(REPLACE, path=path, body=valid(status="posted"))
    assert (status, problem["errors"][0]["path"]) == (422, "status")


def test_replace_of_nothing_is_not_a_create(caller: Caller) -> None:
    """PUT replaces what exists; otherwise 404."""
    path = {"transactionId": "01a20d87-4e0c-7ee7-9150-45696a453732"}

    assert caller.call(REPLACE, path=path, body=valid())[0] == 404
    assert caller.call(GET, path=path)[0] == 404


def test_delete_once(caller: Caller) -> None:
    """Deleting answers 204 without a body, honours If-Match, and is 404 when there is nothing."""
    path = {"transactionId": caller.create()["transactionId"]}

    assert caller.call(DELETE, path=path, headers={"if-match": '"7"'})[0] == 412
    assert caller.call(DELETE, path=path, headers={"if-match": '"1"'})[:2] == (204, None)
    assert caller.call(DELETE, path=path)[0] == 404
    assert caller.call(DELETE, path=path, headers={"if-match": '"1"'})[0] == 404


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({"amount": "0"}, ["amount"]),
        ({"amount": "1.234"}, ["amount"]),
        ({"amount": "1e3"}, ["amount"]),
        ({"amount": 12}, ["amount"]),
        ({"amount": "-1.00"}, ["amount"]),
        ({"amount": "1.5", "currency": "JPY"}, ["amount"]),
        ({"currency": "XXX"}, ["currency"]),
        ({"currency": None}, ["currency"]),
        ({"type": "gift"}, ["type"]),
        ({"status": "done"}, ["status"]),
        ({"description": "x" * 257}, ["description"]),
        ({"description": 1}, ["description"]),
        ({"description": "\ud800"}, ["description"]),
        ({"metadata": []}, ["metadata"]),
        ({"metadata": {"a": 1}}, ["metadata.a"]),
        ({"metadata": {"": "x"}}, ["metadata."]),
        ({"metadata": {str(number): "x" for number in range(21)}}, ["metadata"]),
        ({"transactionId": "1"}, ["transactionId"]),
        ({"colour": "red"}, ["colour"]),
        ({"amount": "x", "currency": "YYY", "type": "z"}, ["type", "currency", "amount"]),
    ],
)
def test_invalid_bodies_name_every_fault(caller: Caller, fields: dict[str, Any], paths: list[str]) -> None:
    """What parses but is no transaction is 422 with the path of each fault, and nothing is written."""
    status, problem, _ = caller.call(CREATE, body=valid(**fields))

    assert status == 422
    assert [error["path"] for error in problem["errors"]] == paths
    assert problem["requestId"] == "JKJaXmPLvHcESHA="
    assert caller.call(LIST)[1]["items"] == []


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("{", {}, 400),
        (None, {}, 400),
        ("[]", {}, 400),
        ('{"amount": 12.30}', {}, 400),
        ('{"amount": NaN}', {}, 400),
        ("[" * 100_000, {}, 413),
        ("{}", {"content-type": "text/plain"}, 415),
        ("{}", {"content-type": "application/json; charset=utf-8"}, 422),
    ],
)
def test_what_is_no_json_object_is_refused(caller: Caller, body: str, headers: dict[str, str], status: int) -> None:
    """400 for what does not parse, 413 for too much of it, 415 for another media type; no number becomes a float."""
    assert caller.call(CREATE, body=body, headers=headers)[0] == status


def test_deep_nesting_is_a_bad_request(caller: Caller) -> None:
    """A body that nests deeper than the parser goes is refused, not a crash."""
    assert caller.call(CREATE, body='{"a":' * 2500 + "1" + "}" * 2500)[0] in {400, 422}


def test_base64_bodies_are_decoded(caller: Caller) -> None:
    """API Gateway encodes what it takes for binary; bytes that are no text are 400."""
    body = base64.b64encode(json.dumps(valid()).encode()).decode()

    assert caller.call(CREATE, body=body, isBase64Encoded=True)[0] == 201
    assert caller.call(CREATE, body=base64.b64encode(b"\xff").decode(), isBase64Encoded=True)[0] == 400


@pytest.mark.parametrize("user", ["", "a b", "x" * 129, "ä"])
def test_user_ids_are_bounded(app: ModuleType, user: str) -> None:
    """A path that cannot name a user is 422 before storage is asked."""
    assert Caller(app, user).call(LIST)[0] == 422


def test_malformed_transaction_id_is_unknown(caller: Caller) -> None:
    """No transaction has such an id: 404."""
    assert caller.call(GET, path={"transactionId": "1"})[0] == 404


def test_unknown_route_is_a_problem(caller: Caller) -> None:
    """A route that the template has and the function does not know is 404, never a crash."""
    status, problem, _ = caller.call("PATCH /users/{userId}/transactions")

    assert (status, problem["type"]) == (404, "urn:problem:transactions:not-found")


def _api(table: Table, app: ModuleType, authorization: str = "NONE") -> Api:
    return Api(table, authorization=authorization, logger=app._api._logger, metrics=app._metrics)


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
def test_token_subject_owns_the_path(app: ModuleType, claims: dict[str, str], status: int) -> None:
    """With JWT authorization a caller sees the own transactions alone, administrators those of all."""
    api = _api(app._api._table, app, "JWT")
    event = read_event("http_api_v2") | {"routeKey": LIST, "pathParameters": {"userId": "ada"}}
    event["requestContext"]["authorizer"] = {"jwt": {"claims": claims}}

    assert api.handle(event)["statusCode"] == status


@pytest.mark.parametrize(
    ("code", "status"), [("ThrottlingException", 503), ("ProvisionedThroughputExceededException", 503)]
)
def test_throttled_storage_is_503(app: ModuleType, code: str, status: int) -> None:
    """A throttled table is the caller's to retry: 503 with Retry-After."""
    client = make_client("dynamodb")
    with Stubber(client) as stubber:
        stubber.add_client_error("query", code)
        event = read_event("http_api_v2") | {"routeKey": LIST, "pathParameters": {"userId": "ada"}}

        answer = _api(Table(client, "t"), app).handle(event)

    assert answer["statusCode"] == status
    assert answer["headers"]["retry-after"] == "1"


def test_unforeseen_failure_is_a_lambda_error(app: ModuleType) -> None:
    """What nobody foresaw is raised on: Lambda counts it, and the guard alarms see it."""
    client = make_client("dynamodb")
    with Stubber(client) as stubber:
        stubber.add_client_error("query", "ResourceNotFoundException")
        event = read_event("http_api_v2") | {"routeKey": LIST, "pathParameters": {"userId": "ada"}}

        with pytest.raises(client.exceptions.ResourceNotFoundException):
            _api(Table(client, "t"), app).handle(event)


def test_concurrent_replacement_loses_cleanly(app: ModuleType, caller: Caller) -> None:
    """A replacement whose transaction moved between read and write is 412."""
    created = caller.create()
    item = caller.app._api._table._client.get_item(
        TableName="transactions-test",
        Key={"userId": {"S": caller.user}, "transactionId": {"S": created["transactionId"]}},
    )["Item"]
    client = make_client("dynamodb")
    with Stubber(client) as stubber:
        stubber.add_response("get_item", {"Item": item})
        stubber.add_client_error("put_item", "ConditionalCheckFailedException")
        event = read_event("http_api_v2") | {
            "routeKey": REPLACE,
            "pathParameters": {"userId": caller.user, "transactionId": created["transactionId"]},
            "body": json.dumps(valid()),
        }

        assert _api(Table(client, "t"), app).handle(event)["statusCode"] == 412


def test_one_line_a_request_without_money(app: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """A request is one structured line with route, user, status and capacity; amounts and descriptions stay out."""
    stream = io.StringIO()
    metrics = Metrics(namespace="transactions/test", service="one-line")
    logger = Logger(service="one-line", stream=stream)
    api = Api(app._api._table, authorization="NONE", logger=logger, metrics=metrics)
    body = json.dumps(valid(amount="98765.43", description="secret gift"))
    event = read_event("http_api_v2") | {"routeKey": CREATE, "pathParameters": {"userId": "one"}, "body": body}

    api.handle(event)
    metrics.flush_metrics()

    (line,) = [json.loads(text) for text in stream.getvalue().splitlines()]
    assert (line["message"], line["route"], line["user"], line["status"]) == ("request", CREATE, "one", 201)
    assert {"request_id", "duration_ms", "consumed_capacity", "cold_start"} <= line.keys()
    emitted = json.loads(capsys.readouterr().out)
    assert emitted["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "transactions/test"
    assert emitted["TransactionsCreated"] == [1.0]
    for secret in ("98765", "secret"):
        assert secret not in stream.getvalue() + json.dumps(emitted)


def test_missing_setting_fails_at_init() -> None:
    """A function that was deployed without a variable says which."""
    with pytest.raises(MissingSettingError, match="TABLE_NAME"):
        read_setting("TABLE_NAME", {})
