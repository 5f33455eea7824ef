"""docs/service/journeys.md: its example runs, against a service that does what the example expects."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from tapgen.journey import matchers, vocabulary
from tapgen.journey.steps import PURPOSES
from tapgen.journey.transport import Answer
from tapgen.journey.walker import Course, walk
from tests.unit.journey.services import Orders, course, told

PAGE = (Path(__file__).parents[3] / "docs" / "service" / "journeys.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


class _OrderService(Orders):
    def send(self, request: Any) -> Answer:
        answer = super().send(request)
        if request.method != "POST":
            return answer
        made = self.kept[request.body["orderId"]] = {**request.body, "status": "open"}
        del self.kept["-"]
        return Answer(status=201, headers={"etag": '"1"'}, body=made)

    def _answer(self, request: Any) -> Answer:
        if request.method == "POST":
            self.kept["-"] = {}
            return Answer(status=201)
        return super()._answer(request)


def _example() -> dict[str, Any]:
    found: dict[str, Any] = {}
    exec(BLOCKS[0], found)  # noqa: S102 - the page's own example
    return found


def test_example_walks_in_every_way() -> None:
    """Nothing fails and nothing is left, whoever walks it."""
    for purpose in PURPOSES:
        service = _OrderService()

        done = walk(_example()["API"], service, course(purpose=purpose))

        assert done.passed, done.failed
        assert not service.kept


def test_example_of_an_event_wants_no_failures() -> None:
    """The consumer's batch is one message, and its result is looked at."""
    good, bad = ({"batchItemFailures": failures} for failures in ([], [{"itemIdentifier": "1"}]))
    consumer = told(good, bad)
    trial = Course(purpose="prove", user="ada")

    assert walk(_example()["FULFILMENT"], consumer, trial).passed
    assert not walk(_example()["FULFILMENT"], consumer, trial).passed
    assert len(consumer.events[0]["Records"]) == 1


def test_page_names_every_argument_and_matcher() -> None:
    """A new one must be explained."""
    for name in inspect.signature(vocabulary.request).parameters:
        assert f"`{name}" in PAGE or f", `{name}" in PAGE or name in ("route", "name"), name
    for name in ("anything", "text", "instance_of", "one_of", "below", "exactly", "each", "contains", "all_of"):
        assert f"`{name}(" in PAGE
        assert hasattr(matchers, name)
