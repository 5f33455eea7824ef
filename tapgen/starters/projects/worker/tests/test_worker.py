"""What becomes of a batch of messages."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError
from handlers.worker.app import work_through


class Table:
    """As much of a DynamoDB table as the worker uses."""

    def __init__(self) -> None:
        self.words: dict[str, int] = {}

    def update_item(self, *, Key: dict[str, str], ExpressionAttributeValues: dict[str, Any], **more: Any) -> None:
        if Key["jobId"] == "gone":
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "UpdateItem")
        if Key["jobId"] == "throttled":
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "UpdateItem")
        self.words[Key["jobId"]] = ExpressionAttributeValues[":words"]


def batch(*bodies: str) -> dict[str, Any]:
    return {"Records": [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]}


def test_every_job_is_done() -> None:
    """Each message of the batch is a job that is done."""
    table = Table()
    event = batch(json.dumps({"jobId": "a", "text": "one two"}), json.dumps({"jobId": "b", "text": "three"}))

    assert work_through(event, lambda: table) == {"batchItemFailures": []}
    assert table.words == {"a": 2, "b": 1}


def test_only_what_failed_comes_again() -> None:
    """A message that cannot be handled is named; the others of its batch are done."""
    table = Table()
    event = batch("no JSON", json.dumps({"jobId": "b", "text": "three"}))

    assert work_through(event, lambda: table) == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert table.words == {"b": 1}


def test_job_that_is_gone_is_not_tried_again() -> None:
    """A job that the table has forgotten is no failure; one that AWS refuses for now is."""
    event = batch(*(json.dumps({"jobId": name, "text": "one"}) for name in ("gone", "throttled")))

    assert work_through(event, Table) == {"batchItemFailures": [{"itemIdentifier": "1"}]}


def test_empty_batch_needs_no_table() -> None:
    """A batch without messages, as a hook sends it, is no error."""
    assert work_through({"Records": []}, None) == {"batchItemFailures": []}
