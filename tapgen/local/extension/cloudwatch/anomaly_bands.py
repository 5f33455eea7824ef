"""Anomaly detection bands, as far as they can be had without CloudWatch's trained model. Pure.

CloudWatch trains a model on up to two weeks and knows hours, days and weeks (CloudWatch User Guide, "Using CloudWatch
anomaly detection"). Here the band is the mean of the periods before those that are evaluated, give or take so many
standard deviations: it finds what is unlike before, and knows no rhythm. Below a least number of such periods there is
no band, and the datapoints count as missing.
"""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEARNT_PERIODS = 120
"""How many periods before the evaluated ones are looked at."""

_LEAST = 10
_DEFAULT_WIDTH = 2.0
_EXPRESSION = re.compile(r"\s*ANOMALY_DETECTION_BAND\(\s*(?P<id>\w+)\s*(?:,\s*(?P<width>\d+\.?\d*)\s*)?\)\s*")
FUNCTION = "ANOMALY_DETECTION_BAND"


@dataclass(frozen=True, kw_only=True)
class Band:
    """What an alarm compares its metric with."""

    metric_id: str
    width: float
    """Half its width, in standard deviations."""

    def bounds(self, history: Sequence[float | None]) -> tuple[float, float] | None:
        """The lower and the upper bound after such values, one per period; None when they are too few."""
        known = [value for value in history if value is not None]
        if len(known) < _LEAST:
            return None
        centre, spread = statistics.fmean(known), statistics.pstdev(known)
        return centre - self.width * spread, centre + self.width * spread


def read_band(queries: Sequence[Mapping[str, Any]], threshold_id: str) -> Band:
    """The band that ``ThresholdMetricId`` names.

    Raises:
        ValueError: There is no such query, it is no band, or its metric is not in the list as a metric.
    """
    by_id = {str(query.get("Id")): query for query in queries}
    match = _EXPRESSION.fullmatch(str(by_id.get(threshold_id, {}).get("Expression", "")))
    if not match:
        raise ValueError(f"ThresholdMetricId {threshold_id!r} must name an expression {FUNCTION}(metric, width).")
    if not by_id.get(match["id"], {}).get("MetricStat"):
        raise ValueError(f"{FUNCTION}({match['id']}): only a band around a metric is supported by the embedded AWS.")
    return Band(metric_id=match["id"], width=float(match["width"] or _DEFAULT_WIDTH))
