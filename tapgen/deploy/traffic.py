"""Synthetic traffic: transactions that are created, read, listed and deleted through the public API, at a steady rate.

A shift without traffic proves nothing. Probes during a deploy and rehearsals drive the same cycle, as a caller would,
and leave nothing behind: each transaction has an id of the driver's own choice, so that it is deleted even when the
answer to its creation was lost. Counts and judges nothing; who drives gets every call reported.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, Self

from tapgen.aws.http_api import encode_segment
from tapgen.engine.context import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.aws.http_api import ApiAnswer
    from tapgen.engine.context import Clock

Operation = Literal["create", "read", "list", "delete", "clean-up"]

# What each operation is answered with when the service is well. A clean-up may find nothing to delete.
_GOOD: Mapping[Operation, tuple[int, ...]] = {
    "create": (201,),
    "read": (200,),
    "list": (200,),
    "delete": (204,),
    "clean-up": (204, 404),
}
_CLEAN_UPS = 3
_SWEEPS = 20
_SWEEP_PAUSE_S = 0.2
# No sleep is longer, so that a driver at a slow rate stops at once all the same.
_LONGEST_SLEEP_S = 0.1


class Caller(Protocol):
    """Sends one request; ``tapgen.aws.http_api.ApiCaller`` is one."""

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> ApiAnswer:
        """Any status is an answer."""
        ...


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request of a cycle, with the driver's own clock."""

    operation: Operation
    status: int
    """HTTP status; 0 when nobody answered."""
    started_s: float
    """When it was sent, by ``Clock.monotonic``."""
    duration_s: float
    reason: str = ""
    """Why nobody answered."""

    @property
    def good(self) -> bool:
        """Whether the answer is the one that a caller of this API may expect."""
        return self.status in _GOOD[self.operation]

    @property
    def ended_s(self) -> float:
        """When the answer was there."""
        return self.started_s + self.duration_s


def make_transaction_id(*, time_ms: int) -> str:
    """A UUIDv7 (RFC 9562), the form that the API wants: milliseconds since the epoch, then random bits."""
    value = time_ms << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


class TransactionCycle:
    """Create → read → list → delete under one user; may run on several threads at once.

    Args:
        caller: Sends the requests, authorised.
        user: Whose transactions: a reserved ``synthetic:`` user, or the subject of the caller's token.
        report: Gets every call, on the thread that made it.
        clock: Stamps the calls.
    """

    def __init__(
        self, caller: Caller, *, user: str, report: Callable[[Call], None], clock: Clock | None = None
    ) -> None:
        self._caller = caller
        self._path = f"/users/{encode_segment(user)}/transactions"
        self._report = report
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._leftovers: set[str] = set()

    @property
    def leftovers(self) -> tuple[str, ...]:
        """Ids of the transactions that could not be deleted so far."""
        with self._lock:
            return tuple(sorted(self._leftovers))

    def run(self) -> None:
        """One cycle. A creation that failed is not read, but deleted all the same: it may have been written."""
        transaction_id = make_transaction_id(time_ms=time.time_ns() // 1_000_000)
        etag = ""
        with self._lock:
            self._leftovers.add(transaction_id)
        try:
            answer = self._create(transaction_id)
            if answer is not None:
                etag = answer.headers.get("etag", "")
                self._call("read", "GET", f"/{transaction_id}")
                self._call("list", "GET", "?limit=10")
        finally:
            self._delete(transaction_id, etag)

    def sweep(self) -> tuple[str, ...]:
        """Delete what earlier clean-ups could not, trying for some seconds; answers what is still there."""
        for _ in range(_SWEEPS):
            for transaction_id in self.leftovers:
                self._clean_up(transaction_id)
            if not self.leftovers:
                break
            self._clock.sleep(_SWEEP_PAUSE_S)
        return self.leftovers

    def _create(self, transaction_id: str) -> ApiAnswer | None:
        fields = {
            "transactionId": transaction_id,
            "amount": "1.00",
            "currency": "EUR",
            "type": "debit",
            "status": "pending",
            "description": "synthetic",
        }
        headers = {"content-type": "application/json"}
        call, answer = self._call("create", "POST", "", body=json.dumps(fields).encode(), headers=headers)
        return answer if call.good else None

    def _delete(self, transaction_id: str, etag: str) -> None:
        """Delete what was created, with the version that was seen; whatever else may be there by force."""
        if etag:
            call, _ = self._call("delete", "DELETE", f"/{transaction_id}", headers={"if-match": etag})
            if call.good:
                self._forget(transaction_id)
                return
        for _ in range(_CLEAN_UPS):
            if self._clean_up(transaction_id):
                return

    def _clean_up(self, transaction_id: str) -> bool:
        call, _ = self._call("clean-up", "DELETE", f"/{transaction_id}", headers={"if-match": "*"})
        if call.good:
            self._forget(transaction_id)
        return call.good

    def _forget(self, transaction_id: str) -> None:
        with self._lock:
            self._leftovers.discard(transaction_id)

    def _call(
        self,
        operation: Operation,
        method: str,
        below: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Call, ApiAnswer]:
        started_s = self._clock.monotonic()
        answer = self._caller.request(method, self._path + below, body=body, headers=headers)
        call = Call(
            operation=operation,
            status=answer.status,
            started_s=started_s,
            duration_s=answer.duration_s,
            reason=answer.reason,
        )
        self._report(call)
        return call, answer


class TrafficDriver:
    """Calls ``drive`` at a steady rate on a few threads until it is stopped.

    A slow service lowers the rate; what was missed is not caught up with, which would be a burst. An exception ends the
    driving and is kept in ``failure``: the thread that started the driver decides what it means.

    Args:
        drive: One unit of work, for example ``TransactionCycle.run``.
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
