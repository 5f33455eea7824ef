"""What a service writes: mistakes are refused where they are written, and JSON holds all of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.journey import (
    NOBODY,
    Expectation,
    Journey,
    bus_event,
    default_journey,
    empty_batch,
    event,
    exactly,
    header,
    leftovers,
    request,
    s3_event,
    scheduled_event,
    sns_event,
    sqs_event,
    stream_event,
)
from tapgen.journey.codec import from_document, to_document
from tapgen.journey.steps import Event, Request
from tapgen.journey.values import Values

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = Journey(
    steps=(
        request("GET /health", as_user=NOBODY, expect=200),
        request(
            "POST /orders",
            body={"id": "{unique}", "note": None},
            headers={"Idempotency-Key": "{uuid}"},
            query={"dry": "no"},
            expect=Expectation(
                status=201, body=exactly({"id": "{unique}"}), headers={"ETag": '"1"'}, absent=("secret",)
            ),
            save={"order": "id", "etag": header("ETag")},
            repeat=2,
        ),
        request("GET /orders/{order}", expect=Expectation(body=[]), within_s=5, only=("verify", "prove")),
        event(sqs_event([{"orderId": "{order}"}]), name="fulfil", expect={"batchItemFailures": []}, deliver="source"),
        event({}, name="nothing", expect={}),
        request("DELETE /orders/{order}", name="delete"),
        request("DELETE /orders/{order}", name="clean up", clean_up=True, unless="delete"),
    ),
    leftovers=leftovers(
        request("GET /orders"), items="items", created="at", delete=request("DELETE /orders/{item.id}")
    ),
    weak="not at all",
)


def test_journey_survives_json() -> None:
    """A hook reads exactly what the project wrote."""
    assert from_document(json.loads(json.dumps(to_document(FULL)))) == FULL
    assert from_document(to_document(Journey())) == Journey()


@pytest.mark.parametrize(
    "document", [{}, {"steps": [{}]}, {"steps": [{"kind": "dance"}]}, {"steps": [{"kind": "event"}]}, []]
)
def test_other_document_is_no_journey(document: Any) -> None:
    """A damaged file is told, not walked."""
    with pytest.raises(ValueError, match=r"journey|kind of step"):
        from_document(document)


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (lambda: request("orders"), "write METHOD /path"),
        (lambda: request("get /orders"), "write METHOD /path"),
        (lambda: request("GET /orders", repeat=0), "repeat=0"),
        (lambda: request("GET /orders", unless="x"), "unless= is for clean-ups"),
        (lambda: request("GET /orders", only=("sometimes",)), "the walks are hook, probe, verify"),  # type: ignore[arg-type]  # the mistake
        (lambda: request("POST /orders", body={1, 2}), "what JSON can hold"),
        (lambda: event({}, repeat=0), "repeat=0"),
        (lambda: event({}, deliver="by hand"), "deliver='by hand'"),  # type: ignore[arg-type]  # the mistake
        (lambda: event({}, unless="x"), "unless= is for clean-ups"),
        (lambda: Journey(steps=(request("GET /a"), request("GET /a"))), "two steps are called 'GET /a'"),
        (lambda: Journey(steps=(request("GET /{order}"),)), "no step before it saves {order}"),
        (lambda: Journey(steps=(request("GET /a", clean_up=True, unless="x"),)), "there is no step 'x'"),
    ],
)
def test_mistake_is_refused_where_it_is_written(write: Callable[[], Any], told: str) -> None:
    """The wrong value is shown, and what is allowed."""
    with pytest.raises(ValueError, match=r".") as caught:
        write()
    assert told in str(caught.value)


def test_value_must_be_known_in_every_walk_that_uses_it() -> None:
    """A step of all walks cannot use what a step of one alone saves."""
    saving = request("POST /orders", save={"order": "id"}, only=("prove",))

    with pytest.raises(ValueError, match="in the walk of 'hook'"):
        Journey(steps=(saving, request("GET /orders/{order}")))
    Journey(steps=(saving, request("GET /orders/{order}", only=("prove",))))


def test_steps_are_those_of_a_walk() -> None:
    """``only`` leaves others out; what a walk asks for when all goes well has no needless clean-up."""
    assert [step.name for step in FULL.steps_for("hook")] == [
        "GET /health", "POST /orders", "fulfil", "nothing", "delete", "clean up",
    ]  # fmt: skip
    assert FULL.calls_for("hook") == 6
    assert FULL.calls_for("verify") == 7


def test_harmless_step_changes_nothing() -> None:
    """A plain GET or an empty batch, which a hook may send through the live alias."""
    assert FULL.harmless is FULL.steps[0]
    batch = event(empty_batch())
    assert Journey(steps=(event({"Records": [1]}), batch)).harmless is batch
    assert Journey(steps=(request("POST /orders"), event(scheduled_event()))).harmless is None
    assert Journey(steps=(request("GET /a", only=("prove",)),)).harmless is None


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        (empty_batch(), "empty batch"),
        (sqs_event(["a", "b"]), "2 records of aws:sqs"),
        (stream_event([{"keys": {}}]), "1 record of aws:dynamodb"),
        (sns_event(["a"]), "1 record of aws:sns"),
        (s3_event(["a"]), "1 record of aws:s3"),
        (scheduled_event(), "Scheduled Event"),
        (bus_event({}, source="orders", detail_type="OrderPlaced"), "OrderPlaced"),
        ({"anything": 1}, "event"),
        ({"Records": [1]}, "event"),
        ("text", "event"),
    ],
)
def test_event_is_named_after_what_it_is(payload: Any, name: str) -> None:
    """People read the name in a log."""
    assert event(payload).name == name


def test_events_have_what_services_send() -> None:
    """Bodies as text, messages with ids, changes with their kind."""
    values = Values(user="ada", order="7")
    message = values.fill(sqs_event([{"orderId": "{order}"}, "plain"]))["Records"]
    assert json.loads(message[0]["body"]) == {"orderId": "7"}
    assert message[1]["body"] == "plain"
    assert message[0]["messageId"] != message[1]["messageId"]
    old, new = {"id": {"S": "1"}}, {"id": {"S": "1"}, "n": {"N": "2"}}
    changes = stream_event(
        [{"keys": old, "old": old, "new": new}, {"keys": old, "new": new}, {"keys": old, "old": old}]
    )
    assert [record["eventName"] for record in changes["Records"]] == ["MODIFY", "INSERT", "REMOVE"]
    assert len({record["dynamodb"]["SequenceNumber"] for record in changes["Records"]}) == 3
    assert json.loads(sns_event([{"a": 1}])["Records"][0]["Sns"]["Message"]) == {"a": 1}
    assert s3_event(["a/b"])["Records"][0]["s3"]["object"]["key"] == "a/b"
    assert bus_event({"a": 1}, source="s", detail_type="d")["detail"] == {"a": 1}


@pytest.mark.parametrize(
    ("given", "step", "weak"),
    [
        ({"routes": ["POST /orders", "GET /orders", "GET /health"]}, "GET /health", "/health alone was tried"),
        ({"routes": ["POST /orders", "GET /orders/{id}", "GET /orders"]}, "GET /orders", "any answer below 500"),
        ({"routes": ["GET /orders/{id}"]}, "GET /orders/{unique}", "any answer below 500"),
        ({"sources": ["queue"]}, "empty batch", "an empty batch alone"),
        ({"sources": ["schedule", "stream"]}, "empty batch", "an empty batch alone"),
        ({"sources": ["schedule"]}, None, "nothing was tried"),
        ({"routes": ["POST /orders"]}, None, "nothing was tried"),
        ({}, None, "nothing was tried"),
    ],
)
def test_default_journey_says_how_little_it_proves(given: Any, step: str | None, weak: str) -> None:
    """What nobody described is tried as far as that changes nothing, and never passes for more."""
    journey = default_journey(**given)

    assert [each.name for each in journey.steps] == ([step] if step else [])
    assert weak in journey.weak
    assert "tapgen guide journeys" in journey.weak


def test_default_journey_asks_as_the_route_wants_it() -> None:
    """A public route is asked by nobody; another one by the walk's user."""
    public, closed = (
        default_journey(routes=["GET /health"], public=public).steps[0] for public in (["GET /health"], [])
    )

    assert isinstance(public, Request)
    assert isinstance(closed, Request)
    assert (public.as_user, closed.as_user) == (NOBODY, None)
    assert isinstance(default_journey(sources=["queue"]).steps[0], Event)
