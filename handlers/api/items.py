"""Transactions as items of the table and back. Every attribute but the version stays text; no float on the way."""

from __future__ import annotations

from typing import Any

from handlers.common.items import TEXT_ATTRIBUTES, read_partition, write_partition

Transaction = dict[str, Any]
Item = dict[str, Any]

WRITE_ID = "writeId"
"""Attribute that names the write which made the item what it is; callers do not see it."""


def key_of(partition: str, sort: str) -> Item:
    """A primary key, as it is in the table."""
    return {"userId": {"S": partition}, "transactionId": {"S": sort}}


def transaction_key(user_id: str, transaction_id: str) -> Item:
    """The primary key of a user's transaction."""
    return key_of(write_partition(user_id), transaction_id)


def to_item(transaction: Transaction, *, write_id: str) -> Item:
    """The item of a transaction."""
    item: Item = {name: {"S": transaction[name]} for name in TEXT_ATTRIBUTES}
    item["userId"] = {"S": write_partition(transaction["userId"])}
    item["metadata"] = {"M": {key: {"S": value} for key, value in transaction["metadata"].items()}}
    item["version"] = {"N": str(transaction["version"])}
    item[WRITE_ID] = {"S": write_id}
    return item


def from_item(item: Item) -> Transaction:
    """The transaction of an item."""
    transaction: Transaction = {name: item[name]["S"] for name in TEXT_ATTRIBUTES}
    transaction["userId"] = read_partition(transaction["userId"])
    transaction["metadata"] = {key: value["S"] for key, value in item["metadata"]["M"].items()}
    transaction["version"] = int(item["version"]["N"])
    return transaction


def was_written_by(item: Item | None, write_id: str) -> bool:
    """True when the write came through although its answer was lost, and was sent again."""
    return bool(item) and item.get(WRITE_ID, {}).get("S") == write_id  # type: ignore[union-attr]  # bool() says so
