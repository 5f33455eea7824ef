"""What the versions of a function answered, minute by minute: the metrics that Lambda keeps by version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tapgen.aws.metrics import Range, metric_query, read_series

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

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
    queries = [
        metric_query(f"m{index}", "AWS/Lambda", metric, version.dimensions, stat=statistic, period_s=_PERIOD_S)
        for index, (version, _, metric, statistic) in enumerate(wanted)
    ]
    around = Range(start=since - timedelta(seconds=_PERIOD_S), end=until + timedelta(seconds=_PERIOD_S))
    found = {series.id: series.points for series in read_series(aws, queries, around)}
    return tuple(
        VersionSeries(version=version.version, metric=name, points=found.get(f"m{index}", ()))
        for index, (version, name, _, _) in enumerate(wanted)
    )
