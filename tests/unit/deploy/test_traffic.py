"""Synthetic transactions: what they call, what they report, and that they leave nothing behind."""

from __future__ import annotations

import json
import threading
import uuid
from typing import TYPE_CHECKING

import pytest

from handlers.api.identifiers import is_id
from tapgen.aws.http_api import NOT_ANSWERED, ApiAnswer
from tapgen.deploy.traffic import Call, TrafficDriver, TransactionCycle, make_transaction_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_USER = "/users/synthetic:probe/transactions"


class _Clock:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


class _Service:
    """Keeps transactions as the API does; ``faults`` holds answers for (method, how often still)."""

    def __init__(self, clock: _Clock) -> None:
        self.stored: set[str] = set()
        self.requests: list[tuple[str, str, Mapping[str, str]]] = []
        self.faults: dict[str, list[int]] = {}
        self.fails_after_writing = False
        self._clock = clock

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> ApiAnswer:
        self.requests.append((method, path, headers or {}))
        self._clock.now_s += 0.01
        fault = self.faults.get(method)
        if fault and not (method == "POST" and self.fails_after_writing):
            return ApiAnswer(status=fault.pop(), duration_s=0.01, reason="")
        return self._answer(method, path, body, fault)

    def _answer(self, method: str, path: str, body: bytes | None, fault: list[int] | None) -> ApiAnswer:
        last = path.rpartition("/")[2]
        if method == "POST":
            self.stored.add(json.loads(body or b"")["transactionId"])
            return ApiAnswer(status=fault.pop() if fault else 201, headers={"etag": '"1"'}, duration_s=0.01)
        if method == "DELETE":
            found = last in self.stored
            self.stored.discard(last)
            return ApiAnswer(status=204 if found else 404, duration_s=0.01)
        return ApiAnswer(status=200, duration_s=0.01)


@pytest.fixture(name="clock")
def _clock() -> _Clock:
    return _Clock()


@pytest.fixture(name="service")
def _service(clock: _Clock) -> _Service:
    return _Service(clock)


@pytest.fixture(name="calls")
def _calls() -> list[Call]:
    return []


@pytest.fixture(name="cycle")
def _cycle(service: _Service, calls: list[Call], clock: _Clock) -> TransactionCycle:
    return TransactionCycle(service, user="synthetic:probe", report=calls.append, clock=clock)


def test_cycle_calls_four_operations(cycle: TransactionCycle, service: _Service, calls: list[Call]) -> None:
    """Create, read, list, delete, in this order and of one transaction; the deletion names the version it saw."""
    cycle.run()

    assert [(call.operation, call.status, call.good) for call in calls] == [
        ("create", 201, True),
        ("read", 200, True),
        ("list", 200, True),
        ("delete", 204, True),
    ]
    transaction = service.requests[1][1]
    assert [(method, path) for method, path, _ in service.requests] == [
        ("POST", _USER),
        ("GET", transaction),
        ("GET", f"{_USER}?limit=10"),
        ("DELETE", transaction),
    ]
    assert service.requests[3][2]["if-match"] == '"1"'
    assert [call.started_s for call in calls] == pytest.approx([0.0, 0.01, 0.02, 0.03])
    assert calls[3].ended_s == pytest.approx(0.04)
    assert not service.stored


def test_ids_are_what_the_api_takes(cycle: TransactionCycle, service: _Service) -> None:
    """Each transaction has an id of its own, of the one kind that the API takes from its callers."""
    for _ in range(50):
        cycle.run()

    ids = {path.rpartition("/")[2] for method, path, _ in service.requests if method == "DELETE"}
    assert len(ids) == 50
    assert all(is_id(each) for each in ids)


def test_lost_creation_is_deleted(cycle: TransactionCycle, service: _Service, calls: list[Call]) -> None:
    """A creation that was written and answered with 500 is not left behind."""
    service.faults, service.fails_after_writing = {"POST": [500]}, True

    cycle.run()

    assert [(call.operation, call.status, call.good) for call in calls] == [
        ("create", 500, False),
        ("clean-up", 204, True),
    ]
    assert service.requests[-1][2]["if-match"] == "*"
    assert not service.stored


def test_failed_creation_is_one_failure(cycle: TransactionCycle, service: _Service, calls: list[Call]) -> None:
    """What was never written is not found by its clean-up, which is as it should be."""
    service.faults = {"POST": [502]}

    cycle.run()

    assert [call.status for call in calls if not call.good] == [502]


def test_deletion_is_tried_again(cycle: TransactionCycle, service: _Service, calls: list[Call]) -> None:
    """A deletion that fails is repeated at once, and every attempt is told."""
    service.faults = {"DELETE": [503, NOT_ANSWERED]}

    cycle.run()

    assert [(call.operation, call.status) for call in calls][3:] == [
        ("delete", NOT_ANSWERED),
        ("clean-up", 503),
        ("clean-up", 204),
    ]
    assert (service.stored, cycle.leftovers) == (set(), ())


def test_sweep_deletes_what_was_left(cycle: TransactionCycle, service: _Service, clock: _Clock) -> None:
    """What could not be deleted is named, and goes as soon as the service is well again."""
    service.faults = {"DELETE": [502] * 6}
    cycle.run()
    assert set(cycle.leftovers) == service.stored != set()

    assert cycle.sweep() == ()

    assert not service.stored
    assert clock.slept == [pytest.approx(0.2)] * 2


def test_sweep_gives_up(cycle: TransactionCycle, service: _Service) -> None:
    """A service that stays broken is not tried for ever; what it keeps is named."""
    service.faults = {"DELETE": [502] * 1000}
    cycle.run()

    assert set(cycle.sweep()) == service.stored != set()


def test_cycle_cleans_up_after_an_exception(service: _Service, clock: _Clock) -> None:
    """Whatever breaks in the middle, the transaction is deleted and the exception goes on."""

    def report(call: Call) -> None:
        if call.operation == "read":
            raise RuntimeError("the listener broke")

    with pytest.raises(RuntimeError, match="listener"):
        TransactionCycle(service, user="synthetic:probe", report=report, clock=clock).run()

    assert not service.stored


def _drive(clock: _Clock, drive: Callable[[TrafficDriver], None], *, per_min: float) -> TrafficDriver:
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


def test_driver_keeps_its_rate(clock: _Clock) -> None:
    """Sixty in a minute are one a second, however short its sleeps are."""
    times: list[float] = []

    def drive(driver: TrafficDriver) -> None:
        times.append(clock.now_s)
        if len(times) == 4:
            driver.request_stop()

    _drive(clock, drive, per_min=60)

    assert times == pytest.approx([0.0, 1.0, 2.0, 3.0])
    assert max(clock.slept) <= 0.1


def test_driver_does_not_catch_up(clock: _Clock) -> None:
    """After a unit that took five seconds the next one is due at once, and the one after it a second later."""
    times: list[float] = []

    def drive(driver: TrafficDriver) -> None:
        times.append(clock.now_s)
        clock.now_s += 5.0 if len(times) == 1 else 0.0
        if len(times) == 3:
            driver.request_stop()

    _drive(clock, drive, per_min=60)

    assert times == pytest.approx([0.0, 5.0, 6.0])


def test_driver_keeps_its_failure(clock: _Clock) -> None:
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


def test_ids_have_the_form_that_the_api_wants() -> None:
    """Version 7 of RFC 9562's layout, with the time in front: the API refuses others."""
    made = uuid.UUID(make_transaction_id(time_ms=0x0199_0000_0001))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert str(made).startswith("01990000-0001-7")
    assert make_transaction_id(time_ms=1) != make_transaction_id(time_ms=1)
