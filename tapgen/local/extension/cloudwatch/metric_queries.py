"""GetMetricData and GetMetricStatistics in shortened AWS time: a period of 60 is an AWS minute.

So a datapoint here is what an alarm of the same period compares with its threshold, and a canary of ten minutes has ten
of them. Points count from the moment that they are recorded, those of the period that is running included. CloudWatch
API reference, GetMetricData, GetMetricStatistics; User Guide, "Using math expressions with CloudWatch metrics".
Requests in the query protocol, which boto3 does not send, are left to MiniStack.
"""

from __future__ import annotations

import functools
import json
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ministack.services import cloudwatch

from tapgen.local.extension.cloudwatch import alarm_math, metric_searches, metric_store
from tapgen.local.extension.cloudwatch.math_functions import Array
from tapgen.local.extension.cloudwatch.metric_searches import Metric
from tapgen.local.extension.seams import Seam, original, replace
from tapgen.local.extension.time_scale import TimeScale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tapgen.local.extension.cloudwatch.math_functions import Series, Value
    from tapgen.local.extension.cloudwatch.metric_searches import Search
    from tapgen.local.extension.settings import Settings

    Point = dict[str, Any]
    Response = tuple[int, dict[str, str], bytes]

_MODULE = "ministack.services.cloudwatch"
_GET_DATA = Seam(
    module=_MODULE,
    attribute="_get_metric_data",
    parameters=("params", "cbor_data", "is_cbor", "is_json"),
    gap="Lives in wall time, ignores ScanBy, whose default is the newest first, has no expressions, and labels a "
    "metric with the id of its query.",
)
_GET_STATISTICS = Seam(
    module=_MODULE,
    attribute="_get_metric_statistics",
    parameters=("params", "cbor_data", "is_cbor", "is_json"),
    gap="Lives in wall time; ignores Unit.",
)


def _used(attribute: str, *parameters: str) -> Seam:
    return Seam(module=_MODULE, attribute=attribute, parameters=parameters or None, gap="used only")


SEAMS: tuple[Seam, ...] = (
    _GET_DATA,
    _GET_STATISTICS,
    _used("_metrics"),
    _used("_parse_ts", "value"),
    _used("_dims_key", "dims"),
    _used("_dims_from_list", "dimensions"),
    _used("_calc_stats", "points"),
    _used("_stat_value", "stats", "stat_name", "points"),
    _used("_is_percentile_stat", "stat_name"),
    _used("_cbor_ok", "data"),
    _used("_cbor_metric_data_result", "result"),
    _used("_cbor_datapoint", "dp"),
    _used("_error", "code", "message", "status"),
)

_STATISTICS = ["SampleCount", "Sum", "Average", "Minimum", "Maximum"]


def install(settings: Settings) -> None:
    """Replace both operations."""
    queries = Queries(TimeScale(settings.minute_s), clock=time.time)
    replace(_GET_DATA, _unless_query_protocol(original(_GET_DATA), queries.data, _data_response))
    replace(
        _GET_STATISTICS, _unless_query_protocol(original(_GET_STATISTICS), queries.statistics, _statistics_response)
    )


class Queries:
    """Answers questions about metrics of the current account and region.

    Args:
        time_scale: How long an AWS minute takes.
        clock: Seconds since the epoch, the clock that points are stamped with.
    """

    def __init__(self, time_scale: TimeScale, *, clock: Callable[[], float]) -> None:
        self._time_scale = time_scale
        self._clock = clock

    def data(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetMetricData.

        Raises:
            ValueError: An expression cannot be evaluated.
        """
        queries = request.get("MetricDataQueries", [])
        start, end = self._range(request)
        curves: dict[str, Curves] = {}
        for query in queries:
            if not query.get("Expression"):
                curves[query["Id"]] = Curves.single(self._series(query["MetricStat"], start, end))
        self._add_expressions(queries, curves, (start, end))
        newest_first = request.get("ScanBy") != "TimestampAscending"
        results = [
            _result(query, label, sorted(values.items(), reverse=newest_first))
            for query in queries
            if query.get("ReturnData", True)
            for label, values in curves[query["Id"]].labelled
        ]
        return {"MetricDataResults": results, "Messages": []}

    def statistics(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetMetricStatistics."""
        plain, extended = request.get("Statistics") or [], request.get("ExtendedStatistics") or []
        start, end = self._range(request)
        points = _points(request, start, end)
        found = []
        for moment, bucket in sorted(
            _buckets(points, self._time_scale.wall_s(int(request.get("Period") or 60))).items()
        ):
            wanted = plain if plain or extended else _STATISTICS
            datapoint = {"Timestamp": moment, "Unit": bucket[0]["Unit"]}
            datapoint |= {name: _value(bucket, name) for name in wanted}
            percentiles = {name: _value(bucket, name) for name in extended}
            found.append(datapoint | ({"ExtendedStatistics": percentiles} if percentiles else {}))
        return {"Label": request.get("MetricName"), "Datapoints": found}

    def _range(self, request: dict[str, Any]) -> tuple[float, float]:
        """From when to when. A start among points that have been merged is one of their minutes."""
        start = cloudwatch._parse_ts(request.get("StartTime")) or 0.0  # noqa: SLF001 - a seam
        end = cloudwatch._parse_ts(request.get("EndTime"))  # noqa: SLF001 - a seam
        if start < self._clock() - metric_store.kept_apart_s(self._time_scale):
            start = start // metric_store.MERGED_S * metric_store.MERGED_S
        return start, float("inf") if end is None else end

    def _series(self, wanted: dict[str, Any], start: float, end: float) -> dict[float, float]:
        points = _points({**wanted["Metric"], "Unit": wanted.get("Unit")}, start, end)
        buckets = _buckets(points, self._time_scale.wall_s(int(wanted.get("Period") or 60)))
        values = {moment: _value(bucket, str(wanted.get("Stat"))) for moment, bucket in buckets.items()}
        return {moment: value for moment, value in values.items() if value is not None}

    def _add_expressions(
        self, queries: list[dict[str, Any]], curves: dict[str, Curves], within: tuple[float, float]
    ) -> None:
        """The values of expressions, in each period in which any of the metrics has one."""
        texts = {}
        for query in queries:
            if query.get("Expression"):
                texts[query["Id"]], searches = metric_searches.take_searches(query["Expression"])
                for index, search in enumerate(searches):
                    curves[f"{query['Id']}.search{index}"] = self._searched(search, query, within)
        metrics = [query["Id"] for query in queries if not query.get("Expression")]
        moments = sorted({moment for found in curves.values() for _, values in found.labelled for moment in values})
        plain = [query | ({"Expression": texts[query["Id"]]} if query["Id"] in texts else {}) for query in queries]
        for each in alarm_math.in_order(plain):
            if each.get("Expression"):
                own = f"{each['Id']}."
                known = {name.removeprefix(own): found.value(moments) for name, found in curves.items()}
                series = {name: curves[name].only(moments) for name in metrics}
                value = alarm_math.evaluate_any(each["Expression"], known, periods=len(moments), metrics=series)
                curves[each["Id"]] = Curves.of(value, moments)

    def _searched(self, search: Search, query: dict[str, Any], within: tuple[float, float]) -> Curves:
        metrics = {
            Metric(namespace, name, tuple(sorted(points[0].get("Dimensions", {}).items())))
            for (namespace, name, _), points in list(cloudwatch._metrics.items())  # noqa: SLF001 - a seam
            if points
        }
        found = metric_searches.find(search, metrics)
        period = search.period_s or query.get("Period") or 60
        labels = metric_searches.label_all(str(query.get("Label") or ""), found)
        curves = [
            (label, self._series(_stat(metric, search, period), *within))
            for label, metric in zip(labels, found, strict=True)
        ]
        return Curves([(label, values) for label, values in curves if values], is_array=True)


@dataclass(frozen=True)
class Curves:
    """The one series of a query, or the several ones of a search, by their labels."""

    labelled: list[tuple[str, dict[float, float]]]
    is_array: bool = False

    @classmethod
    def single(cls, values: dict[float, float]) -> Curves:
        """One series."""
        return cls([("", values)])

    @classmethod
    def of(cls, value: Value, moments: list[float]) -> Curves:
        """What an expression came to; values that are missing are left out."""
        if not isinstance(value, Array):
            return cls.single(_present(value, moments))
        labels = value.labels or ("",) * len(value.members)
        pairs = zip(labels, value.members, strict=True)
        found = [(label, _present(member, moments)) for label, member in pairs]
        return cls([(label, values) for label, values in found if values], is_array=True)

    def value(self, moments: list[float]) -> Value:
        """The series, period by period, for expressions."""
        # An array of nothing still has periods, which aggregates go through.
        labelled = self.labelled or [("", {})]
        members = tuple(tuple(values.get(moment) for moment in moments) for _, values in labelled)
        return Array(members, tuple(label for label, _ in labelled)) if self.is_array else members[0]

    def only(self, moments: list[float]) -> Series:
        """The one series, period by period."""
        return tuple(self.labelled[0][1].get(moment) for moment in moments)


def _present(series: Series, moments: list[float]) -> dict[float, float]:
    return {moment: value for moment, value in zip(moments, series, strict=True) if value is not None}


def _stat(metric: Metric, search: Search, period: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    named = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    return {"Metric": named, "Stat": search.statistic, "Period": period}


def _result(query: dict[str, Any], label: str, values: list[tuple[float, float]]) -> dict[str, Any]:
    name = query.get("MetricStat", {}).get("Metric", {}).get("MetricName") or query["Id"]
    return {
        "Id": query["Id"],
        "Label": label or query.get("Label") or name,
        "Timestamps": [moment for moment, _ in values],
        "Values": [value for _, value in values],
        "StatusCode": "Complete",
    }


def _points(metric: dict[str, Any], start: float, end: float) -> list[Point]:
    """The points of one metric with exactly its dimensions."""
    dimensions = cloudwatch._dims_from_list(metric.get("Dimensions") or [])  # noqa: SLF001 - a seam
    key = (metric.get("Namespace"), metric.get("MetricName"), cloudwatch._dims_key(dimensions))  # noqa: SLF001 - a seam
    unit = metric.get("Unit")
    return [
        point
        for point in list(cloudwatch._metrics.get(key) or ())  # noqa: SLF001 - a seam
        if start <= point["Timestamp"] < end and (not unit or point["Unit"] == unit)
    ]


def _buckets(points: Iterable[Point], length_s: float) -> dict[float, list[Point]]:
    """Points by the start of their period."""
    found: dict[float, list[Point]] = defaultdict(list)
    for point in points:
        found[round(point["Timestamp"] // length_s * length_s, 3)].append(point)
    return found


def _value(points: list[Point], statistic: str) -> float | None:
    value = cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points)  # noqa: SLF001 - a seam
    return None if value is None else float(value)


def _unless_query_protocol(
    as_before: Callable[..., Response],
    answer: Callable[[dict[str, Any]], dict[str, Any]],
    as_cbor: Callable[[dict[str, Any]], dict[str, Any]],
) -> Callable[..., Response]:
    @functools.wraps(as_before)
    def handle(params: Any, request: dict[str, Any], is_cbor: Any, is_json: Any = False) -> Response:  # noqa: FBT002 - MiniStack's signature
        if not is_cbor and not is_json:
            return as_before(params, request, is_cbor, is_json)
        try:
            found = answer(request)
        except ValueError as error:
            refusal: Response = cloudwatch._error(  # noqa: SLF001 - a seam
                "ValidationError", str(error), 400, use_json=is_json, use_cbor=is_cbor
            )
            return refusal
        if is_cbor:
            encoded: Response = cloudwatch._cbor_ok(as_cbor(found))  # noqa: SLF001 - a seam
            return encoded
        return 200, {"Content-Type": "application/json"}, json.dumps(found).encode()

    return handle


def _data_response(found: dict[str, Any]) -> dict[str, Any]:
    results = found["MetricDataResults"]
    return {**found, "MetricDataResults": [cloudwatch._cbor_metric_data_result(each) for each in results]}  # noqa: SLF001 - a seam


def _statistics_response(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "Datapoints": [cloudwatch._cbor_datapoint(each) for each in found["Datapoints"]]}  # noqa: SLF001 - a seam
