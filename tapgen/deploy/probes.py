"""Synthetic callers while a shift runs, so that the new version of a quiet service is tried before all traffic moves.

Requests come through the public API, authorised like anybody else; events are what a live alias is invoked with. They
leave nothing behind and judge nothing: alarms and the minimum of requests do.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.aws.api_transport import ApiTransport
from tapgen.deploy.traffic import Rounds, Route, TrafficDriver
from tapgen.engine.context import AWS_MINUTE_S
from tapgen.journey.values import SYNTHETIC_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tapgen.aws.api_transport import Caller
    from tapgen.deploy.traffic import Call
    from tapgen.engine.context import Context
    from tapgen.journey.steps import Journey

SYNTHETIC_USER = f"{SYNTHETIC_PREFIX}probe"
"""Owner of what probes create, where a token does not say otherwise; a service can leave it out of its records."""

# Where a minute of AWS is shortened, so is the time to send its requests; a laptop sends no more than this.
_MOST_PER_MIN = 3000.0
_REFUSED = {401, 403}


@dataclass(frozen=True, kw_only=True)
class ProbeAccess:
    """How synthetic callers reach the API, and in whose name."""

    caller: Caller
    user: str = SYNTHETIC_USER
    subject: str = ""
    """The one user that the caller's token speaks for; empty when it may speak for everybody."""


def _ask(journey: Journey, access: ProbeAccess) -> Route:
    transport = ApiTransport(caller=access.caller, subject=access.subject)
    return Route(journeys=(journey,), transport=transport, purpose="probe", user=access.user)


def _invoke(journey: Journey, invoke: Callable[[Any], Any]) -> Route:
    return Route(journeys=(journey,), transport=ApiTransport(invoke=invoke), purpose="probe", user=SYNTHETIC_USER)


class Probes:
    """Walks journeys between ``start`` and ``stop``.

    Args:
        context: Listener and clock.
        access: How the API is reached; None where it cannot be.
        journeys: Of the functions that answer requests.
        invoked: Of the other functions, each with what invokes its live alias.
        per_min: Requests and events in a minute of AWS.
    """

    def __init__(
        self,
        context: Context,
        access: ProbeAccess | None,
        *,
        journeys: Sequence[Journey] = (),
        invoked: Sequence[tuple[Journey, Callable[[Any], Any]]] = (),
        per_min: int,
    ) -> None:
        self._context = context
        self._statuses: Counter[int] = Counter()
        self._bad = 0
        self._lock = threading.Lock()
        routes = [
            *(_ask(journey, access) for journey in journeys if access),
            *(_invoke(journey, invoke) for journey, invoke in invoked),
        ]
        self._rounds = [Rounds(route, report=self._count, clock=context.clock) for route in routes]
        self._turns = itertools.cycle(self._rounds)
        scaled_per_min = min(per_min * AWS_MINUTE_S / context.minute_s, max(_MOST_PER_MIN, float(per_min)))
        calls_per_round = sum(route.calls_per_round for route in routes) / max(1, len(routes))
        self._rounds_per_min = scaled_per_min / max(1.0, calls_per_round)
        self._driver: TrafficDriver | None = None

    @property
    def running(self) -> bool:
        """Whether requests are being sent."""
        return self._driver is not None

    def start(self) -> None:
        """Begin, unless it has begun."""
        if self._driver is None:
            self._driver = TrafficDriver(self._run, per_min=self._rounds_per_min, clock=self._context.clock)
            self._driver.start()

    def stop(self) -> None:
        """End, delete what is left, and say how the requests were answered."""
        if self._driver is None:
            return
        driver, self._driver = self._driver, None
        driver.stop()
        left = [name for rounds in self._rounds for name in rounds.sweep()]
        self._tell()
        for reason in dict.fromkeys(reason for rounds in self._rounds for reason in rounds.left_out):
            self._context.tell(f"probes left something out: {reason}", code="probes-left-out")
        if left:
            self._context.warn(
                f"{len(left)} clean-ups of the probes failed, so something is left: {', '.join(left[:3])}",
                code="probe-left-data",
            )
        if driver.failure:
            self._context.warn(f"the probes broke off: {driver.failure}", code="probes-broken")

    def _run(self) -> None:
        """One walk of the function whose turn it is."""
        with self._lock:
            rounds = next(self._turns)
        rounds.run()

    def _count(self, call: Call) -> None:
        with self._lock:
            self._statuses[call.status] += 1
            self._bad += not call.good

    def _tell(self) -> None:
        sent = sum(self._statuses.values())
        refused = sum(self._statuses[status] for status in _REFUSED)
        if refused == sent and sent:
            self._context.warn(
                f"the API refused all {sent} probes ({', '.join(map(str, sorted(self._statuses)))})",
                hint="give them a token or credentials that may call it",
                code="probes-refused",
            )
        else:
            self._context.tell(
                f"{sent} synthetic requests were sent, {self._bad or 'none'} of them answered wrongly",
                code="probes-sent",
            )
