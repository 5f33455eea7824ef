"""What this machine can do: how long an AWS minute must take for its requests, and whether it was too busy. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.rehearsal.judging import guard_of

if TYPE_CHECKING:
    from tapgen.rehearsal.observation import Observation
    from tapgen.rehearsal.scenarios import Scenario

SHORTEST_MINUTE_S = 1.0
"""A shorter one leaves a request's own time too large a part of it."""
LONGEST_MINUTE_S = 4.0
"""A rehearsal of production then takes some minutes."""

# A machine that is busy to the brim answers late, and a latency guard takes it for a slow candidate.
_HEADROOM = 3.0
_ENOUGH = 0.75


def choose_minute_s(requests_per_min: float, *, answered_per_s: float) -> float:
    """Seconds for an AWS minute.

    Args:
        requests_per_min: Requests in an AWS minute.
        answered_per_s: How many this machine answers in a second when it does nothing else.
    """
    enough_s = requests_per_min * _HEADROOM / answered_per_s
    return round(min(LONGEST_MINUTE_S, max(SHORTEST_MINUTE_S, enough_s)), 1)


def was_disturbed(scenario: Scenario, seen: Observation, *, wanted_per_min: float) -> bool:
    """Whether a rollout tells of this machine rather than of the candidate.

    So it may be when the latency guard turned red where slowness is not the fault, and so it is when far fewer requests
    were answered than were to be sent.
    """
    red = {guard_of(change.name) for change in seen.red}
    answered_per_min = len(seen.calls) / seen.minutes(seen.samples[-1].at_s)
    return (scenario.guard != "latency" and "latency" in red) or answered_per_min < wanted_per_min * _ENOUGH
