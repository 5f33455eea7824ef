"""What the versions of a function answered, minute by minute: the metrics that Lambda keeps by version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tapgen.aws.failures import translated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

    from tapgen.aws.alarms import ShiftedVersion
    from tapgen.aws.session import Aws

_PERIOD_S = 60
_METRICS = (
    ("requests", "Invocations", "Sum"),
    ("errors", "Errors", "Sum"),
    ("p50", "Duration", "p50"),
    ("p90", "Duration", "p90"),
)


@dataclass(frozen=True, kw_only=True)
class VersionSeries:
    """One metric of one version; ``requests`` and ``errors`` by AWS minute, ``p50`` and ``p90`` in milliseconds."""

    version: str
    metric: str
    points: tuple[tuple[float, float], ...]
    """(seconds since the epoch, value), the oldest first."""


def read_version_series(
    aws: Aws, versions: Sequence[ShiftedVersion], *, since: datetime, until: datetime
) -> tuple[VersionSeries, ...]:
    """Requests, errors and durations of versions that were called through an alias (one call).

    CloudWatch has a minute's figures a minute or two later; what is younger is missing.
    """
    wanted = [(version, *metric) for version in versions for metric in _METRICS]
    queries: list[MetricDataQueryTypeDef] = [
        {
            "Id": f"m{index}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/Lambda",
                    "MetricName": metric,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in version.dimensions.items()],
                },
                "Period": _PERIOD_S,
                "Stat": statistic,
            },
        }
        for index, (version, _, metric, statistic) in enumerate(wanted)
    ]
    found: dict[str, list[tuple[float, float]]] = {}
    with translated("read the metrics of the shifted versions"):
        pages = (
            aws.client("cloudwatch")
            .get_paginator("get_metric_data")
            .paginate(
                MetricDataQueries=queries,
                StartTime=since - timedelta(seconds=_PERIOD_S),
                EndTime=until + timedelta(seconds=_PERIOD_S),
                ScanBy="TimestampAscending",
            )
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                points = zip(result["Timestamps"], result["Values"], strict=True)
                found.setdefault(result["Id"], []).extend((at.timestamp(), value) for at, value in points)
    return tuple(
        VersionSeries(version=version.version, metric=name, points=tuple(found.get(f"m{index}", ())))
        for index, (version, name, _, _) in enumerate(wanted)
    )
