"""Events as AWS services invoke functions with, for steps: every member that the service's documentation names.

Sources: Lambda developer guide, the "Example event" of each service; EventBridge user guide, "AWS events".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ACCOUNT = "000000000000"
_REGION = "us-east-1"


def empty_batch() -> dict[str, Any]:
    """A batch of nothing: the function imports, finds its settings, starts and answers, and nothing is left."""
    return {"Records": []}


def sqs_event(bodies: Iterable[Any], *, queue_arn: str = f"arn:aws:sqs:{_REGION}:{_ACCOUNT}:queue") -> dict[str, Any]:
    """A batch of messages; a body that is no text is sent as JSON."""
    return {"Records": [_message(index, body, queue_arn) for index, body in enumerate(bodies, start=1)]}


def _message(index: int, body: Any, queue_arn: str) -> dict[str, Any]:
    return {
        "messageId": f"{{uuid:message-{index}}}",
        "receiptHandle": f"receipt-{index}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1700000000000",
            "SenderId": _ACCOUNT,
            "ApproximateFirstReceiveTimestamp": "1700000000001",
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": _REGION,
    }


def stream_event(changes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A batch of a table's stream (DynamoDB Streams API reference, "Record").

    Args:
        changes: Each with ``keys`` and, where there is one, ``old`` and ``new``, in DynamoDB's JSON
            (``{"orderId": {"S": "7"}}``).
    """
    return {"Records": [_change(index, change) for index, change in enumerate(changes, start=1)]}


def _change(index: int, change: Mapping[str, Any]) -> dict[str, Any]:
    old, new = change.get("old"), change.get("new")
    images = {name: image for name, image in (("OldImage", old), ("NewImage", new)) if image is not None}
    return {
        "eventID": str(index),
        "eventName": "MODIFY" if old and new else "INSERT" if new else "REMOVE",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": _REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": 1_700_000_000,
            "Keys": change["keys"],
            **images,
            "SequenceNumber": f"1000000000000000000000{index}",
            "SizeBytes": 59,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": f"arn:aws:dynamodb:{_REGION}:{_ACCOUNT}:table/table/stream/2026-01-01T00:00:00.000",
    }


def sns_event(messages: Iterable[Any], *, topic_arn: str = f"arn:aws:sns:{_REGION}:{_ACCOUNT}:topic") -> dict[str, Any]:
    """Notifications of a topic; a message that is no text is sent as JSON."""
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": f"{topic_arn}:subscription",
                "Sns": {
                    "Type": "Notification",
                    "MessageId": f"{{uuid:message-{index}}}",
                    "TopicArn": topic_arn,
                    "Subject": None,
                    "Message": message if isinstance(message, str) else json.dumps(message),
                    "Timestamp": "{now}",
                    "MessageAttributes": {},
                },
            }
            for index, message in enumerate(messages, start=1)
        ]
    }


def s3_event(keys: Iterable[str], *, bucket: str = "bucket", name: str = "ObjectCreated:Put") -> dict[str, Any]:
    """Notifications of a bucket, one for each key of an object."""
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": _REGION,
                "eventTime": "{now}",
                "eventName": name,
                "userIdentity": {"principalId": "AWS:journey"},
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": "journey",
                    "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
                    "object": {"key": key, "size": 1, "eTag": "journey", "sequencer": "0A1B2C3D4E5F678901"},
                },
            }
            for key in keys
        ]
    }


def bus_event(detail: Mapping[str, Any], *, source: str, detail_type: str) -> dict[str, Any]:
    """An event of an event bus, as a rule passes it on."""
    return {
        "version": "0",
        "id": "{uuid:event}",
        "detail-type": detail_type,
        "source": source,
        "account": _ACCOUNT,
        "time": "{now}",
        "region": _REGION,
        "resources": [],
        "detail": dict(detail),
    }


def scheduled_event(detail: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What EventBridge Scheduler invokes with when a schedule has no input of its own."""
    return bus_event(detail or {}, source="aws.scheduler", detail_type="Scheduled Event")
