"""GetMetricData and GetMetricStatistics: what callers see of metrics whose minute is short."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.extension.conftest import MINUTE_S
from tests.local.extension.shift_observed import Observed
from tests.local.extension.shift_service import Guarded
from tests.local.extension.test_metrics import STATUS, call, http_api

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

MINUTE = float(MINUTE_S)
FAILS_SOMETIMES = """def handler(event, context):
    if event == "fail":
        raise RuntimeError("on purpose")  # %d
"""


@pytest.fixture
def cloudwatch(shift_client: ClientFactory) -> Any:
    return shift_client("cloudwatch")


def query(name: str, namespace: str, metric: str, statistic: str, **dimensions: str) -> dict[str, Any]:
    listed = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    found = {"Namespace": namespace, "MetricName": metric, "Dimensions": listed}
    return {"Id": name, "MetricStat": {"Metric": found, "Period": 60, "Stat": statistic}}


def ask(cloudwatch: Any, *queries: dict[str, Any], since: datetime, **options: Any) -> dict[str, dict[str, Any]]:
    """The results by their ids, from a moment until now."""
    found = cloudwatch.get_metric_data(
        MetricDataQueries=list(queries), StartTime=since, EndTime=datetime.now(UTC), **options
    )
    return {result["Id"]: result for result in found["MetricDataResults"]}


def moment() -> datetime:
    """Now, and no earlier call within the same millisecond, which requests round to."""
    time.sleep(0.01)
    return datetime.now(UTC)


def test_totals_of_a_version_since_a_moment(
    cloudwatch: Any, shift_client: ClientFactory, shift_stacks: Stacks, name: str
) -> None:
    """Everything since then counts, the period that is running included, and nothing from before."""
    service, observed = Guarded(name, code=FAILS_SOMETIMES), Observed(shift_client, name)
    assert shift_stacks.create(name, service.template()) == "CREATE_COMPLETE"
    executed = {"FunctionName": name, "Resource": f"{name}:live", "ExecutedVersion": "1"}
    queries = [
        query("requests", "AWS/Lambda", "Invocations", "Sum", **executed),
        query("errors", "AWS/Lambda", "Errors", "Sum", **executed),
        query("all", "AWS/Lambda", "Invocations", "Sum", FunctionName=name),
        query("alias", "AWS/Lambda", "Invocations", "Sum", FunctionName=name, Resource=f"{name}:live"),
        query("slow", "AWS/Lambda", "Duration", "p90", **executed),
    ]
    for _ in range(3):
        observed.invoke()
    since = moment()
    for event in ("ok", "fail", "ok", "fail"):
        observed.invoke(event=event)
    observed.invoke("1")
    found = ask(cloudwatch, *queries, since=since)
    totals = {key: sum(result["Values"]) for key, result in found.items()}
    assert {key: totals[key] for key in ("requests", "errors", "all", "alias")} == {
        "requests": 4,
        "errors": 2,
        "all": 5,
        "alias": 4,
    }
    assert all(value > 0 for value in found["slow"]["Values"])
    assert found["requests"]["Label"] == "Invocations"
    assert found["requests"]["StatusCode"] == "Complete"


def test_totals_of_an_http_api(cloudwatch: Any, shift_client: ClientFactory, shift_stacks: Stacks, name: str) -> None:
    """For the API and for its stage; a percentile of its latency."""
    template = Guarded(name, code=STATUS).template(**http_api(name))
    assert shift_stacks.create(name, template) == "CREATE_COMPLETE"
    api = shift_stacks.resources(name)["Api"]
    since = moment()
    for status in (200, 404, 503, 200):
        call(shift_client, api, f"/{status}")
    for where in ({"ApiId": api}, {"ApiId": api, "Stage": "$default"}):
        counts = [
            query(f"m{metric.lower()}", "AWS/ApiGateway", metric, "Sum", **where) for metric in ("Count", "4xx", "5xx")
        ]
        latencies = [
            query(metric.lower(), "AWS/ApiGateway", metric, "p90", **where)
            for metric in ("Latency", "IntegrationLatency")
        ]
        found = ask(cloudwatch, *counts, *latencies, since=since)
        assert [sum(found[key]["Values"]) for key in ("mcount", "m4xx", "m5xx")] == [4, 1, 1]
        assert max(found["latency"]["Values"]) >= max(found["integrationlatency"]["Values"]) > 0


def publish(cloudwatch: Any, name: str, *values: tuple[float, float]) -> datetime:
    """Publish values some AWS minutes ago; the moment that they are counted from, the start of a period."""
    now = (time.time() // MINUTE - 20) * MINUTE
    data = [
        {"MetricName": "Made", "Value": value, "Timestamp": datetime.fromtimestamp(now + (minute + 0.5) * MINUTE, UTC)}
        for minute, value in values
    ]
    cloudwatch.put_metric_data(Namespace=name, MetricData=data)
    return datetime.fromtimestamp(now, UTC)


def test_a_period_is_an_aws_minute(cloudwatch: Any, name: str) -> None:
    """One value for each, at its start; the newest comes first unless the caller wants it last."""
    since = publish(cloudwatch, name, (0, 1.0), (0, 2.0), (3, 4.0))
    (found,) = ask(cloudwatch, query("m", name, "Made", "Sum"), since=since).values()
    assert found["Values"] == [4.0, 3.0]
    between = found["Timestamps"][0] - found["Timestamps"][1]
    assert abs(between - timedelta(seconds=3 * MINUTE)) < timedelta(milliseconds=5)
    (found,) = ask(cloudwatch, query("m", name, "Made", "Sum"), since=since, ScanBy="TimestampAscending").values()
    assert found["Values"] == [3.0, 4.0]
    (found,) = ask(cloudwatch, query("m", name, "Made", "Sum"), since=since + timedelta(seconds=MINUTE)).values()
    assert found["Values"] == [4.0]


def test_statistics_by_period(cloudwatch: Any, name: str) -> None:
    """GetMetricStatistics sees the same periods, and looks at units."""
    since = publish(cloudwatch, name, (0, 1.0), (0, 3.0), (2, 5.0))
    asked = {
        "Namespace": name,
        "MetricName": "Made",
        "StartTime": since,
        "EndTime": datetime.now(UTC),
        "Period": 60,
        "Statistics": ["Sum", "SampleCount", "Average"],
        "ExtendedStatistics": ["p50"],
    }
    found = cloudwatch.get_metric_statistics(**asked)
    assert found["Label"] == "Made"
    first, second = found["Datapoints"]
    assert (first["Sum"], first["SampleCount"], first["Average"]) == (4.0, 2.0, 2.0)
    assert (second["Sum"], second["ExtendedStatistics"]) == (5.0, {"p50": 5.0})
    assert cloudwatch.get_metric_statistics(**asked, Unit="Bytes")["Datapoints"] == []


def test_expressions_are_computed_by_period(cloudwatch: Any, name: str) -> None:
    """From metrics and from each other, whatever their order; what only feeds them need not be returned."""
    since = publish(cloudwatch, name, (0, 2.0), (3, 4.0))
    made = query("made", name, "Made", "Sum") | {"ReturnData": False}
    queries = [
        {"Id": "more", "Expression": "twice + 1", "Label": "more than twice"},
        {"Id": "twice", "Expression": "made * 2"},
        made,
    ]
    found = ask(cloudwatch, *queries, since=since)
    assert {key: result["Values"] for key, result in found.items()} == {"more": [9.0, 5.0], "twice": [8.0, 4.0]}
    assert found["more"]["Label"] == "more than twice"
    with pytest.raises(ClientError, match="ValidationError"):
        ask(cloudwatch, {"Id": "bad", "Expression": "made +"}, made, since=since)
