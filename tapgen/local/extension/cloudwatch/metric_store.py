"""Keeping metrics without drowning in them: every invocation leaves two dozen points, and all are saved with the state.

Points that no alarm looks at any more are merged: one for each value that occurred in a minute, with how often it
occurred, rounded to three significant digits. Sums, averages and percentiles stay right to about a thousandth. Source
for how long they are kept: CloudWatch User Guide, "Metrics retention".
"""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import cloudwatch

from tapgen.local.extension import background
from tapgen.local.extension.seams import Seam, replace
from tapgen.local.extension.time_scale import TimeScale

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

_MODULE = "ministack.services.cloudwatch"
_METRICS = Seam(module=_MODULE, attribute="_metrics", parameters=None, gap="read, and its series shortened")
_EVICT = Seam(
    module=_MODULE,
    attribute="_evict_old_metrics",
    parameters=(),
    gap="copies every series on every request, and loses a point that is added meanwhile",
)
_GET_STATE = Seam(
    module=_MODULE,
    attribute="get_state",
    parameters=(),
    gap="copies every point deeply, for longer than there are pauses between two saves",
)
_STORES = ("alarms", "composite_alarms", "composite_triggers", "alarm_history", "dashboards", "resource_tags")
SEAMS = (
    *background.SEAMS,
    _METRICS,
    _EVICT,
    _GET_STATE,
    *(Seam(module=_MODULE, attribute=f"_{name}", parameters=None, gap="read only: saved") for name in _STORES),
)

_RETENTION_S = 14 * 24 * 3600
_KEPT_APART_AWS_S = 3 * 3600
"""Longer than any traffic shift that a stack update waits for, so that its figures can be told to the period."""

MERGED_S = 60.0
"""Wall seconds whose equal values are merged into one point."""

_MERGE_EVERY_S = 5.0

Point = dict[str, Any]


def install(settings: Settings) -> None:
    """Merge old points in the background, drop expired ones, and copy series as a whole."""
    age_s = kept_apart_s(TimeScale(settings.minute_s))
    replace(_EVICT, _drop_expired)
    replace(_GET_STATE, _state)
    background.repeat(lambda: merge_all(time.time() - age_s), every_s=_MERGE_EVERY_S, name="metric-merging")


def kept_apart_s(time_scale: TimeScale) -> float:
    """The wall seconds for which points are kept as they were recorded."""
    return max(MERGED_S, time_scale.wall_s(_KEPT_APART_AWS_S))


def merge_all(limit: float) -> None:
    """Merge what is older than ``limit`` (seconds since the epoch) in every series of all accounts and regions."""
    for _, points in cloudwatch._metrics.all_items():  # noqa: SLF001 - a seam
        old = _count_before(points, limit)
        merged = merge(points[:old])
        if len(merged) < old:
            points[:old] = merged  # in place, and in one step: a point may be added meanwhile


def merge(points: list[Point]) -> list[Point]:
    """The same points with equal values of a minute merged, in the order of their minutes."""
    merged: dict[tuple[float, float, str], Point] = {}
    statistic_sets = []
    for point in points:
        if "_stat" in point:
            statistic_sets.append(point)
            continue
        minute, value = point["Timestamp"] // MERGED_S * MERGED_S, float(f"{point['Value']:.3g}")
        known = merged.setdefault(
            (minute, value, point["Unit"]), {**point, "Timestamp": minute, "Value": value, "Count": 0.0}
        )
        known["Count"] += float(point.get("Count", 1.0))
    return sorted([*merged.values(), *statistic_sets], key=lambda point: float(point["Timestamp"]))


def _count_before(points: list[Point], limit: float) -> int:
    """How many points at the start of a series are older than ``limit``."""
    for index, point in enumerate(points):
        if point["Timestamp"] >= limit:
            return index
    return len(points)


def _drop_expired() -> None:
    """Drop what CloudWatch no longer keeps."""
    limit = time.time() - _RETENTION_S
    for points in cloudwatch._metrics.values():  # noqa: SLF001 - a seam
        if points and points[0]["Timestamp"] < limit:
            del points[: _count_before(points, limit)]


def _state() -> dict[str, Any]:
    """What MiniStack saves of CloudWatch, with series copied as lists: a point never changes once it is recorded."""
    series = AccountRegionScopedDict()
    for (account, region, key), points in cloudwatch._metrics.all_items():  # noqa: SLF001 - a seam
        series.set_scoped(account, region, key, list(points))
    return {"metrics": series} | {name: copy.deepcopy(getattr(cloudwatch, f"_{name}")) for name in _STORES}
