"""Composite alarms: they follow their children, and stay quiet while they are suppressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.conftest import until
from tests.local.extension.shift_observed import Inbox
from tests.local.extension.shift_service import alarm
from tests.local.extension.test_alarms import publish, state

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks


@pytest.fixture
def cloudwatch(shift_client: ClientFactory) -> Any:
    return shift_client("cloudwatch")


def test_a_composite_alarm_follows_its_children(cloudwatch: Any, shift_stacks: Stacks, name: str) -> None:
    """From a template; AND, OR and NOT; its update changes the rule, its deletion removes it."""
    children = {
        each: alarm(f"{name}-{each}", TreatMissingData="notBreaching", MetricName=f"{name}-{each}")
        for each in ("one", "two")
    }
    composite: dict[str, Any] = {
        "Type": "AWS::CloudWatch::CompositeAlarm",
        "Properties": {
            "AlarmName": name,
            "AlarmRule": {"Fn::Sub": "ALARM(${one}) AND NOT ALARM(${two})"},
            "Tags": [{"Key": "owner", "Value": "us"}],
        },
    }
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Composite", "Arn"]}}}
    template = {"Resources": {**children, "Composite": composite}, "Outputs": outputs}
    assert shift_stacks.create(name, template) == "CREATE_COMPLETE"
    arn = shift_stacks.outputs(name)["Arn"]
    assert arn.endswith(f":alarm:{name}")
    assert {"Key": "owner", "Value": "us"} in cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]
    publish(cloudwatch, f"{name}-one", 1.0)
    until(lambda: state(cloudwatch, name) == "ALARM")
    until(lambda: state(cloudwatch, name) == "OK")
    composite["Properties"]["AlarmRule"] = {"Fn::Sub": "ALARM(${one}) OR ALARM(${two})"}
    assert shift_stacks.update(name, template) == "UPDATE_COMPLETE"
    publish(cloudwatch, f"{name}-two", 1.0)
    until(lambda: state(cloudwatch, name) == "ALARM")
    assert shift_stacks.delete(name) == "DELETE_COMPLETE"


def test_a_composite_alarm_that_names_a_missing_child_fails(shift_stacks: Stacks, name: str) -> None:
    """With the service's own text."""
    composite = {
        "Type": "AWS::CloudWatch::CompositeAlarm",
        "Properties": {"AlarmName": name, "AlarmRule": "ALARM(nowhere)"},
    }
    assert shift_stacks.create(name, {"Resources": {"Composite": composite}}) == "ROLLBACK_COMPLETE"
    assert any("do not exist" in reason for _, _, reason in shift_stacks.events(name))


def test_a_suppressed_composite_alarm_stays_quiet(
    shift_client: ClientFactory, cloudwatch: Any, shift_stacks: Stacks, name: str
) -> None:
    """Its state changes, its actions are not taken, while the suppressor is in ALARM."""
    inbox = Inbox(shift_client, name)
    children = {each: alarm(f"{name}-{each}") for each in ("child", "quiet")}
    composite = {
        "Type": "AWS::CloudWatch::CompositeAlarm",
        "DependsOn": ["child", "quiet"],
        "Properties": {
            "AlarmName": name,
            "AlarmRule": f"ALARM({name}-child)",
            "AlarmActions": [inbox.topic],
            "ActionsSuppressor": f"{name}-quiet",
            "ActionsSuppressorWaitPeriod": 60,
            "ActionsSuppressorExtensionPeriod": 60,
        },
    }
    assert shift_stacks.create(name, {"Resources": {**children, "Composite": composite}}) == "CREATE_COMPLETE"
    for each, wanted in (("quiet", "ALARM"), ("child", "ALARM"), ("child", "OK"), ("quiet", "OK")):
        cloudwatch.set_alarm_state(AlarmName=f"{name}-{each}", StateValue=wanted, StateReason="test")
    assert inbox.messages() == []
    cloudwatch.set_alarm_state(AlarmName=f"{name}-child", StateValue="ALARM", StateReason="test")
    until(inbox.messages)
    assert [message["AlarmName"] for message in inbox.messages()] == [name]
    history = cloudwatch.describe_alarm_history(
        AlarmName=name, AlarmTypes=["CompositeAlarm"], HistoryItemType="Action"
    )["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in history] == [f"Successfully executed action {inbox.topic}"]


def _suppressible(inbox: Inbox, name: str, *, wait_s: int, extension_s: int) -> dict[str, Any]:
    # Their states stay as they are set.
    children = {each: alarm(f"{name}-{each}", TreatMissingData="ignore") for each in ("child", "quiet")}
    composite = {
        "Type": "AWS::CloudWatch::CompositeAlarm",
        "DependsOn": ["child", "quiet"],
        "Properties": {
            "AlarmName": name,
            "AlarmRule": f"ALARM({name}-child)",
            "AlarmActions": [inbox.topic],
            "OKActions": [inbox.topic],
            "ActionsSuppressor": f"{name}-quiet",
            "ActionsSuppressorWaitPeriod": wait_s,
            "ActionsSuppressorExtensionPeriod": extension_s,
        },
    }
    return {"Resources": {**children, "Composite": composite}}


def _described(cloudwatch: Any, name: str) -> dict[str, Any]:
    (found,) = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    composite: dict[str, Any] = found
    return composite


def _set(cloudwatch: Any, name: str, state: str) -> None:
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")


def test_a_suppressor_that_comes_late_is_waited_for(
    shift_client: ClientFactory, cloudwatch: Any, shift_stacks: Stacks, name: str
) -> None:
    """Within the wait period the suppressor still silences the alarm; afterwards what lasts is told, then its end."""
    inbox = Inbox(shift_client, name)
    # The wait is long enough in wall time that a loaded machine cannot outlast it: 3,000 AWS seconds are 10 s here.
    assert shift_stacks.create(name, _suppressible(inbox, name, wait_s=3000, extension_s=60)) == "CREATE_COMPLETE"
    until(inbox.messages)  # it began to be OK
    _set(cloudwatch, f"{name}-child", "ALARM")
    until(lambda: _described(cloudwatch, name).get("ActionsSuppressedBy") == "WaitPeriod")
    _set(cloudwatch, f"{name}-quiet", "ALARM")
    until(lambda: _described(cloudwatch, name).get("ActionsSuppressedBy") == "Alarm")
    assert len(inbox.messages()) == 1
    _set(cloudwatch, f"{name}-quiet", "OK")
    until(lambda: len(inbox.messages()) == 2)
    assert "ActionsSuppressedBy" not in _described(cloudwatch, name)
    _set(cloudwatch, f"{name}-child", "OK")
    until(lambda: len(inbox.messages()) == 3)
    assert [message["NewStateValue"] for message in inbox.messages()] == ["OK", "ALARM", "OK"]
