"""Puts each request into the stream."""

from __future__ import annotations

import os
from typing import Any

import boto3

_STREAM = boto3.client("kinesis")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request."""
    if event["routeKey"] == "POST /clicks":
        _STREAM.put_record(StreamName=os.environ["CLICKS_STREAM"], PartitionKey="one", Data=b"click")
    return {"statusCode": 200, "body": '{"status": "ok"}'}
