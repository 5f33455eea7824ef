"""What all tests share."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Tests share their processors with others: how long something takes says nothing about whether it is right.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
