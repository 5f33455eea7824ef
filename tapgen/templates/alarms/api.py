"""Alarms on the HTTP API's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.templates import wiring
from tapgen.templates.alarms.definition import Definition, Metric, Signal
from tapgen.templates.alarms.functions import RATE_PERIOD_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.config.environment import Environment


def api_metric(name: str, statistic: str = "Sum") -> Metric:
    """A metric of the whole API."""
    return Metric(namespace="AWS/ApiGateway", name=name, dimensions={"ApiId": wiring.API_ID}, statistic=statistic)


def define(environment: Environment) -> Iterator[Definition]:
    """5xx answers, counted and as a share."""
    thresholds = environment.alarms
    minimum = thresholds.error_rate_minimum_requests
    yield Definition(
        slug="api-5xx",
        logical_id="ApiServerErrors",
        severity="warning",
        area="requests",
        text="The API answers with 5xx",
        signal=Signal(metrics={"failures": api_metric("5xx")}),
        threshold=thresholds.api_5xx,
        guarded=True,
    )
    yield Definition(
        slug="api-5xx-rate",
        logical_id="ApiServerErrorRate",
        severity="critical",
        area="requests",
        text=f"The API answers {thresholds.error_rate_percent:g} % of its requests with 5xx",
        signal=Signal(
            metrics={"requests": api_metric("Count"), "failures": api_metric("5xx")},
            expression=f"IF(requests >= {minimum}, 100 * failures / requests, 0)",
            label="5xx answers (%)",
            period_s=RATE_PERIOD_S,
        ),
        threshold=thresholds.error_rate_percent,
    )
