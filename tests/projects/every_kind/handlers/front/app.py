"""Hands what it gets to every part that the service has."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import boto3

_ITEMS = boto3.resource("dynamodb").Table(os.environ.get("ITEMS_TABLE", ""))
_SQS = boto3.client("sqs")
_SNS = boto3.client("sns")
_S3 = boto3.client("s3")
_EVENTS = boto3.client("events")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request of the HTTP API (payload format 2.0)."""
    body = json.loads(event.get("body") or "{}")
    routes = {
        "GET /health": lambda: {"status": "ok", "greeting": os.environ["GREETING"]},
        "POST /items": lambda: _put_item(body),
        "POST /news": lambda: _tell(body),
        "PUT /files/{name}": lambda: _store(event["pathParameters"]["name"]),
        "GET /secret": _read,
        "GET /seen": _list_seen,
    }
    found = routes.get(event["routeKey"])
    return {"statusCode": 200 if found else 404, "body": json.dumps(found() if found else {})}


def _put_item(body: dict[str, Any]) -> dict[str, Any]:
    made = time.time_ns() // 1000
    _ITEMS.put_item(Item={"owner": body["owner"], "made": made, "state": "new", "size": 1, "title": "a title"})
    text = json.dumps({"id": body["owner"]})
    _SQS.send_message(QueueUrl=os.environ["JOBS_QUEUE_URL"], MessageBody=text)
    _SQS.send_message(
        QueueUrl=os.environ["ORDERED_QUEUE_URL"],
        MessageBody=text,
        MessageGroupId="one",
        MessageDeduplicationId=str(made),
    )
    return {"made": made}


def _tell(body: dict[str, Any]) -> dict[str, Any]:
    for kind in ("wanted", "unwanted"):
        _SNS.publish(
            TopicArn=os.environ["NEWS_TOPIC_ARN"],
            Message=json.dumps({"id": f"{body['id']}-{kind}"}),
            MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}},
        )
    entry = {"Source": "kinds", "DetailType": "placed", "Detail": json.dumps(body)}
    _EVENTS.put_events(Entries=[entry | {"EventBusName": os.environ["FACTS_BUS"]}])
    return {}


def _store(name: str) -> dict[str, Any]:
    _S3.put_object(Bucket=os.environ["FILES_BUCKET"], Key=f"uploads/{name}", Body=b"content")
    return {}


def _read() -> dict[str, Any]:
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["PAYMENT_SECRET"])["SecretString"]
    limit = boto3.client("ssm").get_parameter(Name=os.environ["LIMIT_PARAMETER"])["Parameter"]["Value"]
    return {"length": len(secret), "limit": limit}


def _list_seen() -> dict[str, Any]:
    found = boto3.resource("dynamodb").Table(os.environ["SEEN_TABLE"]).scan(ConsistentRead=True)["Items"]
    return {"seen": [[item["what"], item["id"]] for item in found]}
