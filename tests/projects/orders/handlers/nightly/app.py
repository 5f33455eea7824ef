"""Writes the report of the day's fulfilled orders."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

import boto3

_TABLE = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
_BUCKET = boto3.client("s3")


def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Write one report."""
    found = _TABLE.query(
        IndexName="by-status",
        KeyConditionExpression="#status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": "fulfilled"},
    )
    key = f"daily/{datetime.now(UTC):%Y-%m-%d}.json"
    _BUCKET.put_object(
        Bucket=os.environ["REPORTS_BUCKET"], Key=key, Body=json.dumps(found["Items"], default=str).encode()
    )
    return {"report": key, "orders": len(found["Items"])}
