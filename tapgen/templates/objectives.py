"""What the service promises, and which requests break a promise: one definition for alarms and dashboard.

HTTP APIs publish no histogram of latencies; a percentile rank is the share of values at or below a bound (CloudWatch
user guide, "CloudWatch statistics definitions").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.config.alarms import Slo


@dataclass(frozen=True, kw_only=True)
class ApiMetric:
    """A metric of the whole API."""

    name: str
    statistic: str = "Sum"


_REQUESTS = {"requests": ApiMetric(name="Count")}


@dataclass(frozen=True, kw_only=True)
class Objective:
    """A promise, and metric math that tells how it is kept."""

    slug: Literal["availability", "latency"]
    title: str
    """``99.9 % available``."""
    promise: str
    """``99.9 % of the requests succeed``."""
    allowed_percent: float
    """Of the requests, that may be bad: the error budget."""
    metrics: Mapping[str, ApiMetric]
    """By the ids that the expressions name; ``requests`` are all of them."""
    bad: str
    """How many requests were bad in a period."""
    bad_percent: str
    """Their share of the requests, in percent."""


def list_objectives(slo: Slo) -> Iterator[Objective]:
    """Availability and latency."""
    yield Objective(
        slug="availability",
        title=f"{slo.availability_percent:g} % available",
        promise=f"{slo.availability_percent:g} % of the requests succeed",
        allowed_percent=100 - slo.availability_percent,
        metrics=_REQUESTS | {"failures": ApiMetric(name="5xx")},
        bad="failures",
        bad_percent="100 * failures / requests",
    )
    latency = slo.latency
    yield Objective(
        slug="latency",
        title=f"{latency.percent:g} % within {latency.threshold_ms} ms",
        promise=f"{latency.percent:g} % of the requests are answered within {latency.threshold_ms} ms",
        allowed_percent=100 - latency.percent,
        metrics=_REQUESTS | {"fast": ApiMetric(name="Latency", statistic=f"PR(:{latency.threshold_ms})")},
        bad="requests * (100 - fast) / 100",
        bad_percent="(100 - fast)",
    )
