"""How many requests a share of the traffic may cost: chance sends each request to the new version or not. Pure."""

from __future__ import annotations

import math

# One rollout in ten thousand is blamed for its luck.
SIGNIFICANCE = 1e-4


def most_by_chance(requests: int, share: float, *, significance: float = SIGNIFICANCE) -> int:
    """The number of requests that a version with this share gets more of only by a chance of ``significance``.

    Lambda draws the version of each invocation by itself ("a simple probabilistic model", Lambda developer guide,
    "weighted alias"), so the number is binomially distributed.

    Args:
        requests: How many were made.
        share: 0 to 1.
        significance: The chance, 0 to 1, that more than the answer go to the version.
    """
    if requests <= 0 or share <= 0:
        return 0
    if share >= 1:
        return requests
    beyond = 1.0
    for number in range(requests + 1):
        beyond -= _probability(number, requests, share)
        if beyond < significance:
            return number
    return requests


def _probability(number: int, requests: int, share: float) -> float:
    """Of exactly so many, by logarithms: the binomial coefficient of a busy rollout is beyond a float."""
    ways = math.lgamma(requests + 1) - math.lgamma(number + 1) - math.lgamma(requests - number + 1)
    return math.exp(ways + number * math.log(share) + (requests - number) * math.log1p(-share))
