"""The guard on the API's answers: the one that outlives versions, so that it can be red before a shift begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere.cloudwatch import MetricDimension

from tapgen.parts.function.guards import make_guard

if TYPE_CHECKING:
    from troposphere.cloudwatch import Alarm

    from tapgen.elements.wiring import Context
    from tapgen.parts.http_api.model import HttpApi


def guard_name(part: HttpApi) -> str:
    """Its name without the deployment's prefix."""
    return f"guard-{part.name}-5xx"


def make_server_errors_guard(context: Context, part: HttpApi, *, api_id: Any) -> Alarm:
    """A handler that catches its exception and answers 500 is no Lambda error: the API's 5xx see it.

    The HTTP API's metrics know no version, so the old one's 5xx count too.
    """
    return make_guard(
        context,
        f"{part.logical_id}ServerErrorsGuard",
        name=guard_name(part),
        text=f"5xx answers of {context.names.deployment}",
        runbook="guard-api-5xx",
        Namespace="AWS/ApiGateway",
        MetricName="5xx",
        Dimensions=[MetricDimension(Name="ApiId", Value=api_id)],
        Statistic="Sum",
        Threshold=context.environment.alarms.api_5xx,
        EvaluationPeriods=1,
        DatapointsToAlarm=1,
    )
