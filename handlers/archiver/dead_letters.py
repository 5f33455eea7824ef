"""Records that can never be archived as they are go to the dead-letter queue, each with its reason.

What Lambda sends to that queue by itself, for batches that kept failing, names sequence numbers alone. A message of
ours holds the record: ``tapgen archive replay`` can put it back when the stream has long forgotten it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from handlers.common.clients import make_client

if TYPE_CHECKING:
    from collections.abc import Callable

KIND = "poison-record"
# What a queue takes was 256 KiB for long, and may still be set so. A larger record is named, not sent along.
_MAX_BYTES = 250_000


class DeadLetters:
    """The queue; its client is made for the first letter, because most archivers never send one."""

    def __init__(self, queue_name: str, *, connect: Callable[[], Any] = lambda: make_client("sqs")) -> None:
        self._queue_name = queue_name
        self._connect = connect
        self._sqs: Any = None
        self._queue_url = ""

    def send(self, record: dict[str, Any], *, reason: str) -> None:
        """Send one record."""
        if not self._queue_url:
            self._sqs = self._connect()
            self._queue_url = self._sqs.get_queue_url(QueueName=self._queue_name)["QueueUrl"]
        self._sqs.send_message(QueueUrl=self._queue_url, MessageBody=write_letter(record, reason=reason))


def write_letter(record: dict[str, Any], *, reason: str) -> str:
    """The message: kind, reason, where the record is in which stream, and the record unless it is too large."""
    letter = {
        "kind": KIND,
        "reason": reason,
        "streamArn": str(record.get("eventSourceARN", "")),
        "sequenceNumber": sequence_number(record),
        "record": record,
    }
    text = json.dumps(letter)
    return text if len(text.encode()) <= _MAX_BYTES else json.dumps(letter | {"record": None})


def sequence_number(record: dict[str, Any]) -> str:
    """The record's sequence number, empty when it has none."""
    change = record.get("dynamodb")
    return str(change.get("SequenceNumber", "")) if isinstance(change, dict) else ""
