"""What an environment says about alarms and objectives, as frozen values; see ``environment``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Alarms:
    """Alarm thresholds."""

    function_errors: int
    function_throttles: int
    latency_p90_baseline_ms: int
    latency_tolerance: float
    latency_detection: Literal["static", "anomaly-band"]
    latency_band_width: float
    error_rate_percent: float
    error_rate_minimum_requests: int
    escalate_after_min: int | None
    runbook_base_url: str | None
    api_5xx: int
    iterator_age_ms: int
    dead_letter_depth: int
    message_age_s: int

    @property
    def latency_p90_ms(self) -> float:
        """The p90 threshold in milliseconds."""
        return self.latency_p90_baseline_ms * self.latency_tolerance


@dataclass(frozen=True, kw_only=True)
class LatencyObjective:
    """How many requests are answered how fast."""

    threshold_ms: int
    percent: float


@dataclass(frozen=True, kw_only=True)
class BurnRate:
    """A pair of windows over which an error budget is watched."""

    long_min: int
    short_min: int
    factor: float
    severity: Literal["warning", "critical"]


@dataclass(frozen=True, kw_only=True)
class Slo:
    """Service level objectives."""

    period_days: int
    availability_percent: float
    latency: LatencyObjective
    minimum_requests: int
    burn_rates: tuple[BurnRate, ...]
