"""From stream records to archive lines and the objects they belong to. Pure."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

from handlers.common.items import find_misfit, is_own_partition
from handlers.common.synthetic import SYNTHETIC_USER_PREFIX

Line = dict[str, Any]

# DynamoDB's own type descriptors, kept as text: a number that was a Decimal stays one to the last digit.
_SCALARS = {"S": str, "N": str, "B": str, "BOOL": bool}


class PoisonRecordError(ValueError):
    """The record is no change of a transaction; trying again will not make it one."""


def is_archived(record: dict[str, Any]) -> bool:
    """False for what is nobody's transaction: the service's own items, and those of users that nobody is."""
    try:
        user = record["dynamodb"]["Keys"]["userId"]["S"]
        return not (is_own_partition(user) or user.startswith(SYNTHETIC_USER_PREFIX))
    except (AttributeError, KeyError, TypeError):
        # Not to be passed over in silence: ``to_line`` says what is wrong with it.
        return True


def to_line(record: dict[str, Any]) -> Line:
    """The archive line of one record.

    Raises:
        PoisonRecordError: The record lacks a part that every stream record has, or the new image is no transaction, so
            that readers of the archive would stumble over it. An old image was judged when it was new.
    """
    try:
        change = record["dynamodb"]
        line = {
            "eventId": record["eventID"],
            "eventName": record["eventName"],
            "sequenceNumber": change["SequenceNumber"],
            "approximateCreationTime": _time(change["ApproximateCreationDateTime"]),
            "keys": _plain(change["Keys"]),
            "oldImage": _plain(change["OldImage"]) if "OldImage" in change else None,
            "newImage": _plain(change["NewImage"]) if "NewImage" in change else None,
        }
        int(line["sequenceNumber"])
        misfit = find_misfit(change["NewImage"]) if "NewImage" in change else ""
    except (AttributeError, KeyError, OSError, OverflowError, TypeError, ValueError) as error:
        raise PoisonRecordError(f"not a stream record: {error!r}") from error
    if misfit:
        raise PoisonRecordError(f"the new image is no transaction: {misfit}")
    return line


def object_key(line: Line) -> str:
    """``transactions/year=…/month=…/day=…/hh-mm-ss.jsonl.gz``: the second in which DynamoDB made the change.

    It depends on the record alone, never on the batch that brought it: however often and in whatever company a record
    is delivered, it belongs to the same object.
    """
    day, _, time = line["approximateCreationTime"].rstrip("Z").partition("T")
    year, month, date = day.split("-")
    return f"transactions/year={year}/month={month}/day={date}/{time.replace(':', '-')}.jsonl.gz"


def merge(kept: list[Line], added: list[Line]) -> list[Line]:
    """Each change once, by sequence number and in its order; of two lines the kept one stays."""
    found = {line["sequenceNumber"]: line for line in [*added, *kept]}
    return [found[number] for number in sorted(found, key=int)]


def compress(lines: list[Line]) -> bytes:
    """JSON lines, gzipped without a clock: the same lines are the same bytes."""
    text = "".join(json.dumps(line, sort_keys=True, separators=(",", ":")) + "\n" for line in lines)
    return gzip.compress(text.encode(), mtime=0)


def decompress(data: bytes) -> list[Line]:
    """The lines of an object."""
    return [json.loads(line) for line in gzip.decompress(data).splitlines()]


def _time(seconds: Any) -> str:
    """Streams give whole seconds since the epoch; what is read back from the stream's own API may give a fraction."""
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
