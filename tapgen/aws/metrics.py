"""Reads metric data: queries in, series out, metric math and searches among them. Publishes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.failures import translated
from tapgen.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from mypy_boto3_cloudwatch.type_defs import (
        MetricDataQueryTypeDef,
        MetricDataResultTypeDef,
        MetricTypeDef,
    )

    from tapgen.aws.session import Aws

MOST_QUERIES = 500
"""Of one call (CloudWatch API reference, GetMetricData)."""
_PARALLEL = 8


@dataclass(frozen=True, kw_only=True)
class Series:
    """One series that a query found; a search finds several, all with the query's id.

    Attributes:
        id: Of the query.
        label: CloudWatch's, or the one that was asked for.
        points: Seconds since the epoch and value, the oldest first.
        complete: False when CloudWatch could not read all of it (StatusCode PartialData, InternalError, Forbidden).
        message: What CloudWatch says about it.
    """

    id: str
    label: str
    points: tuple[tuple[float, float], ...]
    complete: bool = True
    message: str = ""

    @property
    def last(self) -> float | None:
        """The newest value."""
        return self.points[-1][1] if self.points else None

    @property
    def values(self) -> tuple[float, ...]:
        """The values alone."""
        return tuple(value for _, value in self.points)


@dataclass(frozen=True, kw_only=True)
class Range:
    """From when to when; the end is outside."""

    start: datetime
    end: datetime


def metric_query(  # noqa: PLR0913 - what the API wants to know of one metric
    identifier: str, namespace: str, name: str, dimensions: Mapping[str, str], *, stat: str, period_s: int
) -> MetricDataQueryTypeDef:
    """A query of one metric with exactly these dimensions."""
    metric: MetricTypeDef = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }
    return {"Id": identifier, "MetricStat": {"Metric": metric, "Period": period_s, "Stat": stat}}


def read_series(aws: Aws, queries: Sequence[MetricDataQueryTypeDef], within: Range) -> tuple[Series, ...]:
    """The series of queries, in their order; queries that return no data are left out.

    Up to 500 queries go into one call. More than that are split, which expressions cannot be: they name other queries
    of the same call.

    Raises:
        AwsError: More than 500 queries with expressions among them, or what CloudWatch answers.
    """
    if len(queries) > MOST_QUERIES and any("Expression" in query for query in queries):
        raise AwsError(
            f"{len(queries)} metric queries with expressions do not fit into one call",
            why=f"CloudWatch takes {MOST_QUERIES}",
            hint="ask for fewer metrics at once",
            code="too-many-queries",
        )
    found: dict[tuple[str, str], Series] = {}
    order = {query["Id"]: index for index, query in enumerate(queries)}
    with translated("read metrics"):
        for start in range(0, len(queries), MOST_QUERIES):
            for result in _pages(aws, queries[start : start + MOST_QUERIES], within):
                _merge(found, result)
    return tuple(sorted(found.values(), key=lambda series: order.get(series.id, len(order))))


def read_groups(aws: Aws, groups: Sequence[tuple[Sequence[MetricDataQueryTypeDef], Range]]) -> list[tuple[Series, ...]]:
    """The series of several groups of queries, each with ids and a time of its own; some calls at once."""
    aws.client("cloudwatch")  # made before threads want it
    with ThreadPoolExecutor(_PARALLEL) as pool:
        return list(pool.map(lambda group: read_series(aws, *group) if group[0] else (), groups))


def _pages(aws: Aws, queries: Sequence[MetricDataQueryTypeDef], within: Range) -> Iterator[MetricDataResultTypeDef]:
    pages = (
        aws.client("cloudwatch")
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=list(queries),
            StartTime=within.start,
            EndTime=within.end,
            ScanBy="TimestampAscending",
        )
    )
    for page in pages:
        yield from page["MetricDataResults"]


def _merge(found: dict[tuple[str, str], Series], result: MetricDataResultTypeDef) -> None:
    """Add a result to the part of the same series that an earlier page had."""
    identifier, label = result.get("Id", ""), result.get("Label", "")
    before = found.get((identifier, label))
    moments = (moment.timestamp() for moment in result.get("Timestamps", ()))
    points = tuple(zip(moments, result.get("Values", ()), strict=True))
    # The status of the last page is the status of the whole.
    found[identifier, label] = Series(
        id=identifier,
        label=label,
        points=(before.points if before else ()) + points,
        complete=result.get("StatusCode", "Complete") == "Complete",
        message="; ".join(message.get("Value", "") for message in result.get("Messages", ())),
    )
