"""Synthetic traffic: the journeys of a service, walked one after the other at a steady rate.

A shift without traffic proves nothing. Probes during a deploy and rehearsals drive the same rounds, as a caller would,
and leave nothing behind: what a walk could not clean up is tried again at the end. Counts and judges nothing; whoever
drives gets every call reported.
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tapgen.engine.context import SystemClock
from tapgen.journey.walker import Course, clean_up, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tapgen.engine.context import Clock
    from tapgen.journey.steps import Journey, Purpose
    from tapgen.journey.transport import Transport
    from tapgen.journey.walker import Outcome, Undone

_SWEEPS = 20
_SWEEP_PAUSE_S = 0.2
# No sleep is longer, so that a driver at a slow rate stops at once all the same.
_LONGEST_SLEEP_S = 0.1


@dataclass(frozen=True, kw_only=True)
class Call:
    """One step of a walk, with the driver's own clock."""

    operation: str
    """The step's name."""
    status: int
    """HTTP status; 0 when nobody answered, and for an event."""
    started_s: float
    """When it was sent, by ``Clock.monotonic``."""
    duration_s: float
    good: bool
    """Whether the answer is the one that the journey expects."""
    reason: str = ""
    """What there was instead."""

    @property
    def ended_s(self) -> float:
        """When the answer was there."""
        return self.started_s + self.duration_s


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where walks lead: which journeys, through what, in whose name.

    Attributes:
        journeys: Of the functions that are called; each round walks the next one.
        transport: Carries their steps, authorised; may be used on several threads at once.
        purpose: Which of their steps are walked.
        user: A reserved ``synthetic:`` user, or the subject of the caller's token.
    """

    journeys: Sequence[Journey]
    transport: Transport
    purpose: Purpose
    user: str

    @property
    def calls_per_round(self) -> float:
        """Calls of one round when all goes well, on average."""
        counts = [journey.calls_for(self.purpose) for journey in self.journeys]
        return sum(counts) / len(counts) if counts else 0.0


class Rounds:
    """Walks the journeys in turn; may run on several threads at once.

    Args:
        route: Where they lead.
        report: Gets every call, on the thread that made it.
        clock: Stamps the calls.
    """

    def __init__(self, route: Route, *, report: Callable[[Call], None], clock: Clock | None = None) -> None:
        self._route = route
        self._report = report
        self._clock = clock or SystemClock()
        self._turns = itertools.cycle(route.journeys)
        self._lock = threading.Lock()
        self._left: list[Undone] = []
        self._left_out: dict[str, None] = {}
        self._course = Course(
            purpose=route.purpose,
            user=route.user,
            report=self._tell,
            monotonic=self._clock.monotonic,
            sleep=self._clock.sleep,
        )

    @property
    def leftovers(self) -> tuple[str, ...]:
        """Names of the clean-ups that failed so far."""
        with self._lock:
            return tuple(item.step.name for item in self._left)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Why steps were not sent, each reason once."""
        with self._lock:
            return tuple(self._left_out)

    def run(self) -> None:
        """One walk, with its clean-ups."""
        with self._lock:
            journey = next(self._turns)
        left = walk(journey, self._route.transport, self._course).left
        with self._lock:
            self._left += left

    def sweep(self) -> tuple[str, ...]:
        """Try what earlier clean-ups could not, for some seconds; answers which still fail."""
        for _ in range(_SWEEPS):
            with self._lock:
                left, self._left = self._left, []
            left = list(clean_up(left, self._route.transport, self._course))
            with self._lock:
                self._left += left
            if not left:
                break
            self._clock.sleep(_SWEEP_PAUSE_S)
        return self.leftovers

    def _tell(self, outcome: Outcome) -> None:
        if outcome.left_out:
            with self._lock:
                self._left_out[outcome.left_out] = None
        else:
            self._report(call_of(outcome))


def call_of(outcome: Outcome) -> Call:
    """What traffic tells of a step."""
    return Call(
        operation=outcome.step,
        status=outcome.status,
        started_s=outcome.started_s,
        duration_s=outcome.duration_s,
        good=outcome.passed,
        reason=outcome.got,
    )


class TrafficDriver:
    """Calls ``drive`` at a steady rate on a few threads until it is stopped.

    A slow service lowers the rate; what was missed is not caught up with, which would be a burst. An exception ends the
    driving and is kept in ``failure``: the thread that started the driver decides what it means.

    Args:
        drive: One unit of work, for example ``Rounds.run``.
        per_min: How often in a minute of this machine's time, over all threads.
        workers: How many may be under way at once.
        clock: Time and sleep.
    """

    def __init__(
        self, drive: Callable[[], None], *, per_min: float, workers: int = 4, clock: Clock | None = None
    ) -> None:
        self._drive = drive
        self._interval_s = 60.0 / per_min
        self._clock = clock or SystemClock()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._next_s = self._clock.monotonic()
        self._threads = [
            threading.Thread(target=self._work, name=f"traffic-{number}", daemon=True) for number in range(workers)
        ]
        self.failure: Exception | None = None

    def start(self) -> None:
        """Begin to drive; once."""
        for thread in self._threads:
            thread.start()

    def request_stop(self) -> None:
        """Begin no more units; waits for nothing."""
        self._stopped.set()

    def join(self) -> None:
        """Wait until the driver was stopped and the units under way have ended."""
        for thread in self._threads:
            thread.join()

    def stop(self) -> None:
        """Stop, and wait until the units under way have ended."""
        self.request_stop()
        self.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _work(self) -> None:
        while self._await_turn():
            try:
                self._drive()
            except Exception as error:  # noqa: BLE001 - a thread has nobody to raise to
                self.failure = self.failure or error
                self._stopped.set()

    def _await_turn(self) -> bool:
        """Wait until the next unit is due; False when the driver was stopped."""
        with self._lock:
            due_s = max(self._next_s, self._clock.monotonic())
            self._next_s = due_s + self._interval_s
        while not self._stopped.is_set():
            left_s = due_s - self._clock.monotonic()
            if left_s <= 0:
                return True
            self._clock.sleep(min(left_s, _LONGEST_SLEEP_S))
        return False
