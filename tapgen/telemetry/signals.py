"""The golden signals of the API and of each version of its function, in figures: one call reads, the rest is pure."""

from __future__ import annotations

import math
import re
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.metrics import metric_query, read_series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

    from tapgen.aws.metrics import Range, Series
    from tapgen.aws.session import Aws

_POINTS = 60
_MINUTE_S = 60
_VERSION_SCHEMA = "{AWS/Lambda,ExecutedVersion,FunctionName,Resource}"
_PERCENTILES = ("p50", "p90", "p99")


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whose signals.

    Attributes:
        api_id: Of the HTTP API; empty for a service without one.
        function: The name of the function.
        alias: The alias that callers come through.
    """

    api_id: str
    function: str
    alias: str


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One figure over time.

    Attributes:
        name: ``requests``, ``5xx`` …
        unit: ``/min``, ``%``, ``ms`` or nothing.
        points: Seconds since the epoch and value, the oldest first.
    """

    name: str
    unit: str
    points: tuple[tuple[float, float], ...]

    @property
    def last(self) -> float | None:
        """The newest value."""
        return self.points[-1][1] if self.points else None

    @property
    def typical(self) -> float | None:
        """The median of the periods: percentiles of periods cannot be joined to one of the whole."""
        return statistics.median(value for _, value in self.points) if self.points else None

    @property
    def worst(self) -> float | None:
        """The greatest value."""
        return max((value for _, value in self.points), default=None)


@dataclass(frozen=True, kw_only=True)
class VersionSignals:
    """What one version did.

    Attributes:
        version: Its number.
        share: Of the invocations in the last period in which any version served, from 0 to 1.
        signals: Its figures.
    """

    version: str
    share: float
    signals: tuple[Signal, ...]


@dataclass(frozen=True, kw_only=True)
class Signals:
    """All of it.

    Attributes:
        within: The time that it covers.
        period_s: Of each point, in AWS's seconds.
        requests: How many there were in all.
        failures: How many of them were answered with a 5xx.
        api: The API's figures.
        versions: The function's by version, the newest first.
    """

    within: Range
    period_s: int
    requests: int
    failures: int
    api: tuple[Signal, ...]
    versions: tuple[VersionSignals, ...]


def read_signals(aws: Aws, subject: Subject, within: Range, *, minute_s: float) -> Signals:
    """Read and order the figures (one call).

    Args:
        aws: The target.
        subject: Whose.
        within: The time.
        minute_s: Seconds of an AWS minute at the target.
    """
    period_s = choose_period_s((within.end - within.start).total_seconds() * _MINUTE_S / minute_s)
    found = read_series(aws, list(_queries(subject, period_s)), within)
    return arrange(found, within, period_s=period_s)


def choose_period_s(length_s: float) -> int:
    """Whole minutes, so that a length has about sixty periods."""
    return max(1, math.ceil(length_s / _MINUTE_S / _POINTS)) * _MINUTE_S


def arrange(found: Sequence[Series], within: Range, *, period_s: int) -> Signals:
    """The figures from the series."""
    one = {series.id: series for series in found if not series.id.startswith("v_")}
    by_version: dict[str, dict[str, Series]] = {}
    for series in found:
        if series.id.startswith("v_") and re.fullmatch(r"\d+", series.label):
            by_version.setdefault(series.label, {})[series.id] = series
    minutes = period_s / _MINUTE_S
    count, server, client = (_dict(one.get(name)) for name in ("count", "server", "client"))
    api = (
        _signal("requests", "/min", {at: value / minutes for at, value in count.items()}),
        _signal("5xx", "%", _share(server, count)),
        _signal("4xx", "%", _share(client, count)),
        *(_signal(f"latency {stat}", "ms", _dict(one.get(f"latency_{stat}"))) for stat in _PERCENTILES),
        _signal("concurrency", "", _dict(one.get("concurrency"))),
        _signal("throttled", "/min", {at: value / minutes for at, value in _dict(one.get("throttles")).items()}),
    )
    return Signals(
        within=within,
        period_s=period_s,
        requests=round(sum(count.values())),
        failures=round(sum(server.values())),
        api=api,
        versions=tuple(_versions(by_version, minutes)),
    )


def _versions(by_version: dict[str, dict[str, Series]], minutes: float) -> Iterator[VersionSignals]:
    served = {version: _dict(series.get("v_served")) for version, series in by_version.items()}
    last = max((at for values in served.values() for at in values), default=0.0)
    whole = sum(values.get(last, 0.0) for values in served.values()) or 1.0
    for version in sorted(by_version, key=int, reverse=True):
        series = by_version[version]
        signals = (
            _signal("requests", "/min", {at: value / minutes for at, value in served[version].items()}),
            _signal("errors", "%", _share(_dict(series.get("v_failed")), served[version])),
            *(_signal(f"duration {stat}", "ms", _dict(series.get(f"v_{stat}"))) for stat in _PERCENTILES),
        )
        yield VersionSignals(version=version, share=served[version].get(last, 0.0) / whole, signals=signals)


def _queries(subject: Subject, period_s: int) -> Iterator[MetricDataQueryTypeDef]:
    api = {"ApiId": subject.api_id}
    function = {"FunctionName": subject.function}
    live = function | {"Resource": f"{subject.function}:{subject.alias}"}
    if subject.api_id:
        for identifier, name in (("count", "Count"), ("server", "5xx"), ("client", "4xx")):
            yield metric_query(identifier, "AWS/ApiGateway", name, api, stat="Sum", period_s=period_s)
        for stat in _PERCENTILES:
            yield metric_query(f"latency_{stat}", "AWS/ApiGateway", "Latency", api, stat=stat, period_s=period_s)
    yield metric_query("concurrency", "AWS/Lambda", "ConcurrentExecutions", function, stat="Maximum", period_s=period_s)
    yield metric_query("throttles", "AWS/Lambda", "Throttles", live, stat="Sum", period_s=period_s)
    terms = f'FunctionName="{subject.function}" Resource="{live["Resource"]}"'
    for identifier, name, stat in (
        ("v_served", "Invocations", "Sum"),
        ("v_failed", "Errors", "Sum"),
        *((f"v_{stat}", "Duration", stat) for stat in _PERCENTILES),
    ):
        yield {
            "Id": identifier,
            "Expression": f"SEARCH('{_VERSION_SCHEMA} {terms} MetricName=\"{name}\"', '{stat}', {period_s})",
            "Label": "${PROP('Dim.ExecutedVersion')}",
            "Period": period_s,
        }


def _dict(series: Series | None) -> dict[float, float]:
    return dict(series.points) if series else {}


def _share(part: dict[float, float], whole: dict[float, float]) -> dict[float, float]:
    return {at: 100 * part.get(at, 0.0) / value for at, value in whole.items() if value}


def _signal(name: str, unit: str, values: dict[float, float]) -> Signal:
    return Signal(name=name, unit=unit, points=tuple(sorted(values.items())))
