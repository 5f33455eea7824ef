"""Services of this process for walks: one that answers as it is told, and one that keeps orders."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tapgen.journey.transport import Answer, NoAnswerError
from tapgen.journey.walker import Course

if TYPE_CHECKING:
    from tapgen.journey.steps import Delivery
    from tapgen.journey.transport import Sent
    from tapgen.journey.walker import Outcome


@dataclass
class Told:
    """Answers with what it was given, one after the other; an exception is raised."""

    answers: deque[Any]
    label: str = "told"
    sent: list[Sent] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)

    def send(self, request: Sent) -> Answer:
        self.sent.append(request)
        answer = self.answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Answer)
        return answer

    def deliver(self, event: Any, delivery: Delivery) -> Any:
        del delivery
        self.events.append(event)
        answer = self.answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer


def told(*answers: Any) -> Told:
    """A transport with these answers; a number is a status."""
    return Told(deque(Answer(status=each) if isinstance(each, int) else each for each in answers))


@dataclass
class Orders:
    """Keeps orders as an API does; ``broken`` methods answer 500 after they did their work."""

    label: str = "orders"
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)

    def send(self, request: Sent) -> Answer:
        self.calls.append(f"{request.method} {request.path}")
        if request.method in self.silent:
            raise NoAnswerError("nothing")
        answer = self._answer(request)
        return Answer(status=500) if request.method in self.broken else answer

    def deliver(self, event: Any, delivery: Delivery) -> Any:
        raise AssertionError(f"{delivery} of {event}")

    def _answer(self, request: Sent) -> Answer:
        one = request.path.rpartition("/")[2]
        if request.method == "POST":
            made = {**request.body, "owner": request.user}
            self.kept[made["id"]] = made
            return Answer(status=201, headers={"etag": '"1"'}, body=made)
        if request.method == "DELETE":
            return Answer(status=204 if self.kept.pop(one, None) else 404)
        if one == "orders":
            return Answer(status=200, body={"items": list(self.kept.values())})
        return Answer(status=200, body=self.kept[one]) if one in self.kept else Answer(status=404)


@dataclass
class Clock:
    """Time that passes when somebody sleeps."""

    now_s: float = 0.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


def course(**changes: Any) -> Course:
    """A walk of ``verify``."""
    clock: Clock = changes.pop("clock", Clock())
    reported: list[Outcome] = changes.pop("reported", [])
    options: dict[str, Any] = {"purpose": "verify", "user": "synthetic:test", "report": reported.append}
    return Course(monotonic=clock.monotonic, sleep=clock.sleep, **(options | changes))
