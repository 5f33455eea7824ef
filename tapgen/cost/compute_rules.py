"""What functions, the HTTP API and their logs cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tapgen.cost.charges import Charge
from tapgen.cost.resources import DAYS_PER_MONTH, SECONDS_PER_MONTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.cost.resources import Inventory, Resource, Usage

_KB_PER_GB = 1024 * 1024
# X-Ray's default rule: the first request of each second, and 5 % of the others (X-Ray developer guide, "sampling").
_RESERVOIR_PER_S, _SAMPLED_SHARE = 1.0, 0.05
# HTTP APIs are metered in steps of 512 KB (API Gateway pricing).
_METERED_KB = 512
# 4xx, 5xx, Count, IntegrationLatency, Latency, DataProcessed, each by route (API Gateway developer guide, "Monitor
# CloudWatch metrics for HTTP APIs").
_METRICS_PER_ROUTE = 6
# CloudWatch bills compressed storage; its pricing page reckons with this share.
_COMPRESSED_SHARE = 0.15
_SLOWER_BATCH = 10.0


def price_function(function: Resource, inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """AWS::Lambda::Function: requests, duration, traces, snapshots."""
    calls, words = inventory.invocations(function, usage)
    memory_gb = function.number("MemorySize", 128) / 1024
    by_stream = "batch" in words
    duration_ms = usage.duration_ms * (_SLOWER_BATCH if by_stream else 1.0)
    architecture = "arm64" if "arm64" in function.properties.get("Architectures", ()) else "x86_64"
    yield Charge(item="requests", price="lambda-requests", quantity=calls, formula=words)
    yield Charge(
        item="duration",
        price=f"lambda-{architecture}",
        quantity=calls * duration_ms / 1000 * memory_gb,
        formula=f"{calls:,.0f} x {duration_ms:g} ms x {memory_gb:g} GB",
    )
    if function.properties.get("TracingConfig", {}).get("Mode") == "Active":
        yield _traces(calls)
    if function.properties.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions":
        yield Charge(
            item="snapshot",
            price="lambda-snapshot-cache",
            quantity=memory_gb * SECONDS_PER_MONTH,
            formula=f"1 published version x {memory_gb:g} GB x 730 h; restores are not counted",
            fixed=True,
        )


def price_alias(alias: Resource, inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """AWS::Lambda::Alias: provisioned concurrency, where there is some."""
    del usage
    count = alias.properties.get("ProvisionedConcurrencyConfig", {}).get("ProvisionedConcurrentExecutions")
    if not isinstance(count, int):
        return
    name = alias.properties.get("FunctionName", {}).get("Ref", "")
    function = next((each for each in inventory.of_kind("AWS::Lambda::Function") if each.logical_id == name), None)
    memory_gb = function.number("MemorySize", 128) / 1024 if function else 0.0
    yield Charge(
        item="provisioned concurrency",
        price="lambda-provisioned-arm64",
        quantity=count * memory_gb * SECONDS_PER_MONTH,
        formula=f"{count} x {memory_gb:g} GB x 730 h",
        fixed=True,
    )


def price_api(api: Resource, inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """AWS::ApiGatewayV2::Api: requests."""
    del api, inventory
    units = max(math.ceil(usage.payload_kb / _METERED_KB), 1)
    yield Charge(
        item="requests",
        price="http-api-requests",
        quantity=usage.requests_per_month * units,
        formula=f"{usage.requests_per_month:,.0f} requests" + (f" x {units} units of 512 KB" if units > 1 else ""),
    )


def price_stage(stage: Resource, inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """AWS::ApiGatewayV2::Stage: detailed metrics, which CloudWatch bills like custom ones."""
    if (
        not stage.properties.get("DefaultRouteSettings", {}).get("DetailedMetricsEnabled")
        or not usage.requests_per_month
    ):
        return
    routes = sum(1 for _ in inventory.of_kind("AWS::ApiGatewayV2::Route"))
    yield Charge(
        item="detailed metrics",
        price="custom-metrics",
        quantity=routes * _METRICS_PER_ROUTE,
        formula=f"{routes} routes x {_METRICS_PER_ROUTE} metrics, if each route is called all month",
        fixed=True,
    )


def price_log_group(group: Resource, inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """AWS::Logs::LogGroup: what is written, and what is kept of it."""
    lines, words = _lines_of(group, inventory, usage)
    written_gb = lines[0] * lines[1] / _KB_PER_GB
    retention = group.number("RetentionInDays", 0)
    months = min(retention / DAYS_PER_MONTH, usage.months) if retention else usage.months
    yield Charge(item="ingestion", price="logs-ingestion", quantity=written_gb, formula=f"{words} x {lines[1]:g} KB")
    yield Charge(
        item="storage",
        price="logs-storage",
        quantity=written_gb * months * _COMPRESSED_SHARE,
        formula=f"{written_gb:.3g} GB a month x {months:.3g} months kept x {_COMPRESSED_SHARE:.0%} when compressed",
    )


def _lines_of(group: Resource, inventory: Inventory, usage: Usage) -> tuple[tuple[float, float], str]:
    """((invocations or requests, KB for each), the first in words) of a log group."""
    name = group.properties.get("LogGroupName")
    for function in inventory.of_kind("AWS::Lambda::Function"):
        if name and function.properties.get("LoggingConfig", {}).get("LogGroup") == name:
            calls, words = inventory.invocations(function, usage)
            return (calls, usage.log_kb), words
    if inventory.sends_to("AWS::ApiGatewayV2::Stage", group):
        return (usage.requests_per_month, usage.access_log_kb), f"{usage.requests_per_month:,.0f} requests"
    return (0.0, 0.0), "nothing is known to write to it"


def _traces(calls: float) -> Charge:
    in_reservoir = min(calls, _RESERVOIR_PER_S * SECONDS_PER_MONTH)
    return Charge(
        item="traces",
        price="traces",
        quantity=in_reservoir + (calls - in_reservoir) * _SAMPLED_SHARE,
        formula=f"{calls:,.0f}, of them one a second and {_SAMPLED_SHARE:.0%} of the others, spread evenly",
    )
