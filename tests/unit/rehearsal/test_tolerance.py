"""How many requests a share may cost, and not one more."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.rehearsal.tolerance import most_by_chance


def _chance_of_more(number: int, requests: int, share: float) -> float:
    """The binomial distribution's upper tail, term by term in exact integers."""
    return math.fsum(
        math.comb(requests, more) * share**more * (1 - share) ** (requests - more)
        for more in range(number + 1, requests + 1)
    )


@given(st.integers(min_value=1, max_value=150), st.floats(min_value=0.01, max_value=0.99))
def test_more_is_as_unlikely_as_it_says(requests: int, share: float) -> None:
    """More than the limit comes by chance of less than one in a thousand; one request fewer would come more often."""
    limit = most_by_chance(requests, share, significance=1e-3)

    assert _chance_of_more(limit, requests, share) < 1.0001e-3
    assert limit == 0 or _chance_of_more(limit - 1, requests, share) > 0.9999e-3


@pytest.mark.parametrize(
    ("requests", "share", "limit"), [(0, 0.5, 0), (200, 0.0, 0), (200, 1.0, 200), (100, 0.1, 23), (100_000, 0.1, 10355)]
)
def test_limits(requests: int, share: float, limit: int) -> None:
    """No traffic and no share cost nothing, all of the traffic all; a busy rollout is no number too large."""
    assert most_by_chance(requests, share) == limit


def test_twice_the_share_is_no_chance() -> None:
    """A version that gets a fifth of a thousand requests where a tenth is its share is found out."""
    assert most_by_chance(1000, 0.1) < 200
