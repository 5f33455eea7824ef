"""Saved Logs Insights queries: the questions people ask of any service, and those that a service brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.naming import HOOKS
from tapgen.service.model import Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.naming import Names
    from tapgen.service.model import Model

ACCESS = "access"
"""The API's access log."""
FUNCTIONS = "functions"
"""The logs of all functions, of the hooks as well."""
# A saved query reads at most 50 log groups (Logs API reference, PutQueryDefinition).
_MOST_GROUPS = 50

_GENERAL = (
    Query(
        logical_id="SlowestRequestsQuery",
        name="slowest-requests",
        text="fields time, routeKey, status, responseLatencyMs, integrationLatencyMs, requestId\n"
        "| filter ispresent(responseLatencyMs)\n"
        "| sort responseLatencyMs desc\n"
        "| limit 50",
        logs=(ACCESS,),
    ),
    Query(
        logical_id="ErrorsByRouteQuery",
        name="errors-by-route",
        text="filter status >= 400\n"
        "| stats count(*) as answers, latest(requestId) as example by routeKey, status\n"
        "| sort answers desc",
        logs=(ACCESS,),
    ),
    Query(
        logical_id="ServerErrorsQuery",
        name="server-errors",
        # The Python runtime's own line of an exception had `log_level` until September 2026.
        text='filter level in ["ERROR", "CRITICAL", "FATAL"] or log_level in ["ERROR", "FATAL"]\n'
        "| fields @timestamp, message, problem, route, request_id, errorType, errorMessage, requestId, @logStream\n"
        "| sort @timestamp desc\n"
        "| limit 100",
        logs=(FUNCTIONS,),
    ),
    Query(
        logical_id="ColdStartsQuery",
        name="cold-starts",
        text='filter type = "platform.report" and ispresent(record.metrics.initDurationMs)\n'
        "| parse @logStream /\\[(?<version>[^\\]]+)\\]/\n"
        "| stats count(*) as starts, pct(record.metrics.initDurationMs, 50) as p50_init_ms,"
        " pct(record.metrics.initDurationMs, 90) as p90_init_ms by bin(1h) as hour, version\n"
        "| sort hour desc",
        logs=(FUNCTIONS,),
    ),
    Query(
        logical_id="ThrottledCallsQuery",
        name="throttled-calls",
        # By the stage (429, no integration), by Lambda's concurrency, or by the table behind a 503 or 429.
        text="filter status in [429, 503] or integrationStatus = 429 or error like /(?i)throttl|too many/\n"
        "| stats count(*) as answers, latest(requestId) as example by routeKey, status, integrationStatus\n"
        "| sort answers desc",
        logs=(ACCESS,),
    ),
)


def list_queries(names: Names, service: Model) -> Iterator[tuple[Query, tuple[str, ...]]]:
    """Each query with the log groups that it reads; those of the access log where there is an API."""
    for query in (*_GENERAL, *service.queries):
        groups = tuple(group for log in query.logs for group in _groups(names, service, log))[:_MOST_GROUPS]
        if groups:
            yield query, groups


def _groups(names: Names, service: Model, log: str) -> Iterator[str]:
    if log == ACCESS:
        yield from (names.access_log_group,) if service.api else ()
    elif log == FUNCTIONS:
        yield from map(names.function_log_group, names.functions)
        yield from map(names.hook_log_group, names.hooks)
    elif log in HOOKS:
        yield from (names.hook_log_group(hook) for hook in names.hooks if hook.partition("-")[0] == log)
    else:
        yield names.function_log_group(log)
