"""Waits between two looks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tapgen.engine.polling import Pace, Ticker


class _Clock:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


@given(st.floats(min_value=0, max_value=100_000))
def test_interval_stays_within_its_bounds(elapsed_s: float) -> None:
    """However long the wait has been, the next look is neither immediate nor far away."""
    pace = Pace()

    assert pace.shortest_s <= pace.interval_s(elapsed_s) <= pace.longest_s


def test_twenty_minutes_take_few_looks() -> None:
    """A twenty-minute operation is looked at some hundred times, not thousands: CloudFormation throttles pollers."""
    clock = _Clock()
    ticker = Ticker(clock)

    while ticker.elapsed_s < 20 * 60:
        ticker.wait()

    assert len(clock.slept) < 330
    assert clock.slept[0] < 0.1
    assert clock.slept[-1] == Pace().longest_s
