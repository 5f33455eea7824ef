"""Records of a table's stream, read back by sequence number, in the shape in which Lambda delivers them."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, translated

if TYPE_CHECKING:
    from collections.abc import Iterator

# A stream keeps records for a day; then these are what it says (DynamoDB Streams API reference).
_GONE = {"ResourceNotFoundException", "TrimmedDataAccessException", "ValidationException"}


def read_records(client: Any, stream_arn: str, *, first: str, last: str) -> list[dict[str, Any]] | None:
    """The records from one sequence number to another; None when the stream does not hold the first one any more.

    Args:
        client: A client of DynamoDB Streams.
        stream_arn: The stream.
        first: The sequence number to begin with.
        last: The one to end with, in the same shard.
    """
    with translated(f"read the stream {stream_arn}"):
        for shard_id in _find_shards(client, stream_arn, int(first)):
            try:
                found = list(_read(client, stream_arn, shard_id, first=first, last=int(last)))
            except ClientError as error:
                if error_code(error) in _GONE:
                    continue
                raise
            if found and found[0]["dynamodb"]["SequenceNumber"] == first:
                return [_as_delivered(record, stream_arn) for record in found]
    return None


def _find_shards(client: Any, stream_arn: str, number: int) -> list[str]:
    """The shards whose range the number is in; one that is still open has no end."""
    shards: list[str] = []
    start: dict[str, str] = {}
    while True:
        try:
            described = client.describe_stream(StreamArn=stream_arn, **start)["StreamDescription"]
        except ClientError as error:
            if error_code(error) in _GONE:
                return []
            raise
        for shard in described["Shards"]:
            bounds = shard.get("SequenceNumberRange", {})
            ending = bounds.get("EndingSequenceNumber")
            if int(bounds.get("StartingSequenceNumber", 0)) <= number and (ending is None or number <= int(ending)):
                shards.append(shard["ShardId"])
        if not described.get("LastEvaluatedShardId"):
            return shards
        start = {"ExclusiveStartShardId": described["LastEvaluatedShardId"]}


def _read(client: Any, stream_arn: str, shard_id: str, *, first: str, last: int) -> Iterator[dict[str, Any]]:
    iterator = client.get_shard_iterator(
        StreamArn=stream_arn, ShardId=shard_id, ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber=first
    )["ShardIterator"]
    while iterator:
        answer = client.get_records(ShardIterator=iterator)
        for record in answer["Records"]:
            if int(record["dynamodb"]["SequenceNumber"]) > last:
                return
            yield record
            if int(record["dynamodb"]["SequenceNumber"]) == last:
                return
        iterator = answer.get("NextShardIterator") if answer["Records"] else None


def _as_delivered(record: dict[str, Any], stream_arn: str) -> dict[str, Any]:
    """Times as seconds, bytes as base64, and the stream's name, as in the event that a function gets."""
    return {**_plain(record), "eventSourceARN": stream_arn}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | set | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value
