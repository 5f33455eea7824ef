"""The transactions API in this process, its table on the embedded AWS."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore.stub import Stubber

from handlers.api.storage import Table
from handlers.common.clients import make_client
from tests.handlers.conftest import (
    CREATE,
    DELETE,
    GET,
    LIST,
    REPLACE,
    Caller,
    Direct,
    Handler,
    make_api,
    read_event,
    valid,
)


def test_health_answers_without_path_parameters(app: Handler) -> None:
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


def test_users_do_not_see_each_other(caller: Caller, app: Handler) -> None:
    """The same id under another user is another transaction."""
    created = caller.create()
    other = Caller(app, caller.user + "x")

    assert other.call(GET, path={"transactionId": created["transactionId"]})[0] == 404
    assert other.call(LIST)[1]["items"] == []


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
    assert caller.call(REPLACE, path=path, body=valid(status="posted"), headers={"if-match": 'W/"2"'})[0] == 412
    assert caller.call(REPLACE, path=path, body=valid(status="posted"), headers={"if-match": "nonsense"})[0] == 400
    assert caller.call(REPLACE, path=path, body=valid(status="posted"), headers={"if-match": '"1", "2"'})[0] == 200
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


def test_a_withdrawn_currency_may_be_kept_and_not_taken(table: Table, caller: Caller) -> None:
    """A stored transaction in a currency that is no more can be read, replaced and voided; no other comes to it."""
    stored = caller.create() | {"currency": "BGN"}
    path, body = {"transactionId": stored["transactionId"]}, valid(currency="BGN", amount="7.1", status="void")
    table.replace(stored, expected_version=1)

    assert caller.call(GET, path=path)[1]["currency"] == "BGN"
    status, replaced, _ = caller.call(REPLACE, path=path, body=body)
    assert (status, replaced["currency"], replaced["amount"]) == (200, "BGN", "7.10")

    other = {"transactionId": caller.create(status="posted")["transactionId"]}
    status, problem, _ = caller.call(REPLACE, path=other, body=valid(currency="BGN", status="pending"))
    assert status == 422
    assert [error["path"] for error in problem["errors"]] == ["status", "currency"]
    assert "withdrawn" in problem["errors"][1]["message"]


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
        ({"currency": []}, ["currency"]),
        ({"currency": "BGN"}, ["currency"]),
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
        ({"transactionId": "c9a646d3-9c61-4cb7-bfcd-ee2522c8f633"}, ["transactionId"]),
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
        ('{"amount": "1.00", "amount": "2.00"}', {}, 400),
        ('{"amount": ' + "1" * 5000 + "}", {}, 400),
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


@pytest.mark.parametrize("user", ["", "a\nb", "x" * 256, "ä"])
def test_user_ids_are_bounded(app: Handler, user: str) -> None:
    """A path that cannot name a user is 422 before storage is asked."""
    assert Caller(app, user).call(LIST)[0] == 422


def test_malformed_transaction_id_is_unknown(caller: Caller) -> None:
    """No transaction has such an id: 404."""
    assert caller.call(GET, path={"transactionId": "1"})[0] == 404
    assert caller.call(GET, path={"transactionId": "c9a646d3-9c61-4cb7-bfcd-ee2522c8f633"})[0] == 404


def test_missing_precondition_is_428_where_it_is_demanded(table: Table, caller: Caller) -> None:
    """Such an environment changes nothing that the caller has not read; ``*`` says that any version is meant."""
    path = {"transactionId": caller.create()["transactionId"]}
    strict = Caller(Direct(make_api(table, require_if_match=True)), caller.user)

    for route, body in ((REPLACE, valid()), (DELETE, None)):
        status, problem, _ = strict.call(route, path=path, body=body)
        assert (status, problem["type"]) == (428, "urn:problem:transactions:precondition-required")
    assert strict.call(REPLACE, path=path, body=valid(), headers={"if-match": '"1"'})[0] == 200
    assert strict.call(DELETE, path=path, headers={"if-match": "*"})[0] == 204


def _stubbed(client: Any, user: str = "ada") -> Caller:
    return Caller(Direct(make_api(Table(client, "t", sleep=lambda _: None))), user)


def _item(table: Table, user: str, transaction_id: str) -> dict[str, Any]:
    key = {"userId": {"S": user}, "transactionId": {"S": transaction_id}}
    item: dict[str, Any] = table._client.get_item(TableName=table._name, Key=key)["Item"]
    return item


def test_replacement_that_comes_second_is_412(table: Table, caller: Caller) -> None:
    """With If-Match a transaction that moved between read and write is the caller's to look at again."""
    created = caller.create()
    item = _item(table, caller.user, created["transactionId"])
    client = make_client("dynamodb")
    with Stubber(client) as stubber:
        stubber.add_response("get_item", {"Item": item})
        stubber.add_client_error("put_item", "ConditionalCheckFailedException")
        stubber.add_response("get_item", {"Item": item | {"version": {"N": "2"}}})

        status, _, _ = _stubbed(client, caller.user).call(
            REPLACE, path={"transactionId": created["transactionId"]}, body=valid(), headers={"if-match": '"1"'}
        )

    assert status == 412


def test_replacement_without_if_match_overrides(table: Table, caller: Caller) -> None:
    """Who names no version means the latest: the write is tried again on what is there now."""
    created = caller.create()
    item = _item(table, caller.user, created["transactionId"])
    client = make_client("dynamodb")
    with Stubber(client) as stubber:
        stubber.add_response("get_item", {"Item": item})
        stubber.add_client_error("put_item", "ConditionalCheckFailedException")
        stubber.add_response("get_item", {"Item": item | {"version": {"N": "2"}}})
        stubber.add_response("put_item", {})

        status, replaced, _ = _stubbed(client, caller.user).call(
            REPLACE, path={"transactionId": created["transactionId"]}, body=valid()
        )

    assert (status, replaced["version"]) == (200, 3)


@pytest.mark.parametrize("route", [CREATE, REPLACE])
def test_write_whose_answer_was_lost_is_not_a_conflict(table: Table, caller: Caller, route: str) -> None:
    """The client sends a write again when its answer does not come; finding itself there is success."""
    path = {"transactionId": caller.create()["transactionId"]}
    client = make_client("dynamodb")
    lost: list[int] = []

    def lose_first_answer(response_dict: dict[str, Any], **_: Any) -> None:
        if not lost:
            lost.append(response_dict["status_code"])
            response_dict["status_code"] = 500

    client.meta.events.register("before-parse.dynamodb.PutItem", lose_first_answer)

    status, document, _ = Caller(Direct(make_api(Table(client, table._name))), caller.user).call(
        route, path=path, body=valid()
    )

    assert lost == [200]
    assert status == (201 if route == CREATE else 200)
    assert caller.call(GET, path={"transactionId": document["transactionId"]})[1] == document
