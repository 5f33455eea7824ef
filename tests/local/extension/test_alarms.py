"""Alarms against the embedded AWS: they see their own metric only, act by themselves, and combine."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.conftest import MINUTE_S, until
from tests.local.extension.shift_observed import Inbox
from tests.local.extension.shift_service import alarm

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks


@pytest.fixture
def cloudwatch(shift_client: ClientFactory) -> Any:
    return shift_client("cloudwatch")


def put(cloudwatch: Any, name: str, **properties: Any) -> None:
    cloudwatch.put_metric_alarm(**alarm(name, **{"TreatMissingData": "notBreaching", **properties})["Properties"])


def state(cloudwatch: Any, name: str) -> str:
    found = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    (only,) = found["MetricAlarms"] + found["CompositeAlarms"]
    return str(only["StateValue"])


def publish(cloudwatch: Any, metric: str, value: float, **dimensions: str) -> None:
    datum = {
        "MetricName": metric,
        "Value": value,
        "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions.items()],
    }
    cloudwatch.put_metric_data(Namespace="Tests", MetricData=[datum])


def test_an_alarm_sees_only_its_own_dimensions(cloudwatch: Any, name: str) -> None:
    """Errors of another function turn nothing red but that function's alarm."""
    for function in ("one", "two"):
        dimensions = [{"Name": "FunctionName", "Value": function}]
        put(cloudwatch, f"{name}-{function}", MetricName=name, Dimensions=dimensions)
    put(cloudwatch, f"{name}-none", MetricName=name)
    until(lambda: state(cloudwatch, f"{name}-one") == "OK")
    publish(cloudwatch, name, 1.0, FunctionName="two")
    until(lambda: state(cloudwatch, f"{name}-two") == "ALARM")
    assert state(cloudwatch, f"{name}-one") == "OK"
    assert state(cloudwatch, f"{name}-none") == "OK"


def test_an_alarm_turns_red_and_green_by_itself(cloudwatch: Any, name: str) -> None:
    """Without any further request, and its history tells why."""
    put(cloudwatch, name)
    publish(cloudwatch, name, 3.0)
    until(lambda: state(cloudwatch, name) == "ALARM")
    until(lambda: state(cloudwatch, name) == "OK")
    history = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    summaries = [item["HistorySummary"] for item in history]
    assert "Alarm updated from OK to ALARM" in summaries or "Alarm updated from INSUFFICIENT_DATA to ALARM" in summaries
    assert "Alarm updated from ALARM to OK" in summaries
    told = r"\[3\.0 \([^)]*\)\] was greater than the threshold \(0\.0\)"
    assert any(re.search(told, item["HistoryData"]) for item in history)


def described(cloudwatch: Any, name: str) -> dict[str, Any]:
    (found,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    alarm: dict[str, Any] = found
    return alarm


def test_a_transition_is_described_with_its_datapoints(cloudwatch: Any, name: str) -> None:
    """StateReasonData as CloudWatch has it; the moments are exact although a minute is shorter than a second."""
    put(cloudwatch, name, DatapointsToAlarm=1, Unit="Count")
    until(lambda: state(cloudwatch, name) == "OK")
    quiet = json.loads(described(cloudwatch, name)["StateReasonData"])
    assert quiet["recentDatapoints"] == []
    assert "startDate" not in quiet
    # Nothing turns it green again, so that a slow machine sees it red too.
    put(cloudwatch, name, DatapointsToAlarm=1, Unit="Count", TreatMissingData="ignore")
    before = datetime.now(UTC)
    datum = {"MetricName": name, "Value": 3.0, "Unit": "Count"}
    cloudwatch.put_metric_data(Namespace="Tests", MetricData=[datum])
    until(lambda: state(cloudwatch, name) == "ALARM")
    alarm = described(cloudwatch, name)
    after = datetime.now(UTC)

    data = json.loads(alarm["StateReasonData"])
    started = data.pop("startDate")
    asked = datetime.strptime(data.pop("queryDate"), "%Y-%m-%dT%H:%M:%S.%f%z")
    assert data == {
        "version": "1.0",
        "unit": "Count",
        "statistic": "Sum",
        "period": 60,
        "recentDatapoints": [3.0],
        "threshold": 0.0,
        "evaluatedDatapoints": [{"timestamp": started, "sampleCount": 1.0, "value": 3.0}],
    }
    assert before < alarm["StateTransitionedTimestamp"] < after
    assert alarm["StateUpdatedTimestamp"] == alarm["StateTransitionedTimestamp"]
    assert abs(asked - alarm["StateTransitionedTimestamp"]) < timedelta(milliseconds=2)
    stamp = r"\[3\.0 \(\d\d/\d\d/\d\d \d\d:\d\d:\d\d\)\]"
    told = rf"Threshold Crossed: 1 out of the last 1 datapoints {stamp} was greater than the threshold \(0\.0\) .*"
    assert re.fullmatch(told, alarm["StateReason"])


def test_a_history_tells_both_states(cloudwatch: Any, name: str) -> None:
    """Newest first, to the millisecond, with the reasons of the state before and of the new one."""
    put(cloudwatch, name, TreatMissingData="ignore")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="first")
    publish(cloudwatch, name, 1.0)
    until(lambda: state(cloudwatch, name) == "ALARM")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="by hand")
    history = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in history][:2] == [
        "Alarm updated from ALARM to OK",
        "Alarm updated from OK to ALARM",
    ]
    stamps = [item["Timestamp"] for item in history]
    assert stamps == sorted(stamps, reverse=True)
    assert any(stamp.microsecond for stamp in stamps)
    by_hand, by_itself = (json.loads(item["HistoryData"]) for item in history[:2])
    assert by_itself["oldState"]["stateReason"] == "first"
    assert by_itself["newState"]["stateReasonData"]["recentDatapoints"] == [1.0]
    assert by_hand["oldState"]["stateReasonData"] == by_itself["newState"]["stateReasonData"]
    assert by_hand["newState"] == {"stateValue": "OK", "stateReason": "by hand"}


def test_setting_a_state_moves_its_times(cloudwatch: Any, name: str) -> None:
    """The transition is now; what an evaluation had found is not said of a state that was set."""
    put(cloudwatch, name, TreatMissingData="ignore")
    publish(cloudwatch, name, 1.0)
    until(lambda: state(cloudwatch, name) == "ALARM")
    reached = described(cloudwatch, name)
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="by hand")
    alarm = described(cloudwatch, name)
    assert "StateReasonData" in reached
    assert "StateReasonData" not in alarm
    assert alarm["StateTransitionedTimestamp"] > reached["StateTransitionedTimestamp"]
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="once more")
    again = described(cloudwatch, name)
    assert again["StateTransitionedTimestamp"] == alarm["StateTransitionedTimestamp"]
    assert again["StateUpdatedTimestamp"] > alarm["StateUpdatedTimestamp"]


def test_without_data_an_alarm_says_so(cloudwatch: Any, name: str) -> None:
    """``missing`` is the default treatment."""
    put(cloudwatch, name, TreatMissingData="missing")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="test")
    until(lambda: state(cloudwatch, name) == "INSUFFICIENT_DATA")


def test_a_percentile_is_not_an_average(cloudwatch: Any, name: str) -> None:
    """One slow request in five moves p90 over the threshold and leaves the median under it."""
    for statistic in ("p90", "p50"):
        properties = alarm(f"{name}-{statistic}", MetricName=name, Threshold=100, TreatMissingData="notBreaching")
        request = {**properties["Properties"], "ExtendedStatistic": statistic}
        del request["Statistic"]
        cloudwatch.put_metric_alarm(**request)
    until(lambda: state(cloudwatch, f"{name}-p50") == "OK")
    values = {"MetricName": name, "Values": [10.0, 1000.0], "Counts": [4.0, 1.0]}
    cloudwatch.put_metric_data(Namespace="Tests", MetricData=[values])
    until(lambda: state(cloudwatch, f"{name}-p90") == "ALARM")
    assert state(cloudwatch, f"{name}-p50") == "OK"


def test_setting_a_state_holds_until_the_next_evaluation(cloudwatch: Any, name: str) -> None:
    """A healthy alarm that is set to ALARM returns by itself."""
    put(cloudwatch, name)
    until(lambda: state(cloudwatch, name) == "OK")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert state(cloudwatch, name) == "ALARM"
    until(lambda: state(cloudwatch, name) == "OK")


def metrics(name: str) -> list[dict[str, Any]]:
    def stat(query_id: str) -> dict[str, Any]:
        metric = {"Namespace": "Tests", "MetricName": f"{name}-{query_id}"}
        return {
            "Id": query_id,
            "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"},
            "ReturnData": False,
        }

    rate = {"Id": "rate", "Expression": "100 * FILL(errors, 0) / requests", "Label": "error rate"}
    return [rate, stat("errors"), stat("requests")]


def math_alarm(name: str) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "Metrics": metrics(name),
        "EvaluationPeriods": 1,
        "Threshold": 20,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }


def test_an_alarm_over_an_expression(cloudwatch: Any, name: str) -> None:
    """A rate of two metrics, put over the API; it is described as it was put."""
    cloudwatch.put_metric_alarm(**math_alarm(name))
    (described,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert [query["Id"] for query in described["Metrics"]] == ["rate", "errors", "requests"]
    assert "MetricName" not in described
    publish(cloudwatch, f"{name}-requests", 10.0)
    until(lambda: state(cloudwatch, name) == "OK")
    publish(cloudwatch, f"{name}-requests", 10.0)
    publish(cloudwatch, f"{name}-errors", 9.0)
    until(lambda: state(cloudwatch, name) == "ALARM")


def test_an_alarm_over_an_expression_in_a_template(cloudwatch: Any, shift_stacks: Stacks, name: str) -> None:
    """The same from CloudFormation, where numbers may be text; its update keeps it in place."""
    properties = math_alarm(name) | {"Threshold": "20", "EvaluationPeriods": "1"}
    template: dict[str, Any] = {"Resources": {"Rate": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}}
    assert shift_stacks.create(name, template) == "CREATE_COMPLETE"
    publish(cloudwatch, f"{name}-requests", 10.0)
    publish(cloudwatch, f"{name}-errors", 9.0)
    until(lambda: state(cloudwatch, name) == "ALARM")
    properties["Threshold"] = "95"
    assert shift_stacks.update(name, template) == "UPDATE_COMPLETE"
    until(lambda: state(cloudwatch, name) == "OK")
    assert shift_stacks.delete(name) == "DELETE_COMPLETE"
    assert cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []


def test_a_metric_that_leaves_its_band_is_an_alarm(cloudwatch: Any, name: str) -> None:
    """Against the mean and the deviation of the periods before; back in the band it is over."""
    query = metrics(name)[1] | {"Id": "m", "ReturnData": True}
    request = math_alarm(name) | {
        "ThresholdMetricId": "band",
        "ComparisonOperator": "GreaterThanUpperThreshold",
        "Metrics": [query, {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m, 3)", "ReturnData": True}],
    }
    del request["Threshold"]
    metric = query["MetricStat"]["Metric"]
    minute_s, now = float(MINUTE_S), datetime.now(UTC)
    # Twenty quiet minutes, recorded with the times at which they would have been.
    data = [
        {
            "MetricName": metric["MetricName"],
            "Value": 10.0 + index % 2,
            "Timestamp": now - timedelta(seconds=(index + 2) * minute_s),
        }
        for index in range(20, 0, -1)
    ]
    cloudwatch.put_metric_data(Namespace=metric["Namespace"], MetricData=data)
    cloudwatch.put_metric_alarm(**request)
    assert described(cloudwatch, name)["ThresholdMetricId"] == "band"
    until(lambda: state(cloudwatch, name) == "OK")
    publish(cloudwatch, metric["MetricName"], 500.0)
    until(lambda: state(cloudwatch, name) == "ALARM")
    until(lambda: state(cloudwatch, name) == "OK")


def test_a_window_of_many_minutes_moves_on_with_each(cloudwatch: Any, name: str) -> None:
    """An alarm over an hour goes off in the minute of the breach, not at the end of the hour."""
    put(cloudwatch, name, Period=3600)
    publish(cloudwatch, name, 1.0)
    # An hour takes twelve seconds here: were windows aligned to it, this could only be met by luck.
    until(lambda: state(cloudwatch, name) == "ALARM")
    changed = described(cloudwatch, name)["StateUpdatedTimestamp"]
    points = json.loads(described(cloudwatch, name)["StateReasonData"])
    assert points["period"] == 3600
    assert (changed - datetime.strptime(points["startDate"], "%Y-%m-%dT%H:%M:%S.%f%z")) > timedelta(
        seconds=60 * float(MINUTE_S)
    )


def test_a_percentile_rank_decides(cloudwatch: Any, name: str) -> None:
    """PR(:100): the share of values up to 100."""
    rule = {"ExtendedStatistic": "PR(:100)", "Threshold": 60.0, "ComparisonOperator": "LessThanThreshold"}
    properties = alarm(name, Period=600, TreatMissingData="notBreaching", **rule)["Properties"]
    del properties["Statistic"]
    cloudwatch.put_metric_alarm(**properties)
    for value in (50.0, 500.0):
        publish(cloudwatch, name, value)
    until(lambda: state(cloudwatch, name) == "ALARM")
    assert json.loads(described(cloudwatch, name)["StateReasonData"])["recentDatapoints"][-1] == 50.0


def test_an_alarm_tells_its_topic(shift_client: ClientFactory, cloudwatch: Any, name: str) -> None:
    """Going red and going green."""
    inbox = Inbox(shift_client, name)
    put(cloudwatch, name, AlarmActions=[inbox.topic], OKActions=[inbox.topic])
    until(lambda: state(cloudwatch, name) == "OK")
    publish(cloudwatch, name, 1.0)
    until(lambda: [message["NewStateValue"] for message in inbox.messages()][-2:] == ["ALARM", "OK"])
    assert {message["AlarmName"] for message in inbox.messages()} == {name}
