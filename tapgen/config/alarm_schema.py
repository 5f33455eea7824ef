"""What an environment of the file may say about alarms and objectives, as pydantic models; see ``schema``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tapgen.elements.section import Section

BaseUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+[^\s/]$", max_length=200)]


class AlarmsSection(Section):
    """Thresholds; an alarm goes off when a value is reached."""

    function_errors: Annotated[int, Field(ge=1)]
    """Failed invocations in a minute."""
    function_throttles: Annotated[int, Field(ge=1)]
    """Throttled invocations in a minute."""
    latency_p90_baseline_ms: Annotated[int, Field(ge=1)]
    """The p90 duration that is normal, in milliseconds."""
    latency_tolerance: Annotated[float, Field(ge=1.0, le=100.0, strict=False)]
    """Threshold = baseline x tolerance."""
    latency_detection: Literal["static", "anomaly-band"] = "static"
    """What the p90 duration is compared with: baseline x tolerance, or a band that CloudWatch learns from two weeks."""
    latency_band_width: Annotated[float, Field(gt=0.0, le=100.0, strict=False)] = 3.0
    """Half the width of the band, in standard deviations."""
    error_rate_percent: Annotated[float, Field(gt=0.0, le=100.0, strict=False)] = 5.0
    """Share of requests in five minutes that fail, in percent."""
    error_rate_minimum_requests: Annotated[int, Field(ge=1)] = 20
    """Requests in five minutes below which no share is computed."""
    escalate_after_min: Annotated[int, Field(ge=2, le=1440)] | None = 15
    """Minutes after which a warning becomes critical; null never escalates one that lasts."""
    runbook_base_url: BaseUrl | None = None
    """Where the runbooks are published, without the last slash; null names the command that prints them."""
    api_5xx: Annotated[int, Field(ge=1)]
    """Responses with a 5xx status in a minute."""
    iterator_age_ms: Annotated[int, Field(ge=1)]
    """Age of the last stream record the archiver read, in milliseconds."""
    dead_letter_depth: Annotated[int, Field(ge=1)]
    """Messages in the dead-letter queue."""
    message_age_s: Annotated[int, Field(ge=1)]
    """Age of a queue's oldest message, in seconds, from which its consumer is behind."""


class LatencyObjectiveSection(Section):
    """How many requests are answered how fast."""

    threshold_ms: Annotated[int, Field(ge=1, le=30000)] = 500
    """An answer within this time is fast, in milliseconds, as the HTTP API measures it."""
    percent: Annotated[float, Field(gt=0.0, lt=100.0, strict=False)] = 99.0
    """Share of requests that must be fast."""


class BurnRateSection(Section):
    """One pair of windows over which the error budget is watched."""

    long_min: Annotated[int, Field(ge=2, le=1440)]
    """The window that makes the alarm significant, in minutes; CloudWatch's longest period is a day."""
    short_min: Annotated[int, Field(ge=1, le=1440)]
    """The window that makes it end soon, in minutes."""
    factor: Annotated[float, Field(gt=0.0, strict=False)]
    """How many times faster than sustainable the budget burns; 1 uses it up exactly at the end of the period."""
    severity: Literal["warning", "critical"]
    """Which topic hears of it."""


class SloSection(Section):
    """Service level objectives, watched by the rate at which they use up their error budgets."""

    period_days: Annotated[int, Field(ge=1, le=90)] = 30
    """The period that the objectives are promised for."""
    availability_percent: Annotated[float, Field(gt=0.0, lt=100.0, strict=False)] = 99.9
    """Share of requests that must not end with a 5xx status."""
    latency: LatencyObjectiveSection = LatencyObjectiveSection()
    """How many requests are answered how fast."""
    minimum_requests: Annotated[int, Field(ge=1)] = 20
    """Requests in a window below which it is not judged."""
    burn_rates: Annotated[tuple[BurnRateSection, ...], Field(min_length=1, max_length=6, strict=False)]
    """Pairs of windows, the shortest first."""
