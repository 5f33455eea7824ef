"""The archiver in this process, its bucket on the embedded AWS."""

from __future__ import annotations

import copy
import gzip
import importlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from handlers.archiver.records import PoisonRecordError, compress, object_key, to_line
from tests.handlers.conftest import read_event
from tests.local.conftest import REGION, ClientFactory

if TYPE_CHECKING:
    from types import ModuleType

BUCKET = "archive-test"


@pytest.fixture(name="archiver", scope="module")
def _archiver(client: ClientFactory, _function_environment: None) -> ModuleType:
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return importlib.import_module("handlers.archiver.app")


@pytest.fixture(name="event")
def _event() -> dict[str, Any]:
    return read_event("dynamodb_stream")


def _archived(client: ClientFactory) -> dict[str, list[dict[str, Any]]]:
    s3 = client("s3")
    listed = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {
        item["Key"]: [
            json.loads(line)
            for line in gzip.decompress(s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read()).splitlines()
        ]
        for item in listed
    }


def test_batch_becomes_one_object_and_a_retry_overwrites_it(
    archiver: ModuleType, client: ClientFactory, event: dict[str, Any]
) -> None:
    """The lines hold keys, images and sequence numbers exactly; the same batch again changes nothing."""
    assert archiver.handler(event, None) == {"batchItemFailures": []}
    first = _archived(client)
    assert archiver.handler(event, None) == {"batchItemFailures": []}

    assert _archived(client) == first
    key = "transactions/year=2026/month=11/day=24/100000000000000000001-100000000000000000002.jsonl.gz"
    assert [line["eventName"] for line in first[key]] == ["INSERT", "REMOVE"]
    assert first[key][0]["newImage"]["amount"] == "12.30"
    assert first[key][0]["newImage"]["version"] == "1"
    assert first[key][0]["newImage"]["metadata"] == {"order": "17"}
    assert first[key][0]["oldImage"] is None
    assert first[key][1]["newImage"] is None


def test_batch_around_midnight_is_two_objects(
    archiver: ModuleType, client: ClientFactory, event: dict[str, Any]
) -> None:
    """Objects are partitioned by the change's own date."""
    event["Records"][1]["dynamodb"]["ApproximateCreationDateTime"] += 86_400

    archiver.handler(event, None)

    assert {key[:42] for key in _archived(client)} >= {
        "transactions/year=2026/month=11/day=24/100",
        "transactions/year=2026/month=11/day=25/100",
    }


def test_poison_record_is_reported_after_what_came_before_it(
    archiver: ModuleType, client: ClientFactory, event: dict[str, Any]
) -> None:
    """Everything before the bad record is archived; its sequence number is reported, so Lambda goes on from there."""
    event["Records"][0]["dynamodb"]["SequenceNumber"] = "200000000000000000001"
    event["Records"][1]["dynamodb"] = {"SequenceNumber": "200000000000000000002"}

    answer = archiver.handler(event, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "200000000000000000002"}]}
    assert any("200000000000000000001-200000000000000000001" in key for key in _archived(client))


def test_record_without_a_sequence_number_fails_the_batch(archiver: ModuleType, event: dict[str, Any]) -> None:
    """What cannot be reported fails the invocation, which Lambda bisects down to the record."""
    del event["Records"][0]["dynamodb"]

    with pytest.raises(PoisonRecordError):
        archiver.handler(event, None)


def test_lines_do_not_depend_on_the_clock(event: dict[str, Any]) -> None:
    """The same records are the same bytes under the same key."""
    lines = [to_line(record) for record in event["Records"]]

    assert compress(lines) == compress(copy.deepcopy(lines))
    assert object_key(lines) == object_key(copy.deepcopy(lines))


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ({"N": "123456789012345678901234567890.12345678"}, "123456789012345678901234567890.12345678"),
        ({"BOOL": True}, True),
        ({"NULL": True}, None),
        ({"L": [{"S": "a"}, {"N": "1"}]}, ["a", "1"]),
        ({"SS": ["b", "a"]}, ["a", "b"]),
        ({"B": "YQ=="}, "YQ=="),
    ],
)
def test_every_attribute_type_is_kept_exactly(event: dict[str, Any], attribute: dict[str, Any], value: Any) -> None:
    """Numbers stay text to the last digit, sets get an order, nothing is lost."""
    event["Records"][0]["dynamodb"]["NewImage"]["extra"] = attribute

    assert to_line(event["Records"][0])["newImage"]["extra"] == value
