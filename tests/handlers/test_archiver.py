"""The archiver in this process, its bucket and its queue on the embedded AWS."""

from __future__ import annotations

import copy
import importlib
import io
import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools import Logger, Metrics
from botocore.stub import Stubber
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.archiver.archive import Archive
from handlers.archiver.dead_letters import DeadLetters, write_letter
from handlers.archiver.records import compress, decompress, is_archived, merge, object_key, to_line
from handlers.archiver.service import Archiver
from handlers.common.clients import make_client
from tests.handlers.conftest import read_event
from tests.local.conftest import REGION, ClientFactory

if TYPE_CHECKING:
    from types import ModuleType

NOON_S = 1_795_521_600


@dataclass(frozen=True)
class Place:
    """A bucket and a queue of one test, and an archiver that works on them."""

    archiver: Archiver
    s3: Any
    sqs: Any
    bucket: str
    queue_url: str

    def archived(self) -> dict[str, list[dict[str, Any]]]:
        """Lines by key."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {
            item["Key"]: decompress(self.s3.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read())
            for item in listed
        }

    def numbers(self) -> list[str]:
        """The sequence numbers of all lines, in order and as often as they are there."""
        return sorted(line["sequenceNumber"] for lines in self.archived().values() for line in lines)

    def letters(self) -> list[dict[str, Any]]:
        """The dead letters, taken."""
        found: list[dict[str, Any]] = []
        while messages := self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(message["Body"]) for message in messages]
        return found


@pytest.fixture(name="place")
def _place(client: ClientFactory) -> Place:
    return make_place(client)


def make_place(client: ClientFactory) -> Place:
    """A place that nobody else knows."""
    name = f"archive-{uuid.uuid4().hex[:12]}"
    s3, sqs = client("s3"), client("sqs")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return Place(make_archiver(Archive(make_client("s3"), name), DeadLetters(name)), s3, sqs, name, url)


def make_archiver(archive: Archive, letters: DeadLetters) -> Archiver:
    logger = Logger(service="test", stream=io.StringIO())
    return Archiver(archive, letters, logger=logger, metrics=Metrics(namespace="transactions/test", service="test"))


@pytest.fixture(name="event")
def _event() -> dict[str, Any]:
    return read_event("dynamodb_stream")


def _record(number: int, *, second: int = 0, **keys: str) -> dict[str, Any]:
    record = read_event("dynamodb_stream")["Records"][0]
    record["dynamodb"]["SequenceNumber"] = f"{number:021d}"
    record["dynamodb"]["ApproximateCreationDateTime"] = NOON_S + second
    for name, value in keys.items():
        record["dynamodb"]["Keys"][name] = {"S": value}
    return dict(record)


def _poison(number: int) -> dict[str, Any]:
    record = _record(number)
    del record["dynamodb"]["NewImage"]["amount"]
    return record


def test_entry_point_archives(client: ClientFactory, event: dict[str, Any]) -> None:
    """The entry module is wired to the bucket of its environment."""
    s3 = client("s3")
    s3.create_bucket(Bucket="archive-test", CreateBucketConfiguration={"LocationConstraint": REGION})
    module: ModuleType = importlib.import_module("handlers.archiver.app")

    assert module.handler(event, None) == {"batchItemFailures": []}
    assert s3.list_objects_v2(Bucket="archive-test")["KeyCount"] == 2


def test_lines_are_exact_and_lie_by_the_second_of_their_change(place: Place, event: dict[str, Any]) -> None:
    """The lines hold keys, images and sequence numbers exactly; the same batch again changes nothing."""
    assert place.archiver.archive(event) == {"batchItemFailures": []}
    first = place.archived()
    assert place.archiver.archive(event) == {"batchItemFailures": []}

    assert place.archived() == first
    created, removed = (f"transactions/year=2026/month=11/day=24/12-0{minute}-00.jsonl.gz" for minute in (0, 1))
    assert first.keys() == {created, removed}
    (line,) = first[created]
    assert (line["eventName"], line["oldImage"]) == ("INSERT", None)
    assert line["newImage"]["amount"] == "12.30"
    assert line["newImage"]["version"] == "1"
    assert line["newImage"]["metadata"] == {"order": "17"}
    assert first[removed][0]["newImage"] is None


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_each_record_is_there_once_whatever_the_batches(client: ClientFactory, data: st.DataObject) -> None:
    """Batches may overlap, be cut anywhere, come again and in another order: every record ends up in one line."""
    place = make_place(client)
    records = [_record(number, second=number // 4) for number in range(12)]
    whole = st.tuples(st.integers(0, 11), st.integers(1, 12)).map(lambda cut: records[cut[0] : cut[0] + cut[1]])
    batches = [
        *data.draw(st.lists(whole, max_size=6)),
        records[6:],
        *data.draw(st.lists(whole, max_size=2)),
        records[:6],
    ]

    for batch in batches:
        assert place.archiver.archive({"Records": copy.deepcopy(batch)}) == {"batchItemFailures": []}

    assert place.numbers() == [f"{number:021d}" for number in range(12)]


def test_two_archivers_at_one_object_lose_nothing(place: Place) -> None:
    """Who finds the object changed since it was read looks again."""
    place.archiver.archive({"Records": [_record(1)]})
    rival = make_client("s3")
    met: list[str] = []

    def be_faster(**_: Any) -> None:
        if not met:
            met.append("once")
            place.archiver.archive({"Records": [_record(2)]})

    rival.meta.events.register("after-call.s3.GetObject", be_faster)

    answer = make_archiver(Archive(rival, place.bucket), DeadLetters(place.bucket)).archive({"Records": [_record(3)]})

    assert answer == {"batchItemFailures": []}
    assert place.numbers() == [f"{number:021d}" for number in (1, 2, 3)]


def test_poison_record_is_a_dead_letter_with_its_reason(place: Place) -> None:
    """What is around it is archived, nothing is retried, and the letter holds the record and what is wrong with it."""
    answer = place.archiver.archive({"Records": [_record(1), _poison(2), _record(3)]})

    assert answer == {"batchItemFailures": []}
    assert place.numbers() == [f"{number:021d}" for number in (1, 3)]
    (letter,) = place.letters()
    assert letter["kind"] == "poison-record"
    assert letter["reason"] == "the new image is no transaction: amount is not text"
    assert letter["sequenceNumber"] == f"{2:021d}"
    assert letter["record"] == _poison(2)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda record: record.pop("dynamodb"), "not a stream record"),
        (lambda record: record["dynamodb"].pop("SequenceNumber"), "not a stream record"),
        (lambda record: record["dynamodb"].update(SequenceNumber="x"), "not a stream record"),
        (lambda record: record["dynamodb"].update(ApproximateCreationDateTime=10**20), "not a stream record"),
        (lambda record: record["dynamodb"]["NewImage"].update(amount={"N": "1.2"}), "amount is not text"),
        (lambda record: record["dynamodb"]["NewImage"].update(version={"S": "1"}), "version is not a number"),
        (lambda record: record["dynamodb"]["NewImage"].update(metadata={"M": {"a": {"N": "1"}}}), "map of texts"),
        (lambda record: record["dynamodb"]["NewImage"].update(extra={"X": 1}), "not a stream record"),
    ],
)
def test_everything_unreadable_is_poison(place: Place, spoil: Any, reason: str) -> None:
    """Nothing that a record may hold makes the archiver fail or pass it over."""
    record = _record(1)
    spoil(record)

    assert place.archiver.archive({"Records": [record]}) == {"batchItemFailures": []}
    (letter,) = place.letters()
    assert reason in letter["reason"]


def test_bad_old_image_was_judged_when_it_was_new(place: Place) -> None:
    """Putting a bad item right, or deleting it, is a change like any other."""
    record = _record(1)
    record["dynamodb"]["OldImage"] = {"amount": {"N": "1"}}

    assert place.archiver.archive({"Records": [record]}) == {"batchItemFailures": []}
    assert (len(place.numbers()), place.letters()) == (1, [])


def test_letter_that_cannot_be_sent_is_reported(place: Place) -> None:
    """Lambda delivers again from that record on; what was archived beside it stays."""
    lost = DeadLetters("no-such-queue")

    answer = make_archiver(Archive(make_client("s3"), place.bucket), lost).archive(
        {"Records": [_poison(1), _record(2)]}
    )

    assert answer == {"batchItemFailures": [{"itemIdentifier": f"{1:021d}"}]}
    assert place.numbers() == [f"{2:021d}"]


def test_letter_without_a_number_fails_the_batch_when_it_cannot_be_sent(place: Place) -> None:
    """What can neither be sent nor reported must not be lost: the invocation fails, and Lambda bisects the batch."""
    record = _record(1)
    del record["dynamodb"]
    archiver = make_archiver(Archive(make_client("s3"), place.bucket), DeadLetters("no-such-queue"))

    with pytest.raises(Exception, match="does not exist"):
        archiver.archive({"Records": [record]})


def test_object_that_cannot_be_written_is_reported(place: Place) -> None:
    """Its records are delivered again, those of other seconds are done."""
    client = make_client("s3")
    with Stubber(client) as stubber:
        stubber.add_response("put_object", {})
        stubber.add_client_error("put_object", "SlowDown")

        answer = make_archiver(Archive(client, place.bucket), DeadLetters(place.bucket)).archive(
            {"Records": [_record(1), _record(2, second=1), _record(3, second=1)]}
        )

    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == [f"{2:021d}", f"{3:021d}"]


def test_replay_reports_poison_instead_of_sending_it_again(place: Place) -> None:
    """The record's letter is still in the queue."""
    answer = place.archiver.archive({"replay": True, "Records": [_poison(1), _record(2)]})

    assert answer["batchItemFailures"] == [{"itemIdentifier": f"{1:021d}"}]
    assert "amount is not text" in answer["reasons"][f"{1:021d}"]
    assert place.letters() == []


@pytest.mark.parametrize("user", ["synthetic:probe", "synthetic:hook", "idempotency#ada", "cursor-keys#"])
def test_what_is_nobodys_is_not_archived(place: Place, user: str) -> None:
    """Neither users that nobody is nor the service's own items reach the archive, whatever they look like."""
    bare = _record(1, userId=user)
    del bare["dynamodb"]["NewImage"]

    assert not is_archived(bare)
    assert place.archiver.archive({"Records": [bare, _poison(2) | _record(3, userId=user)]}) == {
        "batchItemFailures": []
    }
    assert (place.archived(), place.letters()) == ({}, [])


def test_large_record_is_named_in_its_letter() -> None:
    """A queue takes so much; the stream has the record for a day."""
    record = _record(1)
    record["dynamodb"]["NewImage"]["description"] = {"S": "x" * 300_000}

    letter = json.loads(write_letter(record, reason="r"))
    assert (letter["record"], letter["sequenceNumber"]) == (None, f"{1:021d}")


def test_lines_do_not_depend_on_the_clock(event: dict[str, Any]) -> None:
    """The same records are the same bytes under the same key."""
    lines = [to_line(record) for record in event["Records"]]

    assert compress(lines) == compress(copy.deepcopy(lines))
    assert object_key(lines[0]) == object_key(copy.deepcopy(lines[0]))
    assert merge(lines, lines) == lines


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
