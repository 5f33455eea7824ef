"""What this machine can do, and when it rather than the candidate is to blame."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.rehearsal.capacity import LONGEST_MINUTE_S, SHORTEST_MINUTE_S, choose_minute_s, was_disturbed
from tapgen.rehearsal.scenarios import SCENARIOS
from tests.unit.rehearsal.rollouts import ERRORS, LATENCY, shipped, stopped_by

_SCENARIOS = {scenario.name: scenario for scenario in SCENARIOS}


@pytest.mark.parametrize(("answered_per_s", "minute_s"), [(1000, 1.0), (44, 3.0), (66, 2.0), (5, 4.0)])
def test_slow_machines_get_longer_minutes(answered_per_s: float, minute_s: float) -> None:
    """A third of what the machine can do is what it is asked for, within bounds that a person can wait for."""
    assert choose_minute_s(44, answered_per_s=answered_per_s) == minute_s


@given(st.floats(min_value=1, max_value=1e5), st.floats(min_value=0.1, max_value=1e5))
def test_minutes_stay_within_bounds(requests_per_min: float, answered_per_s: float) -> None:
    """Whatever is wanted and measured."""
    minute_s = choose_minute_s(requests_per_min, answered_per_s=answered_per_s)

    assert SHORTEST_MINUTE_S <= minute_s <= LONGEST_MINUTE_S


def test_slowness_is_the_machines_where_it_is_no_fault() -> None:
    """A latency guard that turns red where nothing is slow measured this machine; for a slow one it did its work."""
    seen = stopped_by(LATENCY)

    assert was_disturbed(_SCENARIOS["throws"], seen, wanted_per_min=1)
    assert not was_disturbed(_SCENARIOS["slow"], seen, wanted_per_min=1)
    assert not was_disturbed(_SCENARIOS["throws"], stopped_by(ERRORS), wanted_per_min=1)


def test_too_few_answers_are_the_machines_fault() -> None:
    """Half of the requests that were to be sent prove less than half."""
    seen = shipped()
    answered_per_min = len(seen.calls) / seen.minutes(seen.samples[-1].at_s)

    assert not was_disturbed(_SCENARIOS["candidate"], seen, wanted_per_min=answered_per_min)
    assert was_disturbed(_SCENARIOS["candidate"], seen, wanted_per_min=answered_per_min * 2)
    assert was_disturbed(_SCENARIOS["slow"], replace(seen, calls=()), wanted_per_min=1)
