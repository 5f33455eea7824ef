"""Saved Logs Insights queries: the questions people ask, by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Query:
    """A saved query on the API function's log, or on the access log."""

    logical_id: str
    name: str
    text: str
    access_log: bool = False


QUERIES = (
    Query(
        logical_id="SlowestRequestsQuery",
        name="slowest-requests",
        text="fields time, routeKey, status, responseLatencyMs, requestId\n| sort responseLatencyMs desc\n| limit 50",
        access_log=True,
    ),
    Query(
        logical_id="ErrorsByRouteQuery",
        name="errors-by-route",
        text="filter status >= 400\n| stats count(*) as answers by routeKey, status\n| sort answers desc",
        access_log=True,
    ),
    Query(
        logical_id="ServerErrorsQuery",
        name="server-errors",
        text='filter level in ["ERROR", "CRITICAL"]\n'
        "| fields @timestamp, message, problem, request_id, errorMessage, requestId\n"
        "| sort @timestamp desc\n| limit 100",
    ),
    Query(
        logical_id="ColdStartsQuery",
        name="cold-starts",
        text='filter type = "platform.report" and ispresent(record.metrics.initDurationMs)\n'
        "| stats count(*) as starts, pct(record.metrics.initDurationMs, 90) as p90_init_ms by bin(1h)",
    ),
)
