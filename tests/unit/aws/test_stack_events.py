"""Event reading against the API's shapes; the embedded AWS covers the rest end to end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tapgen.aws.stack_events import StackEventReader

ROOT = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1"
CHILD = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-Data/2"
START = datetime(2026, 1, 1, tzinfo=UTC)


def _event(number: int, *, stack: str, about: str, status: str, second: int) -> dict[str, Any]:
    nested = about in {ROOT, CHILD}
    return {
        "StackId": stack,
        "EventId": f"event-{number}",
        "StackName": "shop",
        "LogicalResourceId": "Data" if about == CHILD else "Thing",
        "PhysicalResourceId": about,
        "ResourceType": "AWS::CloudFormation::Stack" if nested else "AWS::SQS::Queue",
        "Timestamp": START + timedelta(seconds=second),
        "ResourceStatus": status,
    }


@pytest.fixture(name="client")
def _client() -> Any:
    return boto3.client(
        "cloudformation",
        region_name="eu-west-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",  # noqa: S106
    )


def _answer(stubber: Stubber, stack: str, *pages: list[dict[str, Any]]) -> None:
    for number, page in enumerate(pages):
        parameters: dict[str, Any] = {"StackName": stack}
        answer: dict[str, Any] = {"StackEvents": page}
        if number:
            parameters["NextToken"] = f"page-{number}"
        if number + 1 < len(pages):
            answer["NextToken"] = f"page-{number + 1}"
        stubber.add_response("describe_stack_events", answer, parameters)


def test_events_come_once_and_oldest_first(client: Any) -> None:
    """The API lists newest first and repeats itself on each call; the reader turns that round and repeats nothing."""
    first = _event(1, stack=ROOT, about=ROOT, status="CREATE_IN_PROGRESS", second=0)
    second = _event(2, stack=ROOT, about="queue", status="CREATE_COMPLETE", second=0)
    third = _event(3, stack=ROOT, about=ROOT, status="CREATE_COMPLETE", second=1)
    reader = StackEventReader(client, stack_id=ROOT, since=START)
    with Stubber(client) as stubber:
        _answer(stubber, ROOT, [second, first])
        _answer(stubber, ROOT, [third, second, first])

        before, after = reader.read_new(), reader.read_new()

    assert [event.status for event in before] == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
    assert [event.status for event in after] == ["CREATE_COMPLETE"]
    assert not reader.is_terminal(before[-1])
    assert reader.is_terminal(after[-1])


def test_older_operations_are_left_out(client: Any) -> None:
    """Events from before the operation are skipped, and the pages that hold only them are not read."""
    old = _event(1, stack=ROOT, about=ROOT, status="CREATE_COMPLETE", second=-60)
    new = _event(2, stack=ROOT, about=ROOT, status="UPDATE_IN_PROGRESS", second=0)
    reader = StackEventReader(client, stack_id=ROOT, since=START)
    with Stubber(client) as stubber:
        stubber.add_response(
            "describe_stack_events", {"StackEvents": [new, old], "NextToken": "more"}, {"StackName": ROOT}
        )

        events = reader.read_new()
        stubber.assert_no_pending_responses()

    assert [event.status for event in events] == ["UPDATE_IN_PROGRESS"]


def test_all_new_pages_are_read(client: Any) -> None:
    """More than a page of events between two looks is not lost."""
    events = [
        _event(number, stack=ROOT, about="queue", status="CREATE_IN_PROGRESS", second=number) for number in range(6)
    ]
    reader = StackEventReader(client, stack_id=ROOT, since=START)
    with Stubber(client) as stubber:
        _answer(stubber, ROOT, events[:2:-1], events[2::-1])

        seen = reader.read_new()

    assert [event.timestamp for event in seen] == sorted(event["Timestamp"] for event in events)


def test_child_is_followed_while_it_moves_and_read_once_more_at_its_end(client: Any) -> None:
    """A nested stack is read from its first event on, and a failure that lands last is still seen."""
    begin = _event(1, stack=ROOT, about=CHILD, status="UPDATE_IN_PROGRESS", second=0)
    end = _event(2, stack=ROOT, about=CHILD, status="UPDATE_FAILED", second=3)
    inner = _event(3, stack=CHILD, about="queue", status="UPDATE_IN_PROGRESS", second=1)
    failed = _event(4, stack=CHILD, about="queue", status="UPDATE_FAILED", second=2)
    reader = StackEventReader(client, stack_id=ROOT, since=START)
    with Stubber(client) as stubber:
        _answer(stubber, ROOT, [begin])
        _answer(stubber, CHILD, [inner])
        _answer(stubber, ROOT, [end, begin])
        _answer(stubber, CHILD, [failed, inner])
        _answer(stubber, ROOT, [end, begin])

        rounds = [reader.read_new(), reader.read_new(), reader.read_new()]
        stubber.assert_no_pending_responses()

    assert [[(event.stack, event.status) for event in events] for events in rounds] == [
        [("root", "UPDATE_IN_PROGRESS"), ("Data", "UPDATE_IN_PROGRESS")],
        [("Data", "UPDATE_FAILED"), ("root", "UPDATE_FAILED")],
        [],
    ]


def test_child_that_came_and_went_between_two_looks_is_read(client: Any) -> None:
    """The first event with the child's id may be its last one: its events are still shown."""
    done = _event(1, stack=ROOT, about=CHILD, status="CREATE_COMPLETE", second=2)
    inner = _event(2, stack=CHILD, about="queue", status="CREATE_COMPLETE", second=1)
    reader = StackEventReader(client, stack_id=ROOT, since=START)
    with Stubber(client) as stubber:
        _answer(stubber, ROOT, [done])
        _answer(stubber, CHILD, [inner])
        _answer(stubber, ROOT, [done])

        rounds = [reader.read_new(), reader.read_new()]
        stubber.assert_no_pending_responses()

    assert [[event.stack for event in events] for events in rounds] == [["Data", "root"], []]
