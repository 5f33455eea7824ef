"""The walker: values between steps, what fails a step, and clean-ups, whatever happened before."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.journey import NOBODY, Expectation, Journey, event, exactly, header, leftovers, request
from tapgen.journey.sweep import delete_leftovers
from tapgen.journey.transport import Answer, CannotCarryError, NoAnswerError
from tapgen.journey.values import UnknownValueError, Values, make_uuid7
from tapgen.journey.walker import clean_up, walk, walk_step
from tests.unit.journey.services import Clock, Orders, course, told

if TYPE_CHECKING:
    from tapgen.journey.walker import Outcome

ORDERS = Journey(
    steps=(
        request(
            "POST /orders",
            name="create",
            body={"id": "{unique}"},
            expect=Expectation(status=201, body={"id": "{unique}", "owner": "{user}"}),
            save={"order": "id", "made": "$", "etag": header("etag")},
        ),
        request("GET /orders/{order}", name="read", expect=Expectation(status=200, body=exactly("{made}"))),
        request("DELETE /orders/{order}", name="delete", headers={"If-Match": "{etag}"}),
        request("DELETE /orders/{unique}", name="clean up", clean_up=True, unless="delete"),
    ),
)


def _told(outcomes: tuple[Outcome, ...]) -> list[tuple[str, bool]]:
    return [(outcome.step, outcome.passed) for outcome in outcomes]


def test_steps_pass_values_on() -> None:
    """What an answer has is in the next request; each outcome is reported as it comes, and nothing is left."""
    service, reported = Orders(), list[Any]()

    done = walk(ORDERS, service, course(reported=reported))

    assert done.passed
    assert _told(done.outcomes) == [("create", True), ("read", True), ("delete", True)]
    assert reported == list(done.outcomes)
    assert [call.partition(" ")[0] for call in service.calls] == ["POST", "GET", "DELETE"]
    assert len({call.rpartition("/")[2] for call in service.calls[1:]}) == 1
    assert not service.kept
    assert {outcome.through for outcome in done.outcomes} == {"orders"}


def test_walks_have_values_of_their_own() -> None:
    """Two walks at once never meet."""
    service = told(*[Answer(status=201, headers={"etag": "1"}, body={})] * 0, 500, 404, 500, 404)

    for _ in range(2):
        walk(ORDERS, service, course())

    assert service.sent[0].body != service.sent[2].body
    assert service.sent[1].path == f"/orders/{service.sent[0].body['id']}"


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_clean_up_runs_after_a_failure(method: str) -> None:
    """What was made is deleted even when its answer was lost, and the step that failed is the walk's failure."""
    service = Orders(broken={method})

    done = walk(ORDERS, service, course())

    assert not service.kept
    assert done.failed is not None
    assert (done.failed.step, done.failed.got) == ("create" if method == "POST" else "read", "status 500")
    assert done.outcomes[-1].clean_up
    assert not done.left


def test_clean_up_is_tried_again_and_then_left() -> None:
    """Three times at once; what still stays can be tried later with the same values."""
    service = Orders(silent={"DELETE"})

    done = walk(ORDERS, service, course())

    assert [outcome.step for outcome in done.outcomes[2:]] == ["delete", "clean up", "clean up", "clean up"]
    assert done.failed is not None
    assert done.failed.step == "delete"
    assert len(service.kept) == len(done.left) == 1
    assert clean_up(done.left, service, course()) == done.left
    service.silent.clear()
    assert clean_up(done.left, service, course()) == ()
    assert not service.kept


def test_clean_up_after_a_failure_goes_through_the_first_transport_that_works() -> None:
    """A version that answers wrongly is not trusted with deleting, and neither is an old one that does not work."""
    trial = Orders(broken={"GET"}, label="new")
    old = Orders(silent={"DELETE"}, kept=trial.kept, label="old")

    done = walk(ORDERS, trial, course(rescue=(old, trial)))

    assert not trial.kept
    assert [(outcome.through, outcome.passed) for outcome in done.outcomes[2:]] == [("old", False), ("new", True)]
    assert not done.left


def test_clean_up_of_what_was_never_told_is_needless() -> None:
    """Its value is not known, so there is nothing to send."""
    journey = Journey(
        steps=(
            request("POST /orders", save={"order": "id"}),
            request("DELETE /orders/{order}", name="clean up", clean_up=True),
        )
    )
    service = told(500)

    done = walk(journey, service, course())

    assert _told(done.outcomes) == [("POST /orders", False)]
    assert not done.left


def test_clean_up_runs_when_the_listener_breaks() -> None:
    """Whatever breaks in the middle, what was made is deleted and the exception goes on."""
    service = Orders()

    def report(outcome: Outcome) -> None:
        if outcome.step == "read":
            raise RuntimeError("the listener broke")

    with pytest.raises(RuntimeError, match="listener"):
        walk(ORDERS, service, course(report=report))

    assert not service.kept


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        (Answer(status=503), "status 503"),
        (
            Answer(
                status=422,
                headers={"content-type": "application/problem+json"},
                body={"title": "Not valid", "detail": "secret"},
            ),
            "status 422, Not valid",
        ),
        (Answer(status=200, body={"id": 1, "secret": "x"}, headers={"etag": '"1"'}), "secret as well"),
        (Answer(status=200, body={"id": 2}, headers={"etag": '"1"'}), "status 200, another id"),
        (Answer(status=200, body={"id": 1}, headers={"etag": '"2"'}), 'status 200, another etag: "2"'),
        (Answer(status=200, body={"id": 1}), "status 200, no header etag"),
        (Answer(status=200, body=None, headers={"etag": '"1"'}), "status 200, null instead of an object"),
        (Answer(status=200, body={"id": 1}, headers={"etag": '"1"'}), "status 200, no name"),
        (NoAnswerError("the connection broke"), "the connection broke"),
    ],
)
def test_wrong_answer_fails_its_step(answer: Any, got: str) -> None:
    """Status, body, headers, what must not be there, what is to be saved, and silence."""
    step = request(
        "GET /orders/1",
        expect=Expectation(status=200, body={"id": 1}, headers={"etag": '"1"'}, absent=("secret",)),
        save={"name": "name"},
    )

    outcome = walk_step(step, told(answer), course())

    assert not outcome.passed
    assert got in outcome.got
    assert outcome.expected in ("status 200 with the right id, etag", "an answer")


def test_event_and_its_result() -> None:
    """The result is looked at as a body is; values fill the payload."""
    step = event({"who": "{user}"}, expect={"batchItemFailures": []})
    service = told({"batchItemFailures": []}, {"batchItemFailures": [{"itemIdentifier": "secret"}]}, None)

    outcomes = [walk_step(step, service, course()) for _ in range(3)]

    assert service.events[0] == {"who": "synthetic:test"}
    assert [outcome.got for outcome in outcomes] == [
        "", "batchItemFailures: 1 item instead of 0", "null instead of an object",
    ]  # fmt: skip
    assert outcomes[1].expected == '{"batchItemFailures": []}'


def test_event_through_its_source_has_no_result() -> None:
    """Who delivers to a queue learns no result; that nothing failed is what there is to know."""
    step = event({}, expect={"batchItemFailures": []}, deliver="source")

    assert walk_step(step, told(None), course()).passed
    assert not walk_step(step, told({"batchItemFailures": [1]}), course()).passed


def test_step_that_cannot_be_carried_is_left_out() -> None:
    """It fails nothing, and it is told why."""
    journey = Journey(steps=(request("GET /a"), request("GET /b")))

    done = walk(journey, told(CannotCarryError("no token"), 200), course())

    assert done.passed
    assert [outcome.left_out for outcome in done.outcomes] == ["no token", ""]


def test_repeated_step_sends_the_same_each_time() -> None:
    """An idempotent request is answered alike; the first wrong answer ends it."""
    step = request("POST /orders", headers={"idempotency-key": "{uuid}"}, expect=201, repeat=3)
    service = told(201, 201, 201)

    assert walk_step(step, service, course()).passed
    assert len({sent.headers["idempotency-key"] for sent in service.sent}) == 1
    assert len(service.sent) == 3
    assert walk_step(step, told(201, 409), course()).got == "status 409"


def test_step_is_tried_until_its_time_is_over() -> None:
    """What happens a little later is waited for, and not for ever."""
    step = request("GET /orders/1", expect=200, within_s=2)
    clock = Clock()

    assert walk_step(step, told(404, 404, 200), course(clock=clock)).passed
    late = walk_step(step, told(*[404] * 9), course(clock=Clock()))

    assert clock.slept == [0.5, 0.5]
    assert (late.passed, late.duration_s) == (False, 2.0)


def test_requests_say_who_asks() -> None:
    """The walk's user, somebody else, or nobody."""
    service = told(200, 200, 200)

    for who in (None, "synthetic:other", NOBODY):
        walk_step(request("GET /orders", as_user=who), service, course())

    assert [sent.user for sent in service.sent] == ["synthetic:test", "synthetic:other", None]


def test_walk_says_why_it_proves_little() -> None:
    """Whoever reads the outcome sees it."""
    assert walk(Journey(weak="nothing was tried"), told(), course()).weak == "nothing was tried"


LEFTOVERS = leftovers(request("GET /orders"), items="items", created="at", delete=request("DELETE /orders/{item.id}"))


def test_leftovers_are_deleted_but_for_young_ones() -> None:
    """What crashed walks left goes; what another walk may be at work on stays, unless nothing is spared."""
    service = Orders()
    for name, at in {"old": "2026-01-01T00:00:00Z", "young": "2999-01-01T00:00:00+00:00", "undated": "?"}.items():
        service.kept[name] = {"id": name, "at": at}

    assert delete_leftovers(LEFTOVERS, service, course(), older_than_s=60) == ""
    assert list(service.kept) == ["young"]
    assert delete_leftovers(LEFTOVERS, service, course()) == ""
    assert not service.kept


@pytest.mark.parametrize(
    ("answers", "got"), [([503], "status 503"), ([Answer(status=200, body={"items": [{"id": 1}]}), 500], "status 500")]
)
def test_leftovers_that_stay_are_told(answers: list[Any], got: str) -> None:
    """They cannot be listed, or not deleted."""
    assert delete_leftovers(LEFTOVERS, told(*answers), course()) == got


def test_values_fill_whole_and_in_text() -> None:
    """Alone a value keeps its type; inside of text it becomes text; other braces stay."""
    values = Values(user="ada", count=3, made={"id": 7, "tags": ["x"]})

    pattern = {"n": "{count}", "t": "{count} of {made.id}", "j": '{"a": "{user}"}', "l": ["{made.tags.0}"]}
    assert values.fill(pattern) == {
        "n": 3, "t": "3 of 7", "j": '{"a": "ada"}', "l": ["x"],
    }  # fmt: skip
    assert values.fill("{unique}") == values.fill("{unique}") != values.fill("{unique:second}")
    assert values.fill("{now}").endswith("Z")
    for name in ("absent", "made.absent"):
        with pytest.raises(UnknownValueError, match=name):
            values.get(name)


def test_uuid7_has_the_form_of_its_rfc() -> None:
    """Version 7 of RFC 9562's layout, with the time in front."""
    made = uuid.UUID(make_uuid7(time_ms=0x0199_0000_0001))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert str(made).startswith("01990000-0001-7")
    assert make_uuid7(time_ms=1) != make_uuid7(time_ms=1)
