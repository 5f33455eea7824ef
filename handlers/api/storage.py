"""The transactions table: one item a transaction, conditional writes, one Query a list. Attributes stay text.

Item: ``userId`` (partition key), ``transactionId`` (sort key), the fields of a transaction, ``version`` (a number that
grows with each replacement).
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from handlers.api import problems

Transaction = dict[str, Any]

_TEXT_FIELDS = (
    "userId",
    "transactionId",
    "amount",
    "currency",
    "type",
    "status",
    "description",
    "createdAt",
    "updatedAt",
)
_THROTTLED = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "InternalServerError",
}


class ConditionFailedError(Exception):
    """A conditional write found another state than expected."""


class Table:
    """One table; counts the capacity that the current request consumed.

    Args:
        client: A DynamoDB client.
        name: The table's name.
    """

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name
        self.consumed_capacity = 0.0

    def create(self, transaction: Transaction) -> None:
        """Write a transaction that must not exist.

        Raises:
            ConditionFailedError: Its id is taken.
        """
        self._call("put_item", Item=_to_item(transaction), ConditionExpression="attribute_not_exists(transactionId)")

    def get(self, user_id: str, transaction_id: str) -> Transaction | None:
        """The transaction as it is now (a consistent read), or None."""
        answer = self._call("get_item", Key=_key(user_id, transaction_id), ConsistentRead=True)
        return _from_item(answer["Item"]) if "Item" in answer else None

    def replace(self, transaction: Transaction, *, expected_version: int) -> None:
        """Write over a transaction that is still at a version.

        Raises:
            ConditionFailedError: It moved or went.
        """
        self._call(
            "put_item",
            Item=_to_item(transaction),
            ConditionExpression="#version = :expected",
            ExpressionAttributeNames={"#version": "version"},
            ExpressionAttributeValues={":expected": {"N": str(expected_version)}},
        )

    def delete(self, user_id: str, transaction_id: str, *, expected_version: int | None) -> None:
        """Delete a transaction that exists, at a version when one is given.

        Raises:
            ConditionFailedError: It is not there, or moved.
        """
        condition: dict[str, Any] = {"ConditionExpression": "attribute_exists(transactionId)"}
        if expected_version is not None:
            condition = {
                "ConditionExpression": "#version = :expected",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":expected": {"N": str(expected_version)}},
            }
        self._call("delete_item", Key=_key(user_id, transaction_id), **condition)

    def list_newest(self, user_id: str, *, limit: int, before: str | None) -> tuple[list[Transaction], str | None]:
        """One page of a user's transactions, newest first, and the id to go on before, or None at the end."""
        start = {"ExclusiveStartKey": _key(user_id, before)} if before else {}
        answer = self._call(
            "query",
            KeyConditionExpression="userId = :user",
            ExpressionAttributeValues={":user": {"S": user_id}},
            ScanIndexForward=False,
            Limit=limit,
            **start,
        )
        last = answer.get("LastEvaluatedKey")
        return [_from_item(item) for item in answer["Items"]], last["transactionId"]["S"] if last else None

    def _call(self, operation: str, **arguments: Any) -> Any:
        try:
            answer = getattr(self._client, operation)(TableName=self._name, ReturnConsumedCapacity="TOTAL", **arguments)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ConditionalCheckFailedException":
                raise ConditionFailedError from error
            if code in _THROTTLED:
                raise problems.busy() from error
            raise
        self.consumed_capacity += answer.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0)
        return answer


def _key(user_id: str, transaction_id: str) -> dict[str, Any]:
    return {"userId": {"S": user_id}, "transactionId": {"S": transaction_id}}


def _to_item(transaction: Transaction) -> dict[str, Any]:
    item: dict[str, Any] = {name: {"S": transaction[name]} for name in _TEXT_FIELDS}
    item["metadata"] = {"M": {key: {"S": value} for key, value in transaction["metadata"].items()}}
    item["version"] = {"N": str(transaction["version"])}
    return item


def _from_item(item: dict[str, Any]) -> Transaction:
    transaction: Transaction = {name: item[name]["S"] for name in _TEXT_FIELDS}
    transaction["metadata"] = {key: value["S"] for key, value in item["metadata"]["M"].items()}
    transaction["version"] = int(item["version"]["N"])
    return transaction
