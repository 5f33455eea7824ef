"""Does the jobs of a batch of messages. Nothing here knows tapgen."""

from __future__ import annotations

import json
import logging
import os
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

logger = logging.getLogger()


@cache
def jobs() -> Any:
    """The table; the variable came with the grant in config/service.py."""
    return boto3.resource("dynamodb").Table(os.environ["JOBS_TABLE"])


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Do every job of the batch; only those that failed come again."""
    return work_through(event, jobs)


def work_through(event: dict[str, Any], table: Any) -> dict[str, Any]:
    """The messages that failed, as Lambda wants to be told; ``table`` makes the table when it is needed."""
    failures = []
    for record in event.get("Records", []):
        try:
            do(json.loads(record["body"]), table)
        except Exception:
            # One message that cannot be handled must not bring the others of its batch back.
            logger.exception("message %s failed", record["messageId"])
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def do(job: dict[str, Any], table: Any) -> None:
    """Do one job. A message may come twice, so the same job has the same result however often it is done."""
    result = len(job["text"].split())
    try:
        table().update_item(
            Key={"jobId": job["jobId"]},
            ConditionExpression="attribute_exists(jobId)",
            UpdateExpression="SET #status = :done, words = :words",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":done": "done", ":words": result},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        # Nobody waits for it any more, and trying again would not bring it back.
        logger.warning("job %s is not there", job["jobId"])
