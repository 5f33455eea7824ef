"""Notes whatever invokes it: what it was, and its id."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEEN = boto3.resource("dynamodb").Table(os.environ.get("SEEN_TABLE", ""))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Note each record, event or payload."""
    if event.get("fail"):
        raise RuntimeError("asked to fail")
    for what, name in _read(event):
        _SEEN.put_item(Item={"what": what, "id": name})
    return {"batchItemFailures": []}


def _read(event: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "schedule" in event:
        yield "schedule", event["schedule"]
    elif event.get("detail-type") == "Object Created":
        yield "object", event["detail"]["object"]["key"]
    elif "detail-type" in event:
        yield "event", event["detail"]["id"]
    elif "call" in event:
        yield "call", event["call"]
    for record in event.get("Records", ()):
        if "Sns" in record:
            yield "notification", json.loads(record["Sns"]["Message"])["id"]
        elif record["eventSource"] == "aws:dynamodb":
            yield "change", record["dynamodb"]["Keys"]["owner"]["S"]
        else:
            yield record["eventSourceARN"].rpartition("-")[2], json.loads(record["body"])["id"]
