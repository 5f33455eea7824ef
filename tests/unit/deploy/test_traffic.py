"""Synthetic rounds: what they call, what they report, and that they leave nothing behind."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tapgen.deploy.traffic import Call, Rounds, Route, TrafficDriver
from tapgen.journey import Journey, event, request
from tapgen.journey.transport import CannotCarryError
from tests.unit.journey.services import Clock, Orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.journey.transport import Answer, Sent

ORDERS = Journey(
    steps=(
        request("POST /orders", name="create", body={"id": "{unique}"}, expect=201),
        request("GET /orders/{unique}", name="read", expect=200),
        request("GET /orders", name="list", expect=200, only=("rehearse",)),
        event({}, name="left out", deliver="source"),
        request("DELETE /orders/{unique}", name="delete", expect=204),
        request("DELETE /orders/{unique}", name="clean up", clean_up=True, unless="delete"),
    )
)
OTHERS = Journey(steps=(request("GET /orders", name="list others"),))


class _Service(Orders):
    """Orders whose sources nobody reaches, with time that passes."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def send(self, request: Sent) -> Answer:
        self._clock.now_s += 0.01
        return super().send(request)

    def deliver(self, event: object, delivery: object) -> None:
        raise CannotCarryError(f"{delivery} of {event}")


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


@pytest.fixture(name="service")
def _service(clock: Clock) -> _Service:
    return _Service(clock)


@pytest.fixture(name="calls")
def _calls() -> list[Call]:
    return []


@pytest.fixture(name="rounds")
def _rounds(service: _Service, calls: list[Call], clock: Clock) -> Rounds:
    return Rounds(_route(service, ORDERS), report=calls.append, clock=clock)


def _route(service: _Service, *journeys: Journey) -> Route:
    return Route(journeys=journeys, transport=service, purpose="probe", user="synthetic:probe")


def test_round_walks_a_journey(rounds: Rounds, service: _Service, calls: list[Call]) -> None:
    """Its steps in order, each with its time; what the transport cannot carry is not told."""
    rounds.run()

    assert [(call.operation, call.status, call.good) for call in calls] == [
        ("create", 201, True),
        ("read", 200, True),
        ("delete", 204, True),
    ]
    assert [call.started_s for call in calls] == pytest.approx([0.0, 0.01, 0.02])
    assert calls[2].ended_s == pytest.approx(0.03)
    assert not service.kept


def test_rounds_take_turns(service: _Service, calls: list[Call], clock: Clock) -> None:
    """Each function with a journey is called as often as the next one."""
    route = _route(service, ORDERS, OTHERS)
    rounds = Rounds(route, report=calls.append, clock=clock)

    for _ in range(4):
        rounds.run()

    assert [call.operation for call in calls].count("list others") == 2
    assert [call.operation for call in calls].count("create") == 2
    assert route.calls_per_round == (4 + 1) / 2


def test_lost_creation_is_deleted(rounds: Rounds, service: _Service, calls: list[Call]) -> None:
    """A creation that was written and answered with 500 is not left behind."""
    service.broken = {"POST"}

    rounds.run()

    assert [(call.operation, call.status, call.good) for call in calls] == [
        ("create", 500, False),
        ("clean up", 204, True),
    ]
    assert calls[0].reason == "status 500"
    assert not service.kept


def test_sweep_deletes_what_was_left(rounds: Rounds, service: _Service, clock: Clock) -> None:
    """What could not be deleted is named, and goes as soon as the service is well again."""
    service.silent = {"DELETE"}
    rounds.run()
    assert rounds.leftovers == ("clean up",)
    assert len(service.kept) == 1
    service.silent = set()

    assert rounds.sweep() == ()

    assert not service.kept
    assert clock.slept == []


def test_sweep_gives_up(rounds: Rounds, service: _Service, clock: Clock) -> None:
    """A service that stays broken is not tried for ever; what it keeps is named."""
    service.silent = {"DELETE"}
    rounds.run()

    assert rounds.sweep() == ("clean up",)

    assert len(service.kept) == 1
    assert sum(clock.slept) == pytest.approx(4.0)


def _drive(clock: Clock, drive: Callable[[TrafficDriver], None], *, per_min: float) -> TrafficDriver:
    """Run a driver of one worker to its end; ``drive`` stops it."""
    driver = TrafficDriver(lambda: drive(driver), per_min=per_min, workers=1, clock=clock)
    finished = threading.Event()

    def run() -> None:
        driver.start()
        driver.join()
        finished.set()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=60)
    assert finished.is_set()
    return driver


def test_driver_keeps_its_rate(clock: Clock) -> None:
    """Sixty in a minute are one a second, however short its sleeps are."""
    times: list[float] = []

    def drive(driver: TrafficDriver) -> None:
        times.append(clock.now_s)
        if len(times) == 4:
            driver.request_stop()

    _drive(clock, drive, per_min=60)

    assert times == pytest.approx([0.0, 1.0, 2.0, 3.0])
    assert max(clock.slept) <= 0.1


def test_driver_does_not_catch_up(clock: Clock) -> None:
    """After a unit that took five seconds the next one is due at once, and the one after it a second later."""
    times: list[float] = []

    def drive(driver: TrafficDriver) -> None:
        times.append(clock.now_s)
        clock.now_s += 5.0 if len(times) == 1 else 0.0
        if len(times) == 3:
            driver.request_stop()

    _drive(clock, drive, per_min=60)

    assert times == pytest.approx([0.0, 5.0, 6.0])


def test_driver_keeps_its_failure(clock: Clock) -> None:
    """An exception ends the driving, and whoever started the driver finds it."""

    def drive(driver: TrafficDriver) -> None:
        raise ValueError("no credentials")

    driver = _drive(clock, drive, per_min=60)

    assert str(driver.failure) == "no credentials"


def test_stop_waits_for_what_is_under_way() -> None:
    """After stop() nothing more is called, and what was under way has ended."""
    started, released, ended = threading.Event(), threading.Event(), threading.Event()

    def drive() -> None:
        started.set()
        released.wait(60)
        ended.set()

    with TrafficDriver(drive, per_min=600, workers=1):
        assert started.wait(60)
        released.set()

    assert ended.is_set()
