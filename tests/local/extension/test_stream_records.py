"""Streams of tables after a stop and a start: nothing is lost, nothing comes twice, and readers go on."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest

from tapgen.local.server import LocalAws
from tests.local.conftest import client_factory
from tests.local.extension.conftest import until
from tests.local.extension.test_stream_sources import make_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.local.extension.test_stream_sources import Source


@pytest.fixture(name="aws", scope="module")
def _aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """An embedded AWS that may be stopped."""
    aws = LocalAws(tmp_path_factory.mktemp("streams"), lifetime="parent")
    yield aws
    aws.stop()


def _seen(source: Source) -> list[str]:
    return [item for batch in source.batches() for item in batch]


def _await_taken(source: Source, mapping: str) -> None:
    """Wait until the function has answered: before, the batch counts as not delivered and comes again."""
    functions = source.client("lambda")
    until(lambda: functions.get_event_source_mapping(UUID=mapping)["LastProcessingResult"].startswith("OK"))


def _start(aws: LocalAws, source: Source) -> Source:
    return dataclasses.replace(source, client=client_factory(aws.ensure_running()))


def _records(source: Source) -> list[str]:
    """The ids in the stream, the oldest first, as somebody reads them who begins now."""
    streams = source.client("dynamodbstreams")
    (stream,) = streams.list_streams(TableName=source.name)["Streams"]
    (shard,) = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=stream["StreamArn"], ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )
    return [
        record["dynamodb"]["Keys"]["id"]["S"]
        for record in streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    ]


def test_a_mapping_goes_on_where_it_was(aws: LocalAws, name: str, tmp_path: Path) -> None:
    """What was delivered is not delivered again, what waited is, and so is what comes later; the stream holds all."""
    source = make_source(client_factory(aws.ensure_running()), name, tmp_path)
    source.put("a", "b")
    mapping = source.connect()
    _await_taken(source, mapping)
    assert _seen(source) == ["a", "b"]
    source.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
    source.put("waits")

    aws.stop()
    source = _start(aws, source)

    assert _records(source) == ["a", "b", "waits"]
    source.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    source.put("later")
    until(lambda: "later" in _seen(source))
    assert _seen(source) == ["a", "b", "waits", "later"]


def test_a_mapping_goes_on_when_the_records_are_lost(aws: LocalAws, name: str, tmp_path: Path) -> None:
    """A crash between two files, or a state without records: a reader that was further waits for nothing."""
    source = make_source(client_factory(aws.ensure_running()), name, tmp_path)
    source.put("a", "b")
    _await_taken(source, source.connect())

    aws.stop()
    file = aws.status().state_dir / "dynamodb.json"
    state = json.loads(file.read_text())
    del state["payload"]["stream_records"], state["payload"]["stream_trimmed"], state["payload"]["closed_streams"]
    file.write_text(json.dumps(state))
    source = _start(aws, source)

    assert _records(source) == []
    source.put("later")
    until(lambda: "later" in _seen(source))
    assert _seen(source) == ["a", "b", "later"]
