"""How long a traffic shift takes, and what counts as proof of one: derived from an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.model import ShiftPolicy
from tapgen.naming import Names

if TYPE_CHECKING:
    from tapgen.config.environment import Environment


def shift_policy(environment: Environment) -> ShiftPolicy:
    """What counts as proof when traffic moves to new versions of the functions that answer requests."""
    names = Names(environment)
    return ShiftPolicy(
        functions=tuple(names.function(function.name) for function in environment.service.requested),
        minimum_requests=environment.shift.minimum_requests,
        inconclusive=environment.inconclusive,
        probes_per_min=environment.shift.probes.rate_per_min,
        authorization=environment.api.authorization,
    )
