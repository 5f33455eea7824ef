"""Records read back from a stream: the right shard, the right range, the shape in which Lambda delivers them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from tapgen.aws.streams import read_records

if TYPE_CHECKING:
    from collections.abc import Iterator

ARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/2026-11-24T12:00:00.000"
NUMBERS = [f"{number:021d}" for number in range(1, 9)]


@pytest.fixture(name="stubber")
def _stubber() -> Iterator[Stubber]:
    client = boto3.client(
        "dynamodbstreams",
        region_name="eu-west-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",  # noqa: S106 - nobody's
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def _shards(*shards: dict[str, Any], **last: str) -> dict[str, Any]:
    return {"StreamDescription": {"Shards": list(shards), **last}}


def _shard(name: str, first: str, last: str | None = None) -> dict[str, Any]:
    ending = {"EndingSequenceNumber": last} if last else {}
    return {
        "ShardId": f"shardId-{name:0>20}-00000000",
        "SequenceNumberRange": {"StartingSequenceNumber": first, **ending},
    }


def _record(number: str) -> dict[str, Any]:
    change = {
        "ApproximateCreationDateTime": datetime(2026, 11, 24, 12, tzinfo=UTC),
        "Keys": {"userId": {"S": "ada"}},
        "NewImage": {"userId": {"S": "ada"}, "blob": {"B": b"a"}, "set": {"SS": ["x"]}},
        "SequenceNumber": number,
    }
    return {"eventID": number, "eventName": "INSERT", "dynamodb": change}


def test_range_is_read_from_its_shard(stubber: Stubber) -> None:
    """Shards come in pages, an open one has no end, and reading stops at the last number wanted."""
    closed = _shard("a", NUMBERS[0], NUMBERS[1])
    stubber.add_response("describe_stream", _shards(closed, LastEvaluatedShardId=closed["ShardId"]))
    stubber.add_response("describe_stream", _shards(_shard("b", NUMBERS[2])))
    stubber.add_response("get_shard_iterator", {"ShardIterator": "one"})
    stubber.add_response("get_records", {"Records": [_record(NUMBERS[3])], "NextShardIterator": "two"})
    stubber.add_response("get_records", {"Records": [_record(NUMBERS[4]), _record(NUMBERS[5])]})

    found = read_records(stubber.client, ARN, first=NUMBERS[3], last=NUMBERS[4])

    assert found is not None
    assert [record["dynamodb"]["SequenceNumber"] for record in found] == NUMBERS[3:5]
    assert found[0]["eventSourceARN"] == ARN
    assert found[0]["dynamodb"]["ApproximateCreationDateTime"] == 1_795_521_600
    assert found[0]["dynamodb"]["NewImage"] == {"userId": {"S": "ada"}, "blob": {"B": "YQ=="}, "set": {"SS": ["x"]}}


def test_record_that_is_trimmed_is_gone(stubber: Stubber) -> None:
    """A stream that forgot the first record, and one that begins later by now."""
    stubber.add_response("describe_stream", _shards(_shard("a", NUMBERS[0]), _shard("b", NUMBERS[0])))
    stubber.add_client_error("get_shard_iterator", "TrimmedDataAccessException")
    stubber.add_response("get_shard_iterator", {"ShardIterator": "one"})
    stubber.add_response("get_records", {"Records": [_record(NUMBERS[5])]})

    assert read_records(stubber.client, ARN, first=NUMBERS[3], last=NUMBERS[6]) is None


def test_stream_that_is_gone_has_nothing(stubber: Stubber) -> None:
    """A table that was replaced has another stream."""
    stubber.add_client_error("describe_stream", "ResourceNotFoundException")

    assert read_records(stubber.client, ARN, first=NUMBERS[3], last=NUMBERS[3]) is None
