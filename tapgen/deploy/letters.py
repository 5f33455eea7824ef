"""What lies in a dead-letter queue: letters that say which records or which event a function did not take. Pure.

Sources: Lambda developer guide, "Retain discarded batches" and "Invocation record" of destinations.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

OWN_KIND = "poison-record"
"""``kind`` of a letter that a function writes itself, with the record that it refused."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One dead letter.

    Attributes:
        reason: Why it was written.
        numbers: Of the records, for people; empty for an event.
        function_arn: Who is to get it once more; empty when the stream tells it.
        stream_arn: Where the records came from; empty for an event.
        first: Sequence number of the first record.
        last: Of the last one.
        records: The records themselves, when the letter has them.
        payload: The event of an asynchronous invocation.
    """

    reason: str
    function_arn: str = ""
    stream_arn: str = ""
    first: str = ""
    last: str = ""
    records: list[dict[str, Any]] = field(default_factory=list)
    payload: Any = None

    @property
    def numbers(self) -> str:
        """``7`` or ``3 to 5``."""
        return self.first if self.first == self.last else f"{self.first} to {self.last}"


def read_letter(body: str) -> Letter | None:
    """The letter in a message; None when neither Lambda nor a function of ours wrote it."""
    try:
        document = json.loads(body)
        if document.get("kind") == OWN_KIND:
            return _own(document)
        if "DDBStreamBatchInfo" in document:
            return _batch(document, document["DDBStreamBatchInfo"])
        return _event(document)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _own(document: dict[str, Any]) -> Letter:
    number, record = str(document["sequenceNumber"]), document["record"]
    return Letter(
        reason=str(document["reason"]),
        stream_arn=str(document["streamArn"]),
        first=number,
        last=number,
        records=[record] if record else [],
    )


def _batch(document: dict[str, Any], batch: dict[str, Any]) -> Letter:
    return Letter(
        reason=f"{document['requestContext']['condition']}: {batch['batchSize']} records",
        stream_arn=batch["streamArn"],
        first=batch["startSequenceNumber"],
        last=batch["endSequenceNumber"],
    )


def _event(document: dict[str, Any]) -> Letter:
    """The record of an asynchronous invocation that failed."""
    context = document["requestContext"]
    return Letter(
        reason=str(context["condition"]), function_arn=str(context["functionArn"]), payload=document["requestPayload"]
    )
