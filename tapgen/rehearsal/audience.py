"""The callers of a rehearsal: the journey of a function as steady traffic, authorised as the environment wants it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.aws.api_transport import ApiTransport
from tapgen.aws.http_api import ApiCaller, BearerAuthorization, IamAuthorization, no_authorization
from tapgen.deploy.probes import SYNTHETIC_USER
from tapgen.deploy.traffic import Rounds, Route, TrafficDriver
from tapgen.errors import RehearsalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.aws.http_api import Authorization
    from tapgen.aws.session import Aws
    from tapgen.config.environment import Environment, Jwt
    from tapgen.deploy.traffic import Call
    from tapgen.engine.context import Clock, Context
    from tapgen.journey.steps import Delivery, Journey
    from tapgen.journey.transport import Answer, Sent, Transport

_WORKERS = 3
_FIRST_CALLS = 20
_FIRST_CALLS_S = 30.0
_POLL_S = 0.05
_MEASURED_S = 1.5
_UNLIMITED_PER_MIN = 1e9


def authorize(environment: Environment, aws: Aws, mint: Callable[[Jwt, str], str]) -> Authorization:
    """What callers of the environment's API show.

    Args:
        environment: Says what its API wants.
        aws: Clients whose credentials sign.
        mint: Makes a token for a subject that the environment's authorizer accepts.
    """
    api = environment.api
    if api.authorization == "IAM":
        return IamAuthorization(aws)
    return BearerAuthorization(mint(api.jwt, SYNTHETIC_USER)) if api.jwt else no_authorization


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What the callers do.

    Attributes:
        journey: Walked over and over.
        authorization: What they show the API.
        invoke: Invokes the live function with an event.
    """

    journey: Journey
    authorization: Authorization
    invoke: Callable[[Any], Any]


class _Waiting:
    """Passes steps on and knows since when the oldest unanswered one has been waiting."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock
        self._lock = threading.Lock()
        self._since_s: dict[int, float] = {}

    @property
    def label(self) -> str:
        """Of what carries the steps."""
        return self._transport.label

    @property
    def oldest_s(self) -> float:
        """When the oldest unanswered step was sent; now, when none is."""
        with self._lock:
            return min([*self._since_s.values(), self._clock.monotonic()])

    def send(self, request: Sent) -> Answer:
        """Send it; a thread waits for one answer at a time."""
        with self._counted():
            return self._transport.send(request)

    def deliver(self, event: Any, delivery: Delivery) -> Any:
        """Deliver it."""
        with self._counted():
            return self._transport.deliver(event, delivery)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        thread = threading.get_ident()
        with self._lock:
            self._since_s[thread] = self._clock.monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._since_s[thread]


class Audience:
    """Everybody who calls the service, one rollout after the other.

    Args:
        context: Its clock times the traffic, its listener hears of what was left behind.
        visit: What the callers do.
        per_min: Requests in a minute of this machine's time.
    """

    def __init__(self, context: Context, visit: Visit, *, per_min: float) -> None:
        self._context = context
        self._visit = visit
        self._per_min = per_min
        self._listener: Callable[[Call], None] = lambda _: None
        self._waiting: _Waiting | None = None
        self._answered = 0
        self._first_bad: Call | None = None
        self.last_bad_s = float("-inf")
        """When the last bad answer came, by the context's clock."""

    def measure(self, url: str) -> float:
        """Requests that the service answers in a second, when as many are sent as it takes.

        Raises:
            RehearsalError: It does not answer as it should.
        """
        with self._driving(url, per_min=_UNLIMITED_PER_MIN):
            before, began_s = self._answered, self._context.clock.monotonic()
            self._context.clock.sleep(_MEASURED_S)
            answered = self._answered - before
            return max(1, answered) / (self._context.clock.monotonic() - began_s)

    @contextmanager
    def calling(self, url: str) -> Iterator[None]:
        """Steady traffic inside the block, which leaves nothing behind.

        Raises:
            RehearsalError: The service does not answer as it should before anything happened.
            TapgenError: The traffic broke.
        """
        with self._driving(url, per_min=self._per_min):
            yield

    @contextmanager
    def _driving(self, url: str, *, per_min: float) -> Iterator[None]:
        caller, clock = ApiCaller(url, self._visit.authorization) if url else None, self._context.clock
        self._waiting = _Waiting(ApiTransport(caller=caller, invoke=self._visit.invoke), clock)
        route = Route(journeys=(self._visit.journey,), transport=self._waiting, purpose="rehearse", user=SYNTHETIC_USER)
        rounds = Rounds(route, report=self._count, clock=clock)
        driver = TrafficDriver(rounds.run, per_min=per_min / route.calls_per_round, workers=_WORKERS, clock=clock)
        try:
            with driver:
                self._await_answers(driver)
                yield
            left = rounds.sweep()
        finally:
            if caller:
                caller.close()
        if driver.failure is not None:
            raise driver.failure
        if left:
            self._context.warn(
                f"{len(left)} clean-ups failed, so something is left: {', '.join(left[:3])}", code="traffic-left-data"
            )

    @contextmanager
    def heard_by(self, listener: Callable[[Call], None]) -> Iterator[None]:
        """Report each call of the block to ``listener``, on the thread that made it."""
        self._listener = listener
        try:
            yield
        finally:
            self._listener = lambda _: None

    def await_answers_to(self, moment_s: float) -> None:
        """Wait until every request that was sent before a moment has its answer, or its timeout."""
        while self._waiting is not None and self._waiting.oldest_s < moment_s:
            self._context.clock.sleep(_POLL_S)

    def _count(self, call: Call) -> None:
        self._answered += 1
        if not call.good:
            self.last_bad_s = call.ended_s
            self._first_bad = self._first_bad or call
        self._listener(call)

    def _await_answers(self, driver: TrafficDriver) -> None:
        """Go on when the service has answered often enough and always well."""
        began_s, enough = self._context.clock.monotonic(), self._answered + _FIRST_CALLS
        while self._answered < enough:
            if driver.failure is not None:
                raise driver.failure
            late = self._context.clock.monotonic() - began_s > _FIRST_CALLS_S
            if self._first_bad is not None or late:
                raise RehearsalError(
                    "the service does not answer well before anything was shipped",
                    why=_describe(self._first_bad),
                    hint="`tapgen rehearse --keep` leaves the embedded AWS running to look at",
                    code="not-serving",
                )
            self._context.clock.sleep(_POLL_S)


def _describe(bad: Call | None) -> str:
    if bad is None:
        return f"fewer than {_FIRST_CALLS} answers came in {_FIRST_CALLS_S:.0f} s"
    return f"{bad.operation}: {bad.reason or bad.status}"
