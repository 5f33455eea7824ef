"""The transactions table: conditional writes, one Query a list, an idempotency record in the write it belongs to.

Item: ``userId`` (partition key), ``transactionId`` (sort key), the fields of a transaction, ``version`` (a number that
grows with each replacement), ``writeId``. What is not a user's lies in partitions of its own
(``handlers.common.items``), so that no list can show it.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's own name

from handlers.api import problems
from handlers.api.idempotency import Recorded
from handlers.api.items import Item, Transaction, from_item, key_of, to_item, transaction_key, was_written_by
from handlers.common.items import CURSOR_KEYS, IDEMPOTENCY_PREFIX, write_partition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from handlers.api.idempotency import Idempotency
    from handlers.api.requests import Filter

_THROTTLED = {
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingError",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
# Writers that meet on one key wait for each other this long, about two seconds in all.
_CONFLICT_WAITS_S = (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.6)
# With a filter a page reads this many items, whatever its limit, and shows those that match.
_FILTERED_PAGE = 100


# Not the generator of ``random``: copies of one snapshot would wait in step.
_RANDOM = secrets.SystemRandom()


class ConditionFailedError(Exception):
    """A conditional write found another state than expected.

    Args:
        existing: The item that is there, or None.
        sent_again: The client sent the write more than once, so that an earlier attempt may have come through.
    """

    def __init__(self, existing: Item | None = None, *, sent_again: bool = False) -> None:
        super().__init__("the condition does not hold")
        self.existing = existing
        self.sent_again = sent_again


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a list and the id to go on after, None at the end."""

    transactions: list[Transaction]
    last: str | None


class Table:
    """One table; counts the capacity that the current request consumed.

    Args:
        client: A DynamoDB client.
        name: The table's name.
        ttl_attribute: The attribute by which DynamoDB deletes what has expired.
        sleep: Waits some seconds.
    """

    def __init__(
        self, client: Any, name: str, *, ttl_attribute: str = "expiresAt", sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._name = name
        self._ttl_attribute = ttl_attribute
        self._sleep = sleep
        self.consumed_capacity = 0.0

    def create(self, transaction: Transaction) -> None:
        """Write a transaction that must not exist.

        Raises:
            ConditionFailedError: Its id is taken.
        """
        write_id = secrets.token_hex(8)
        try:
            self._call("put_item", **_absent(to_item(transaction, write_id=write_id)))
        except ConditionFailedError as error:
            if not was_written_by(error.existing, write_id):
                raise

    def create_once(self, transaction: Transaction, request: Idempotency) -> Recorded | None:
        """Write a transaction with the record of its request, both or neither.

        Returns:
            What the key stood for already, and nothing was written; None when the transaction was.

        Raises:
            ConditionFailedError: The transaction's id is taken.
            Problem: 503 when other writers kept the key busy.
        """
        write = {"Put": {"TableName": self._name, **_absent(to_item(transaction, write_id=secrets.token_hex(8)))}}
        expiry = self._ttl_attribute
        for wait_s in (*_CONFLICT_WAITS_S, None):
            record = {"Put": {"TableName": self._name, **self._record(transaction, request, expiry=expiry)}}
            try:
                self._call("transact_write_items", TransactItems=[write, record])
            except _CancelledError as error:
                taken, known = error.reasons
                if found := known.get("Item"):
                    if not self._has_expired(found, request):
                        return _recorded(found)
                    # The condition looked for another attribute than the record, older than a rename, has.
                    expiry = self._expiry_name(found)
                    continue
                if taken["Code"] == "ConditionalCheckFailed" and known["Code"] == "None":
                    raise ConditionFailedError(taken.get("Item")) from error
            else:
                return None
            if found := self._find_recorded(request):
                return found
            if wait_s is not None:
                self._sleep(wait_s * _RANDOM.uniform(0.5, 1.5))
        raise problems.busy()

    def get(self, user_id: str, transaction_id: str) -> Transaction | None:
        """The transaction as it is now (a consistent read), or None."""
        item = self._get(transaction_key(user_id, transaction_id))
        return from_item(item) if item else None

    def replace(self, transaction: Transaction, *, expected_version: int) -> None:
        """Write over a transaction that is still at a version.

        Raises:
            ConditionFailedError: It moved or went.
        """
        write_id = secrets.token_hex(8)
        try:
            self._call("put_item", Item=to_item(transaction, write_id=write_id), **_at_versions((expected_version,)))
        except ConditionFailedError as error:
            if not was_written_by(error.existing, write_id):
                raise

    def delete(self, user_id: str, transaction_id: str, *, versions: Iterable[int] | None) -> None:
        """Delete a transaction that exists, at one of the versions when some are given.

        Raises:
            ConditionFailedError: It is not there, or at another version; the item tells which.
        """
        try:
            self._call("delete_item", Key=transaction_key(user_id, transaction_id), **_at_versions(versions))
        except ConditionFailedError as error:
            if error.existing is not None or not error.sent_again:
                raise

    def list_newest(self, user_id: str, chosen: Filter, *, limit: int, after: str | None) -> Page:
        """One page of a user's transactions, newest first, by one consistent Query.

        DynamoDB counts items against a Query's limit before it filters them. So with a filter on status or type a page
        may hold fewer than ``limit`` transactions, none at all even, and still not be the last.
        """
        if chosen.is_empty:
            # DynamoDB refuses a BETWEEN whose ends are the wrong way round.
            return Page(transactions=[], last=None)
        start = {"ExclusiveStartKey": transaction_key(user_id, after)} if after else {}
        expression = _query(user_id, chosen)
        read = _FILTERED_PAGE if "FilterExpression" in expression else limit
        answer = self._call("query", ConsistentRead=True, ScanIndexForward=False, Limit=read, **expression, **start)
        found = [from_item(item) for item in answer["Items"]]
        if len(found) > limit:
            return Page(transactions=found[:limit], last=found[limit - 1]["transactionId"])
        key = answer.get("LastEvaluatedKey")
        return Page(transactions=found, last=key["transactionId"]["S"] if key else None)

    def get_cursor_key(self, month: str) -> bytes | None:
        """The key that signs a month's cursors, or None."""
        item = self._get(key_of(CURSOR_KEYS, month))
        return bytes(item["secret"]["B"]) if item else None

    def keep_cursor_key(self, month: str, key: bytes, *, expires_at_s: int) -> bytes:
        """Keep a month's key unless there is one; the key that counts."""
        item = key_of(CURSOR_KEYS, month) | {"secret": {"B": key}, self._ttl_attribute: {"N": str(expires_at_s)}}
        try:
            self._call("put_item", **_absent(item))
        except ConditionFailedError as error:
            if error.existing is None:
                raise problems.busy() from error
            return bytes(error.existing["secret"]["B"])
        return key

    def _record(self, transaction: Transaction, request: Idempotency, *, expiry: str) -> dict[str, Any]:
        """The Put of an idempotency record whose key is free, or was until its record expired, as ``expiry`` says."""
        item = {
            **_record_key(request),
            "fingerprint": {"S": request.fingerprint},
            "answer": {"S": json.dumps(transaction)},
            self._ttl_attribute: {"N": str(request.expires_at_s)},
        }
        return {
            "Item": item,
            "ConditionExpression": "attribute_not_exists(userId) OR #expiry <= :now",
            "ExpressionAttributeNames": {"#expiry": expiry},
            "ExpressionAttributeValues": {":now": {"N": str(request.now_s)}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def _find_recorded(self, request: Idempotency) -> Recorded | None:
        item = self._get(_record_key(request))
        return _recorded(item) if item and not self._has_expired(item, request) else None

    def _has_expired(self, record: Item, request: Idempotency) -> bool:
        return int(record[self._expiry_name(record)]["N"]) <= request.now_s

    def _expiry_name(self, record: Item) -> str:
        """The attribute with the expiry: of a record that was written before a rename, its one number."""
        if self._ttl_attribute in record:
            return self._ttl_attribute
        return next(name for name, value in record.items() if "N" in value)

    def _get(self, key: Item) -> Item | None:
        answer = self._call("get_item", Key=key, ConsistentRead=True)
        item: Item | None = answer.get("Item")
        return item

    def _call(self, operation: str, **arguments: Any) -> Any:
        if operation != "transact_write_items":
            arguments["TableName"] = self._name
        try:
            answer = getattr(self._client, operation)(ReturnConsumedCapacity="TOTAL", **arguments)
        except ClientError as error:
            raise _translate(error) from error
        except (ConnectionError, HTTPClientError) as error:
            # No answer, after the client's own attempts: the caller's next one may find a way.
            raise problems.busy() from error
        consumed = answer.get("ConsumedCapacity", ())
        for part in (consumed,) if isinstance(consumed, dict) else consumed:
            self.consumed_capacity += part.get("CapacityUnits", 0.0)
        return answer


class _CancelledError(Exception):
    """A transaction was cancelled; one reason for each of its actions."""

    def __init__(self, reasons: list[dict[str, Any]]) -> None:
        super().__init__("the transaction was cancelled")
        self.reasons = reasons


def _translate(error: ClientError) -> Exception:
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        item: Any = error.response.get("Item")
        return ConditionFailedError(item, sent_again=error.response["ResponseMetadata"].get("RetryAttempts", 0) > 0)
    if code in _THROTTLED:
        return problems.busy()
    if code == "TransactionCanceledException":
        reasons: Any = error.response.get("CancellationReasons", [])
        if any(reason.get("Code") in _THROTTLED for reason in reasons):
            return problems.busy()
        if {reason.get("Code") for reason in reasons} <= {"None", "ConditionalCheckFailed", "TransactionConflict"}:
            return _CancelledError(reasons)
    return error


def _absent(item: Item) -> dict[str, Any]:
    return {
        "Item": item,
        "ConditionExpression": "attribute_not_exists(userId)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _at_versions(versions: Iterable[int] | None) -> dict[str, Any]:
    """The condition that the item exists, at one of the versions when some are given."""
    condition: dict[str, Any] = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if versions is None:
        return condition | {"ConditionExpression": "attribute_exists(userId)"}
    values = {f":v{number}": {"N": str(version)} for number, version in enumerate(sorted(versions))}
    return condition | {
        "ConditionExpression": f"#version IN ({', '.join(values)})",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": values,
    }


def _query(user_id: str, chosen: Filter) -> dict[str, Any]:
    """Key condition, filter, names and values of a list."""
    values = {":user": {"S": write_partition(user_id)}}
    names: dict[str, str] = {}
    keys, filters = ["userId = :user"], []
    if chosen.lowest and chosen.beyond:
        # Both ends belong to BETWEEN, but no id equals the upper one: it lacks the version's digit.
        keys.append("transactionId BETWEEN :lowest AND :beyond")
    elif chosen.lowest:
        keys.append("transactionId >= :lowest")
    elif chosen.beyond:
        keys.append("transactionId < :beyond")
    for name, value in (("lowest", chosen.lowest), ("beyond", chosen.beyond)):
        if value:
            values[f":{name}"] = {"S": value}
    for name, value in (("status", chosen.status), ("type", chosen.type)):
        if value:
            filters.append(f"#{name} = :{name}")
            names[f"#{name}"] = name
            values[f":{name}"] = {"S": value}
    filtered = {"FilterExpression": " AND ".join(filters), "ExpressionAttributeNames": names} if filters else {}
    return {"KeyConditionExpression": " AND ".join(keys), "ExpressionAttributeValues": values, **filtered}


def _record_key(request: Idempotency) -> Item:
    return key_of(IDEMPOTENCY_PREFIX + write_partition(request.user_id), request.key_digest)


def _recorded(item: Item) -> Recorded:
    return Recorded(fingerprint=item["fingerprint"]["S"], transaction=json.loads(item["answer"]["S"]))
