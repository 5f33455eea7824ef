"""From stream records to archive lines and object keys. Pure."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

# DynamoDB's own type descriptors, kept as text: a number that was a Decimal stays one to the last digit.
_SCALARS = {"S": str, "N": str, "B": str, "BOOL": bool}


class PoisonRecordError(ValueError):
    """The record does not have a stream record's shape; it will never be archived."""


def to_line(record: dict[str, Any]) -> dict[str, Any]:
    """The archive line of one record.

    Raises:
        PoisonRecordError: The record lacks a part that every stream record has.
    """
    try:
        change = record["dynamodb"]
        return {
            "eventId": record["eventID"],
            "eventName": record["eventName"],
            "sequenceNumber": change["SequenceNumber"],
            "approximateCreationTime": _time(change["ApproximateCreationDateTime"]),
            "keys": _plain(change["Keys"]),
            "oldImage": _plain(change["OldImage"]) if "OldImage" in change else None,
            "newImage": _plain(change["NewImage"]) if "NewImage" in change else None,
        }
    except (AttributeError, KeyError, OSError, OverflowError, TypeError, ValueError) as error:
        raise PoisonRecordError(f"not a stream record: {error!r}") from error


def object_key(lines: list[dict[str, Any]]) -> str:
    """``transactions/year=…/month=…/day=…/<first>-<last>.jsonl.gz``, by the first line's date.

    The name comes from sequence numbers alone, so that a batch that is delivered again overwrites its own object.
    """
    day = lines[0]["approximateCreationTime"][:10]
    year, month, date = day.split("-")
    name = f"{lines[0]['sequenceNumber']}-{lines[-1]['sequenceNumber']}"
    return f"transactions/year={year}/month={month}/day={date}/{name}.jsonl.gz"


def compress(lines: list[dict[str, Any]]) -> bytes:
    """JSON lines, gzipped without a clock: the same lines are the same bytes."""
    text = "".join(json.dumps(line, sort_keys=True, separators=(",", ":")) + "\n" for line in lines)
    return gzip.compress(text.encode(), mtime=0)


def _time(seconds: Any) -> str:
    """Streams give whole seconds since the epoch."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")


def _plain(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in attributes.items()}


def _value(attribute: dict[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    if kind == "M":
        return _plain(value)
    if kind == "L":
        return [_value(item) for item in value]
    if kind == "NULL":
        return None
    if kind in {"SS", "NS", "BS"}:
        return sorted(value)
    return _SCALARS[kind](value)
