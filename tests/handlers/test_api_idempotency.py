"""Repeated requests: one key, one transaction, one answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from handlers.api.storage import Table
from handlers.common.clients import make_client
from tapgen.parts.table.model import Table as DynamoTable
from tapgen.service.load import load_service
from tests.handlers.conftest import CREATE, DELETE, LIST, REPLACE, Caller, Direct, make_api, make_user, valid

KEY = {"idempotency-key": "order-17"}


def _post(caller: Caller, *, headers: dict[str, str] | None = None, **fields: Any) -> tuple[int, Any, dict[str, str]]:
    return caller.call(CREATE, body=valid(**fields), headers=headers or KEY)


def test_same_key_and_body_get_the_first_answer(caller: Caller) -> None:
    """Status, document and headers are equal, and there is one transaction."""
    first = _post(caller, description="tea")

    assert first[0] == 201
    assert _post(caller, description="tea") == first
    assert len(caller.call(LIST)[1]["items"]) == 1


def test_spaces_and_order_make_no_other_body(caller: Caller) -> None:
    """A body is what it says, not how it is written."""
    first = _post(caller)

    again = caller.call(CREATE, body=json.dumps(dict(reversed(valid().items())), indent=3), headers=KEY)
    assert again == first


def test_first_answer_stays_whatever_becomes_of_the_transaction(caller: Caller) -> None:
    """A late repetition is told what happened then, not what is now."""
    first = _post(caller)
    path = {"transactionId": first[1]["transactionId"]}
    caller.call(REPLACE, path=path, body=valid(status="void"))

    assert _post(caller) == first
    caller.call(DELETE, path=path)
    assert _post(caller) == first
    assert caller.call(LIST)[1]["items"] == []


def test_same_key_with_another_body_is_422(caller: Caller) -> None:
    """A key stands for one request; nothing is written for the other."""
    _post(caller, amount="1.00")

    status, problem, _ = _post(caller, amount="2.00")
    assert (status, problem["type"]) == (422, "urn:problem:transactions:idempotency-key-reused")
    assert problem["errors"][0]["path"] == "Idempotency-Key"
    assert [item["amount"] for item in caller.call(LIST)[1]["items"]] == ["1.00"]


def test_keys_belong_to_their_user(caller: Caller) -> None:
    """Another user's key of the same text is another key."""
    first = _post(caller)
    other = _post(Caller(caller.app, make_user()))

    assert other[0] == 201
    assert other[1]["transactionId"] != first[1]["transactionId"]


def test_other_keys_are_other_requests(caller: Caller) -> None:
    """The same body under another key, or none, is another transaction."""
    ids = {_post(caller, headers={"idempotency-key": key})[1]["transactionId"] for key in ("a", "b")}
    ids.add(caller.create()["transactionId"])

    assert len(ids) == 3


def test_refused_request_does_not_take_its_key(caller: Caller) -> None:
    """After a 422 the corrected body may have the same key."""
    assert _post(caller, amount="x")[0] == 422
    assert _post(caller, amount="1.00")[0] == 201


def test_taken_id_is_409_and_its_repetition_201(caller: Caller) -> None:
    """An id that exists is refused under a key, too; the request that took it is not."""
    own: dict[str, Any] = {"transactionId": "01a20d87-4e0c-7ee7-9150-45696a453732"}
    first = _post(caller, **own)

    assert first[0] == 201
    assert _post(caller, **own) == first
    assert _post(caller, headers={"idempotency-key": "other"}, **own)[0] == 409


def test_expired_key_is_free_although_its_record_is_still_there(caller: Caller, table: Table) -> None:
    """DynamoDB deletes what has expired when it likes; from the 24th hour on the key counts as unused."""
    first = _post(caller)
    record = _only_record(table, caller.user)
    _expire(table, record, at_s=int(record["expiresAt"]["N"]) - 24 * 3600 - 1)

    status, second, _ = _post(caller, amount="9.00")
    assert (status, second["amount"]) == (201, "9.00")
    assert second["transactionId"] != first[1]["transactionId"]
    assert _post(caller, amount="9.00")[1] == second


def _only_record(table: Table, user: str) -> dict[str, Any]:
    found = table._client.query(
        TableName=table._name,
        KeyConditionExpression="userId = :partition",
        ExpressionAttributeValues={":partition": {"S": f"idempotency#{user}"}},
    )["Items"]
    (record,) = found
    item: dict[str, Any] = record
    return item


def _expire(table: Table, record: dict[str, Any], *, at_s: int) -> None:
    table._client.put_item(TableName=table._name, Item=record | {"expiresAt": {"N": str(at_s)}})


def test_record_expires_after_a_day_and_does_not_hold_the_key(caller: Caller, table: Table) -> None:
    """The table's time to live deletes the record; a key may be anything, so its digest alone is kept."""
    created = _post(caller)[1]
    record = _only_record(table, caller.user)

    created_s = int(created["transactionId"].replace("-", "")[:12], 16) // 1000
    assert int(record["expiresAt"]["N"]) == created_s + 24 * 3600
    assert "order-17" not in json.dumps(record)


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ä", "\x7f"])
def test_keys_are_bounded(caller: Caller, key: str) -> None:
    """A key is 1 to 255 visible ASCII characters; anything else is 422."""
    status, problem, _ = _post(caller, headers={"idempotency-key": key})

    assert (status, problem["errors"][0]["path"]) == (422, "Idempotency-Key")


def _cancelled(*codes: str) -> dict[str, Any]:
    return {
        "service_error_code": "TransactionCanceledException",
        "modeled_fields": {"CancellationReasons": [{"Code": code} for code in codes]},
    }


def test_writers_that_meet_wait_for_each_other(table: Table, caller: Caller) -> None:
    """A cancelled write looks for the other's record, and tries again when there is none."""
    client = make_client("dynamodb")
    waits: list[float] = []
    with Stubber(client) as stubber:
        for _ in range(2):
            stubber.add_client_error("transact_write_items", **_cancelled("None", "TransactionConflict"))
            stubber.add_response("get_item", {})
        stubber.add_response("transact_write_items", {})

        api = make_api(Table(client, "t", sleep=waits.append))
        assert _post(Caller(Direct(api), "ada"))[0] == 201

    assert len(waits) == 2


def test_key_that_stays_busy_is_503() -> None:
    """After some attempts the caller is told to come back."""
    client = make_client("dynamodb")
    with Stubber(client) as stubber:
        for _ in range(8):
            stubber.add_client_error("transact_write_items", **_cancelled("None", "TransactionConflict"))
            stubber.add_response("get_item", {})

        api = make_api(Table(client, "t", sleep=lambda _: None))
        status, _, headers = _post(Caller(Direct(api), "ada"))

    assert (status, headers["retry-after"]) == (503, "1")


def test_throttled_transaction_is_503() -> None:
    """A reason of throttling inside a cancelled transaction is throttling."""
    client = make_client("dynamodb")
    with Stubber(client) as stubber:
        stubber.add_client_error("transact_write_items", **_cancelled("ThrottlingError", "None"))

        assert _post(Caller(Direct(make_api(Table(client, "t"))), "ada"))[0] == 503


def test_record_of_before_a_rename_of_the_ttl_attribute(caller: Caller, table_name: str) -> None:
    """A repetition still gets the first answer, and the key is free when the old record's own expiry has passed."""
    renamed = Caller(
        Direct(make_api(Table(make_client("dynamodb"), table_name, ttl_attribute="removeAt"))), caller.user
    )
    first = _post(caller)
    assert _post(renamed) == first

    client = make_client("dynamodb")
    (record,) = client.query(
        TableName=table_name,
        KeyConditionExpression="userId = :partition",
        ExpressionAttributeValues={":partition": {"S": f"idempotency#{caller.user}"}},
    )["Items"]
    client.put_item(TableName=table_name, Item=record | {"expiresAt": {"N": "1"}})

    second = _post(renamed)
    assert second[0] == 201
    assert second[1]["transactionId"] != first[1]["transactionId"]
    assert _post(renamed) == second
    assert _post(caller) == second, "a version of before the rename that is rolled back to reads the new record"


def test_time_to_live_can_be_no_attribute_that_is_written(caller: Caller, table_name: str) -> None:
    """The service names all that its transactions, records and cursor keys have; the expiry is none of it."""
    _post(caller)
    caller.create()
    assert caller.call(LIST, queryStringParameters={"limit": "1"})[1]["cursor"]
    client = make_client("dynamodb")
    partitions = (caller.user, f"idempotency#{caller.user}", "cursor-keys#")
    found = [
        item
        for partition in partitions
        for item in client.query(
            TableName=table_name,
            KeyConditionExpression="userId = :partition",
            ExpressionAttributeValues={":partition": {"S": partition}},
        )["Items"]
    ]

    (definition,) = load_service(Path(__file__).parents[2] / "config").of(DynamoTable)
    keys = {key.name for key in definition.keys}
    assert {name for item in found for name in item} - keys - {"expiresAt"} == set(definition.attributes)
