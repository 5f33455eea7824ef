"""Alarms on the HTTP API's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.alarm import Definition, Metric, Signal
from tapgen.parts.function.alarms import RATE_PERIOD_S, REQUESTS
from tapgen.parts.http_api.values import API_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.config.environment import Environment
    from tapgen.naming import Names
    from tapgen.parts.http_api.model import HttpApi


def api_metric(name: str, statistic: str = "Sum") -> Metric:
    """A metric of the whole API."""
    return Metric(namespace="AWS/ApiGateway", name=name, dimensions={"ApiId": API_ID}, statistic=statistic)


RUNBOOKS = {
    "api-5xx": "The API answers with 5xx",
    "api-5xx-rate": "The API answers a large share of its requests with 5xx",
}
"""Slug of each runbook that the alarms of the kind name, with what is wrong."""


def define(environment: Environment, names: Names, part: HttpApi) -> Iterator[Definition]:  # noqa: ARG001 - as for all kinds
    """5xx answers, counted and as a share."""
    thresholds = environment.alarms
    minimum = thresholds.error_rate_minimum_requests
    yield Definition(
        slug=f"{part.name}-5xx",
        logical_id=f"{part.logical_id}ServerErrors",
        severity="warning",
        area=REQUESTS,
        text="The API answers with 5xx",
        signal=Signal(metrics={"failures": api_metric("5xx")}),
        threshold=thresholds.api_5xx,
        runbook="api-5xx",
        guarded=True,
    )
    yield Definition(
        slug=f"{part.name}-5xx-rate",
        logical_id=f"{part.logical_id}ServerErrorRate",
        severity="critical",
        area=REQUESTS,
        text=f"The API answers {thresholds.error_rate_percent:g} % of its requests with 5xx",
        signal=Signal(
            metrics={"requests": api_metric("Count"), "failures": api_metric("5xx")},
            expression=f"IF(requests >= {minimum}, 100 * failures / requests, 0)",
            label="5xx answers (%)",
            period_s=RATE_PERIOD_S,
        ),
        threshold=thresholds.error_rate_percent,
        runbook="api-5xx-rate",
    )
