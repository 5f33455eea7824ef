"""What Lambda's own REPORT records say of a function at each memory size that it ran with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.log_queries import LogQuery, run_query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from mypy_boto3_logs import CloudWatchLogsClient

_METRICS = "record.metrics"
# Failed invocations are left out: one that breaks off early is no measure of speed.
QUERY = (
    'filter type = "platform.report" and record.status = "success"\n'
    "| stats count(*) as invocations, "
    f"pct({_METRICS}.durationMs, 50) as p50_ms, "
    f"pct({_METRICS}.durationMs, 90) as p90_ms, "
    f"pct({_METRICS}.durationMs, 99) as p99_ms, "
    f"avg({_METRICS}.billedDurationMs) as billed_ms, "
    f"max({_METRICS}.maxMemoryUsedMB) as used_mb, "
    f"count({_METRICS}.initDurationMs) as cold_starts "
    f"by {_METRICS}.memorySizeMB"
)


@dataclass(frozen=True, kw_only=True)
class SizeSeen:
    """One memory size and what was reported of it."""

    memory_mb: int
    invocations: int
    cold_starts: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    billed_ms: float
    """On average; the start of an environment included, where it is billed."""
    used_mb: int
    """At most; 0 when the reports do not say."""

    def cost_usd(self, usd_per_gb_s: float) -> float:
        """Of the compute of a million invocations; requests cost the same at any size."""
        return 1e6 * usd_per_gb_s * self.memory_mb / 1024 * self.billed_ms / 1000


def read_sizes(
    client: CloudWatchLogsClient,
    groups: Sequence[str],
    *,
    start: datetime,
    end: datetime,
    sleep: Callable[[float], None],
) -> tuple[SizeSeen, ...]:
    """The sizes that were seen between two moments, the smallest first."""
    rows = run_query(client, LogQuery(groups=groups, text=QUERY, start=start, end=end), sleep=sleep)
    found = (_size(row) for row in rows if row.get(f"{_METRICS}.memorySizeMB"))
    return tuple(sorted(found, key=lambda size: size.memory_mb))


def _size(row: Mapping[str, str]) -> SizeSeen:
    def number(name: str) -> float:
        return float(row.get(name) or 0)

    return SizeSeen(
        memory_mb=int(number(f"{_METRICS}.memorySizeMB")),
        invocations=int(number("invocations")),
        cold_starts=int(number("cold_starts")),
        p50_ms=number("p50_ms"),
        p90_ms=number("p90_ms"),
        p99_ms=number("p99_ms"),
        billed_ms=number("billed_ms"),
        used_mb=int(number("used_mb")),
    )
