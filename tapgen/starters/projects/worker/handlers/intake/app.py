"""The HTTP API: takes a job, and tells how it stands. Nothing here knows tapgen."""

from __future__ import annotations

import base64
import json
import os
import time
import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3

MAX_TEXT = 10_000
KEPT_S = 7 * 24 * 3600


@dataclass(frozen=True)
class Stores:
    """What the function may use."""

    jobs: Any
    """The table."""
    work: Any
    """The queue."""


@cache
def connect() -> Stores:
    """Table and queue; the variables came with the grants in config/service.py."""
    return Stores(
        jobs=boto3.resource("dynamodb").Table(os.environ["JOBS_TABLE"]),
        work=boto3.resource("sqs").Queue(os.environ["WORK_QUEUE_URL"]),
    )


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer a request of the HTTP API, payload format 2.0."""
    if event["routeKey"] == "GET /health":
        return respond(200, {"status": "ok"})
    return answer(event, connect())


def answer(event: dict[str, Any], stores: Stores) -> dict[str, Any]:
    """The response to a request that needs table or queue."""
    if event["routeKey"] == "POST /jobs":
        return take(event, stores)
    if event["routeKey"] == "GET /jobs/{jobId}":
        return tell(event["pathParameters"]["jobId"], stores)
    return respond(404, {"message": f"no route {event['routeKey']}"})


def take(event: dict[str, Any], stores: Stores) -> dict[str, Any]:
    """Write the job down, then put it into the queue: the worker finds it there whenever it is."""
    text = read_text(event)
    if text is None:
        return respond(400, {"message": f"text: 1 to {MAX_TEXT:,} characters are needed"})
    now = int(time.time())
    job = {
        "jobId": str(uuid.uuid4()),
        "text": text,
        "status": "waiting",
        "takenAt": now,
        "expiresAt": now + KEPT_S,
    }
    stores.jobs.put_item(Item=job)
    stores.work.send_message(MessageBody=json.dumps({"jobId": job["jobId"], "text": text}))
    return respond(202, job)


def tell(job_id: str, stores: Stores) -> dict[str, Any]:
    """One job as it is now."""
    found = stores.jobs.get_item(Key={"jobId": job_id}).get("Item")
    return respond(200, found) if found else respond(404, {"message": f"there is no job {job_id}"})


def read_text(event: dict[str, Any]) -> str | None:
    """The job's text; None when the request has none that can be used."""
    body = event.get("body") or ""
    try:
        found = json.loads(base64.b64decode(body) if event.get("isBase64Encoded") else body)
    except ValueError:
        return None
    text = found.get("text") if isinstance(found, dict) else None
    return text if isinstance(text, str) and 0 < len(text) <= MAX_TEXT else None


def respond(status: int, body: Any) -> dict[str, Any]:
    """A response; DynamoDB's numbers are Decimals, which JSON does not know."""
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body, default=int),
    }
