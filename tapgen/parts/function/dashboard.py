"""The functions: which version serves how much and how well, and each function by itself.

An alias publishes no metric of its weights: the share of the invocations that each version served is what a shift does
to callers. While more than one version serves, a shift runs; the line that counts them marks deployments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.widgets import axis, expression, graph, level, metric, property_label, row, search, text
from tapgen.naming import LIVE_ALIAS

if TYPE_CHECKING:
    from tapgen.elements.widgets import Widget
    from tapgen.elements.wiring import Context

_SCHEMA = "AWS/Lambda,ExecutedVersion,FunctionName,Resource"
# CEIL of a small fraction is 1 where a version served and 0 where it did not: comparisons take no array of metrics.
_COUNTED = "SUM(CEIL(served / 1000000000))"


def versions(context: Context) -> list[Widget | list[Widget]]:
    """Each function by version, behind its live alias."""
    return [text("## Versions"), *(_versions(context.names.function(role), role) for role in _here(context))]


def _versions(function: str, role: str) -> list[Widget]:
    label = f"version {property_label('ExecutedVersion')}"
    served = expression(_by_version(function, "Invocations", "Sum"), id="served", label=label, visible=False)
    failed = expression(_by_version(function, "Errors", "Sum"), id="failed", label=label)
    slow = expression(_by_version(function, "Duration", "p90"), id="slow", label=label)
    return row(
        graph(
            f"{role}: share of invocations by version (%)",
            [expression("100 * served / SUM(served)", id="share", label=label), served],
            stacked=True,
            yAxis=axis("%", high=100),
        ),
        graph(f"{role}: errors by version (per minute)", [failed], yAxis=axis("errors")),
        graph(f"{role}: duration by version (p90, ms)", [slow], yAxis=axis("ms")),
        graph(
            f"{role}: versions that serve; 2 while traffic shifts",
            [expression(_COUNTED, id="serving", label="versions"), served],
            yAxis=axis("versions"),
        ),
    )


def rows(context: Context) -> list[Widget | list[Widget]]:
    """Each function behind its live alias."""
    return [text("## Functions"), *(_function(context, role) for role in _here(context))]


def _here(context: Context) -> list[str]:
    """The functions of this block, whose dashboard it is."""
    return [part.name for part in context.service.functions if context.holds(part)]


def _function(context: Context, role: str) -> list[Widget]:
    function = context.names.function(role)
    live = {"FunctionName": function, "Resource": f"{function}:{LIVE_ALIAS}"}
    timeout_ms = context.environment.functions[role].timeout_s * 1000
    return row(
        graph(
            f"{role}: invocations, errors, throttles (per minute)",
            [
                metric("AWS/Lambda", "Invocations", live, label="invocations"),
                metric("AWS/Lambda", "Errors", live, label="errors", color="#d62728"),
                metric("AWS/Lambda", "Throttles", live, label="throttled", color="#ff7f0e"),
            ],
            yAxis=axis("invocations"),
        ),
        graph(
            f"{role}: duration (ms); time-out at {timeout_ms}",
            [metric("AWS/Lambda", "Duration", live, stat=stat, label=stat) for stat in ("p50", "p90", "p99")],
            yAxis=axis("ms"),
        ),
        graph(
            f"{role}: concurrent executions",
            [metric("AWS/Lambda", "ConcurrentExecutions", {"FunctionName": function}, stat="Maximum", label="maximum")],
            yAxis=axis("executions"),
            **_reserved(context, role),
        ),
    )


def _reserved(context: Context, role: str) -> dict[str, Any]:
    reserved = context.environment.functions[role].reserved_concurrency
    return {"annotations": level(reserved, "reserved concurrency")} if reserved else {}


def _by_version(function: str, name: str, stat: str) -> str:
    """All versions behind the alias, without naming one: they come and go."""
    return search(_SCHEMA, {"MetricName": name, "FunctionName": function, "Resource": f"{function}:{LIVE_ALIAS}"}, stat)
