"""Synthetic callers while a shift runs, so that the new version of a quiet service is tried before all traffic moves.

They come through the public API, authorised like anybody else, and leave nothing behind. They judge nothing: alarms and
the minimum of requests do.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.api_transport import ApiTransport
from tapgen.deploy.traffic import Rounds, Route, TrafficDriver
from tapgen.engine.context import AWS_MINUTE_S
from tapgen.journey.values import SYNTHETIC_PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

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


class Probes:
    """Walks journeys between ``start`` and ``stop``.

    Args:
        context: Listener and clock.
        access: How the API is reached.
        journeys: Of the functions that answer requests.
        per_min: Requests in a minute of AWS.
    """

    def __init__(self, context: Context, access: ProbeAccess, *, journeys: Sequence[Journey], per_min: int) -> None:
        self._context = context
        self._statuses: Counter[int] = Counter()
        self._bad = 0
        self._lock = threading.Lock()
        transport = ApiTransport(caller=access.caller, subject=access.subject)
        route = Route(journeys=journeys, transport=transport, purpose="probe", user=access.user)
        self._rounds = Rounds(route, report=self._count, clock=context.clock)
        scaled_per_min = min(per_min * AWS_MINUTE_S / context.minute_s, max(_MOST_PER_MIN, float(per_min)))
        self._rounds_per_min = scaled_per_min / max(1.0, route.calls_per_round)
        self._driver: TrafficDriver | None = None

    @property
    def running(self) -> bool:
        """Whether requests are being sent."""
        return self._driver is not None

    def start(self) -> None:
        """Begin, unless it has begun."""
        if self._driver is None:
            self._driver = TrafficDriver(self._rounds.run, per_min=self._rounds_per_min, clock=self._context.clock)
            self._driver.start()

    def stop(self) -> None:
        """End, delete what is left, and say how the requests were answered."""
        if self._driver is None:
            return
        driver, self._driver = self._driver, None
        driver.stop()
        left = self._rounds.sweep()
        self._tell()
        if left:
            self._context.warn(
                f"{len(left)} clean-ups of the probes failed, so something is left: {', '.join(left[:3])}",
                code="probe-left-data",
            )
        if driver.failure:
            self._context.warn(f"the probes broke off: {driver.failure}", code="probes-broken")

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
