"""Saved Logs Insights queries: the questions people ask, by name.

Two of them ask about one request and one user: whoever runs them puts the id where PUT-… stands. ``tests/local`` runs
each of them against lines that the service wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["access", "api", "archiver", "before", "after"]
"""A log group: the API's access log, or a function's."""

REQUEST_ID, USER_ID = "PUT-REQUEST-ID-HERE", "PUT-USER-ID-HERE"
"""What a person replaces."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """A saved query and the logs that it reads."""

    logical_id: str
    name: str
    text: str
    groups: tuple[Group, ...] = ("api",)


QUERIES = (
    Query(
        logical_id="SlowestRequestsQuery",
        name="slowest-requests",
        text="fields time, routeKey, status, responseLatencyMs, integrationLatencyMs, requestId\n"
        "| filter ispresent(responseLatencyMs)\n"
        "| sort responseLatencyMs desc\n"
        "| limit 50",
        groups=("access",),
    ),
    Query(
        logical_id="ErrorsByRouteQuery",
        name="errors-by-route",
        text="filter status >= 400\n"
        "| stats count(*) as answers, latest(requestId) as example by routeKey, status\n"
        "| sort answers desc",
        groups=("access",),
    ),
    Query(
        logical_id="ErrorsByVersionQuery",
        name="errors-by-route-and-version",
        # A log stream belongs to an execution environment, and its name has the version in brackets.
        text='filter message = "request" and status >= 400\n'
        "| parse @logStream /\\[(?<version>[^\\]]+)\\]/\n"
        "| stats count(*) as answers, latest(problem) as problem, latest(request_id) as example"
        " by version, route, status\n"
        "| sort answers desc",
    ),
    Query(
        logical_id="ServerErrorsQuery",
        name="server-errors",
        # The Python runtime's own line of an exception had `log_level` until September 2026.
        text='filter level in ["ERROR", "CRITICAL", "FATAL"] or log_level in ["ERROR", "FATAL"]\n'
        "| fields @timestamp, message, problem, route, request_id, errorType, errorMessage, requestId, @logStream\n"
        "| sort @timestamp desc\n"
        "| limit 100",
        groups=("api", "archiver", "before", "after"),
    ),
    Query(
        logical_id="OneRequestQuery",
        name="one-request",
        text=f"filter @message like '{REQUEST_ID}'\n"
        "| fields @timestamp, @log, coalesce(route, routeKey) as route, status, duration_ms, responseLatencyMs,"
        " problem, user, @message\n"
        "| sort @timestamp asc\n"
        "| limit 100",
        groups=("access", "api"),
    ),
    Query(
        logical_id="OneUserQuery",
        name="one-user",
        text=f"filter user = '{USER_ID}'\n"
        "| fields @timestamp, route, status, problem, duration_ms, request_id\n"
        "| sort @timestamp desc\n"
        "| limit 200",
    ),
    Query(
        logical_id="ColdStartsQuery",
        name="cold-starts",
        text='filter type = "platform.report" and ispresent(record.metrics.initDurationMs)\n'
        "| parse @logStream /\\[(?<version>[^\\]]+)\\]/\n"
        "| stats count(*) as starts, pct(record.metrics.initDurationMs, 50) as p50_init_ms,"
        " pct(record.metrics.initDurationMs, 90) as p90_init_ms by bin(1h) as hour, version\n"
        "| sort hour desc",
    ),
    Query(
        logical_id="ThrottledCallsQuery",
        name="throttled-calls",
        # By the stage (429, no integration), by Lambda's concurrency, or by the table behind a 503 or 429.
        text="filter status in [429, 503] or integrationStatus = 429 or error like /(?i)throttl|too many/\n"
        "| stats count(*) as answers, latest(requestId) as example by routeKey, status, integrationStatus\n"
        "| sort answers desc",
        groups=("access",),
    ),
)
