"""How long to wait between two looks at something that takes milliseconds locally and minutes on AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tapgen.engine.context import Clock


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Waits grow with the time already waited, between two bounds, in seconds.

    A tenth of the elapsed time costs at most a tenth of latency, and a twenty-minute operation is looked at every
    ``longest_s`` rather than twenty times a second, which CloudFormation would throttle.
    """

    shortest_s: float = 0.03
    longest_s: float = 5.0
    share: float = 0.1

    def interval_s(self, elapsed_s: float) -> float:
        """The next wait after ``elapsed_s`` of waiting."""
        return min(self.longest_s, max(self.shortest_s, elapsed_s * self.share))


class Ticker:
    """Waits at a pace, from now on."""

    def __init__(self, clock: Clock, pace: Pace | None = None) -> None:
        self._clock = clock
        self._pace = pace or Pace()
        self._started_s = clock.monotonic()

    def wait(self) -> None:
        """Sleep until the next look is due."""
        self._clock.sleep(self.interval_s)

    @property
    def interval_s(self) -> float:
        """Seconds until the next look is due, from now on."""
        return self._pace.interval_s(self.elapsed_s)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the ticker was made."""
        return self._clock.monotonic() - self._started_s
