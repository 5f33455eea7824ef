"""Walks a journey: one step after the other until one fails, then the clean-ups, whatever happened.

Judges the service by nothing but the journey, and never raises because of it: what came of each step is an ``Outcome``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tapgen.journey.judging import judge_answer, judge_result
from tapgen.journey.steps import NOBODY, Event, Request
from tapgen.journey.transport import CannotCarryError, NoAnswerError, Sent
from tapgen.journey.values import USER, UnknownValueError, Values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tapgen.journey.steps import Journey, Purpose, Step
    from tapgen.journey.transport import Transport

_CLEAN_UPS = 3
_POLL_S = 0.5


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one step.

    Attributes:
        step: Its name.
        passed: Whether the answer was as expected; also when the step was left out.
        expected: What was wanted; empty when it passed.
        got: What there was instead, by names and sizes; empty when it passed.
        status: The HTTP status of the last answer; 0 for an event, or without an answer.
        started_s: When it began, by the walk's clock.
        duration_s: Of all its tries.
        clean_up: Whether it was a clean-up.
        left_out: Why it was not tried; empty when it was.
        through: The transport's own label.
    """

    step: str
    passed: bool
    expected: str = ""
    got: str = ""
    status: int = 0
    started_s: float = 0.0
    duration_s: float = 0.0
    clean_up: bool = False
    left_out: str = ""
    through: str = ""


@dataclass(frozen=True, kw_only=True)
class Undone:
    """A clean-up that failed, with all its values: it can be tried again later."""

    step: Step
    values: Values


@dataclass(frozen=True, kw_only=True)
class Walk:
    """What came of a journey."""

    outcomes: tuple[Outcome, ...]
    left: tuple[Undone, ...] = ()
    """Clean-ups that failed."""
    weak: str = ""
    """Why it proves little."""

    @property
    def failed(self) -> Outcome | None:
        """The step that failed; a clean-up only when nothing else did."""
        failed = [outcome for outcome in self.outcomes if not outcome.passed]
        return next((outcome for outcome in failed if not outcome.clean_up), next(iter(failed), None))

    @property
    def passed(self) -> bool:
        """Whether every step, and every clean-up, did."""
        return self.failed is None


@dataclass(frozen=True, kw_only=True)
class Course:
    """How a walk is made.

    Attributes:
        purpose: Which of the journey's steps belong to it.
        user: In whose name.
        report: Gets every outcome as it comes.
        rescue: Through which transports clean-ups go when a step failed, the first that works; the walk's own when
            there are none.
        monotonic: The clock.
        sleep: Waits so many seconds.
    """

    purpose: Purpose
    user: str
    report: Callable[[Outcome], None] = lambda _: None
    rescue: Sequence[Transport] = ()
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def walk(journey: Journey, transport: Transport, course: Course) -> Walk:
    """Try a function by its journey."""
    walker = Walker(journey, transport, course)
    try:
        for _ in walker.steps():
            pass
    finally:
        walker.clean_up()
    return walker.walk


def walk_step(step: Step, transport: Transport, course: Course) -> Outcome:
    """Try one step that needs no other."""
    return attempt(step, transport, Values(**{USER: course.user}), course)


def clean_up(left: Iterable[Undone], transport: Transport, course: Course) -> tuple[Undone, ...]:
    """Try failed clean-ups once more; answers those that still fail."""
    return tuple(item for item in left if not attempt(item.step, transport, item.values, course).passed)


class Walker:
    """A walk in parts, for whoever looks at something else after each step; ``walk`` makes it in one go.

    Args:
        journey: What is tried.
        transport: Carries its steps.
        course: How the walk is made.
    """

    def __init__(self, journey: Journey, transport: Transport, course: Course) -> None:
        self._journey = journey
        self._transport = transport
        self._course = course
        self._values = Values(**{USER: course.user})
        self._outcomes: list[Outcome] = []
        self._left: list[Undone] = []
        self._begun = False

    @property
    def walk(self) -> Walk:
        """What came of it so far."""
        return Walk(outcomes=tuple(self._outcomes), left=tuple(self._left), weak=self._journey.weak)

    def steps(self) -> Iterator[Outcome]:
        """Try the steps one after the other until one fails; clean-ups are left to ``clean_up``."""
        for step in self._journey.steps_for(self._course.purpose):
            if step.clean_up:
                continue
            self._begun = True
            outcome = self._note(attempt(step, self._transport, self._values, self._course))
            yield outcome
            if not outcome.passed:
                return

    def clean_up(self) -> None:
        """Run the clean-ups, unless nothing began; whatever happened before, a listener's own failure included."""
        done = {outcome.step for outcome in self._outcomes if outcome.passed and not outcome.left_out}
        failed = not all(outcome.passed for outcome in self._outcomes)
        through = (self._course.rescue if failed else ()) or (self._transport,)
        for step in self._journey.steps_for(self._course.purpose) if self._begun else ():
            if not step.clean_up or step.unless in done or not self._is_known(step):
                continue
            if not any(self._try_clean_up(step, transport) for transport in through):
                self._left.append(Undone(step=step, values=self._values))

    def _is_known(self, step: Step) -> bool:
        """Whether all of its values are; what it would clean up was never made otherwise, or never told."""
        try:
            self._values.fill(_parts_of(step))
        except UnknownValueError:
            return False
        return True

    def _note(self, outcome: Outcome) -> Outcome:
        self._outcomes.append(outcome)
        self._course.report(outcome)
        return outcome

    def _try_clean_up(self, step: Step, transport: Transport) -> bool:
        for _ in range(1 if self._course.rescue else _CLEAN_UPS):
            if self._note(attempt(step, transport, self._values, self._course)).passed:
                return True
        return False


def _parts_of(step: Step) -> list[Any]:
    """What of a step is sent."""
    if isinstance(step, Event):
        return [step.payload]
    return [step.path, dict(step.query), dict(step.headers), step.body, step.as_user]


def attempt(step: Step, transport: Transport, values: Values, course: Course) -> Outcome:
    """Send a step as often as it wants, and until its time is over; an answer's values are saved when it passes."""
    started_s = course.monotonic()
    within_s = step.within_s if isinstance(step, Request) else 0.0
    outcome = _once(step, transport, values)
    for _ in range(step.repeat - 1):
        if not outcome.passed or outcome.left_out:
            break
        outcome = _once(step, transport, values)
    while not outcome.passed and course.monotonic() - started_s < within_s:
        course.sleep(_POLL_S)
        outcome = _once(step, transport, values)
    return replace(
        outcome,
        started_s=started_s,
        duration_s=course.monotonic() - started_s,
        clean_up=step.clean_up,
        through=transport.label,
    )


def _once(step: Step, transport: Transport, values: Values) -> Outcome:
    try:
        if isinstance(step, Event):
            return _deliver(step, transport, values)
        return _send(step, transport, values)
    except CannotCarryError as error:
        return Outcome(step=step.name, passed=True, left_out=str(error))
    except NoAnswerError as error:
        return Outcome(step=step.name, passed=False, expected=error.expected, got=error.got)
    except UnknownValueError as error:
        return Outcome(step=step.name, passed=False, expected="a value", got=str(error))


def _deliver(step: Event, transport: Transport, values: Values) -> Outcome:
    result = transport.deliver(values.fill(step.payload), step.deliver)
    if step.deliver == "source" and result is None:
        return Outcome(step=step.name, passed=True)
    expected, got = judge_result(step, result, values)
    return Outcome(step=step.name, passed=not got, expected=expected, got=got)


def _send(step: Request, transport: Transport, values: Values) -> Outcome:
    answer = transport.send(_fill(step, values))
    expected, got = judge_answer(step, answer, values)
    return Outcome(step=step.name, passed=not got, expected=expected, got=got, status=answer.status)


def _fill(step: Request, values: Values) -> Sent:
    user = values.get(USER) if step.as_user is None else values.fill(step.as_user)
    return Sent(
        method=step.method,
        path=values.fill_text(step.path),
        query={name: values.fill_text(value) for name, value in step.query.items()},
        headers={name: values.fill_text(value) for name, value in step.headers.items()},
        body=values.fill(step.body),
        user=None if user == NOBODY else user,
    )
