"""Queues again what was written down and never done: the queue refused it, or its message became a dead letter."""

from __future__ import annotations

import json
import os
import time
from functools import cache
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key

LATE_S = 15 * 60
MOST = 100


@cache
def jobs() -> Any:
    """The table; the variable came with the grant in config/service.py."""
    return boto3.resource("dynamodb").Table(os.environ["JOBS_TABLE"])


@cache
def work() -> Any:
    """The queue."""
    return boto3.resource("sqs").Queue(os.environ["WORK_QUEUE_URL"])


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Look once; the schedule comes again."""
    return {"queued": sweep(jobs(), work(), now=int(time.time()))}


def sweep(table: Any, queue: Any, *, now: int) -> int:
    """Queue the jobs that have waited too long, and tell how many; one that comes twice is done once."""
    late = Key("status").eq("waiting") & Key("takenAt").lt(now - LATE_S)
    found = table.query(IndexName="by-status", KeyConditionExpression=late, Limit=MOST)["Items"]
    for job in found:
        queue.send_message(MessageBody=json.dumps({"jobId": job["jobId"], "text": job["text"]}))
    return len(found)
