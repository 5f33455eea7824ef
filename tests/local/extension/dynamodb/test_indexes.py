"""Tables with indexes in templates: global and local ones are made, queried, and authorised by their own ARN."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.extension.deliveries import allow, policy
from tests.local.extension.templates import table

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks


def _key(partition: str, sort: str = "") -> list[dict[str, str]]:
    keys = [{"AttributeName": partition, "KeyType": "HASH"}]
    return [*keys, {"AttributeName": sort, "KeyType": "RANGE"}] if sort else keys


def orders(name: str, **changes: Any) -> dict[str, Any]:
    """A table of orders with an index by status and a local one by date."""
    return table(
        name,
        **{
            "AttributeDefinitions": [
                {"AttributeName": attribute, "AttributeType": "S"}
                for attribute in ("customer", "order", "status", "date")
            ],
            "KeySchema": _key("customer", "order"),
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by-status",
                    "KeySchema": _key("status", "order"),
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]},
                }
            ],
            "LocalSecondaryIndexes": [
                {
                    "IndexName": "by-date",
                    "KeySchema": _key("customer", "date"),
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        }
        | changes,
    )


def query(dynamodb: Any, name: str, index: str, attribute: str, value: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = dynamodb.query(
        TableName=name,
        **({"IndexName": index} if index else {}),
        KeyConditionExpression="#key = :value",
        ExpressionAttributeNames={"#key": attribute},
        ExpressionAttributeValues={":value": {"S": value}},
    )["Items"]
    return found


@pytest.fixture(name="filled")
def _filled(stacks: Stacks, client: ClientFactory, name: str) -> str:
    assert stacks.create(name, {"Resources": {"Table": orders(name)}}) == "CREATE_COMPLETE"
    items = (("a", "1", "open", "2026-02"), ("a", "2", "done", "2026-01"), ("b", "3", "open", "2026-03"))
    for customer, order, status, date in items:
        values = {"customer": customer, "order": order, "status": status, "date": date, "note": "x", "total": "5"}
        client("dynamodb").put_item(TableName=name, Item={key: {"S": value} for key, value in values.items()})
    return name


def test_indexes_answer(client: ClientFactory, filled: str) -> None:
    """A global index finds items of all partitions with what it projects; a local one is in its own order."""
    dynamodb = client("dynamodb")
    found = query(dynamodb, filled, "by-status", "status", "open")
    assert [item["order"]["S"] for item in found] == ["1", "3"]
    assert set(found[0]) == {"customer", "order", "status", "total"}
    assert [item["order"]["S"] for item in query(dynamodb, filled, "by-date", "customer", "a")] == ["2", "1"]


@pytest.mark.parametrize(
    ("granted", "allowed"), [("", {""}), ("/index/by-status", {"by-status"}), ("/index/*", {"by-status", "by-date"})]
)
def test_an_index_is_a_resource_of_its_own(client: ClientFactory, filled: str, granted: str, allowed: set[str]) -> None:
    """Whoever may query the table may not query its index, and the other way round."""
    arn = client("dynamodb").describe_table(TableName=filled)["Table"]["TableArn"]
    iam = client("iam")
    iam.create_user(UserName=filled)
    document = json.dumps(policy(allow("dynamodb:Query", f"{arn}{granted}")))
    iam.put_user_policy(UserName=filled, PolicyName="policy", PolicyDocument=document)
    key = iam.create_access_key(UserName=filled)["AccessKey"]
    dynamodb = client("dynamodb", credentials=(key["AccessKeyId"], key["SecretAccessKey"]))
    for index, attribute in (("", "customer"), ("by-status", "status"), ("by-date", "customer")):
        if index in allowed:
            query(dynamodb, filled, index, attribute, "a")
        else:
            with pytest.raises(ClientError, match="AccessDenied"):
                query(dynamodb, filled, index, attribute, "a")


def test_an_index_is_added_and_removed(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """In place, with the items that are there; what changes the table's key replaces it."""
    plain = table(name)
    stacks.create(name, {"Resources": {"Table": plain}})
    client("dynamodb").put_item(TableName=name, Item={"id": {"S": "1"}, "status": {"S": "open"}})
    attributes = [{"AttributeName": each, "AttributeType": "S"} for each in ("id", "status")]
    index = {"IndexName": "by-status", "KeySchema": _key("status"), "Projection": {"ProjectionType": "ALL"}}
    indexed = table(name, AttributeDefinitions=attributes, GlobalSecondaryIndexes=[index])
    assert stacks.update(name, {"Resources": {"Table": indexed}}) == "UPDATE_COMPLETE"
    assert [item["id"]["S"] for item in query(client("dynamodb"), name, "by-status", "status", "open")] == ["1"]
    assert stacks.update(name, {"Resources": {"Table": plain}}) == "UPDATE_COMPLETE"
    with pytest.raises(ClientError, match="ValidationException"):
        query(client("dynamodb"), name, "by-status", "status", "open")


def test_a_local_index_stays_as_it_was_made(stacks: Stacks, client: ClientFactory, filled: str) -> None:
    """An update that drops it fails and rolls back; the items are there."""
    without = {"Resources": {"Table": orders(filled, LocalSecondaryIndexes=[])}}
    assert stacks.update(filled, without) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Local secondary indexes cannot be" in " ".join(reason for _, _, reason in stacks.events(filled))
    assert len(query(client("dynamodb"), filled, "by-date", "customer", "a")) == 2
