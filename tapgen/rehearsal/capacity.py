"""How long an AWS minute must take, so that this machine can answer as many requests in it as the guards need. Pure."""

from __future__ import annotations

SHORTEST_MINUTE_S = 1.0
"""A shorter one leaves a request's own time too large a part of it."""
LONGEST_MINUTE_S = 4.0
"""A rehearsal of production then takes some minutes."""

# A machine that is busy to the brim answers late, and a latency guard takes it for a slow candidate.
_HEADROOM = 2.0


def choose_minute_s(requests_per_min: float, *, answered_per_s: float) -> float:
    """Seconds for an AWS minute.

    Args:
        requests_per_min: Requests in an AWS minute.
        answered_per_s: How many this machine answers in a second when it does nothing else.
    """
    enough_s = requests_per_min * _HEADROOM / answered_per_s
    return round(min(LONGEST_MINUTE_S, max(SHORTEST_MINUTE_S, enough_s)), 1)
