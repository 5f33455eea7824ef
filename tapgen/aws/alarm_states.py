"""Alarms of both kinds with their actions, their states and the history of what they did. Sets a state when asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.aws.failures import translated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tapgen.aws.session import Aws

_ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


@dataclass(frozen=True, kw_only=True)
class AlarmState:
    """A metric alarm or a composite one, as it is now."""

    name: str
    state: str
    """``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``."""
    actions: Mapping[str, tuple[str, ...]]
    """State → ARNs of what is done when it is entered."""
    actions_enabled: bool
    rule: str = ""
    """What a composite alarm is computed from; empty for a metric alarm."""
    suppressor: str = ""
    """The name or ARN of the alarm that keeps a composite alarm from acting."""
    suppressor_wait_s: int = 0
    suppressed_by: str = ""
    """``Alarm``, ``WaitPeriod`` or ``ExtensionPeriod`` while its actions are suppressed."""


@dataclass(frozen=True, kw_only=True)
class AlarmAct:
    """An entry of an alarm's history: a change of state, or something that was done."""

    kind: str
    """``StateUpdate``, ``Action`` or ``ConfigurationUpdate``."""
    at: datetime
    summary: str
    """CloudWatch's own words."""


def list_alarms(aws: Aws, *, prefix: str) -> tuple[AlarmState, ...]:
    """All alarms whose names begin so."""
    with translated(f"list the alarms of {prefix}"):
        pages = (
            aws.client("cloudwatch")
            .get_paginator("describe_alarms")
            .paginate(AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        )
        found = [alarm for page in pages for alarm in (*page["MetricAlarms"], *page["CompositeAlarms"])]
    return tuple(_state(alarm) for alarm in found)


def set_state(aws: Aws, name: str, *, state: str, reason: str) -> None:
    """Put an alarm into a state; a metric alarm's next evaluation decides again."""
    with translated(f"set the state of the alarm {name}"):
        aws.client("cloudwatch").set_alarm_state(
            AlarmName=name,
            StateValue=state,  # type: ignore[arg-type]  # a name of the three states
            StateReason=reason,
        )


def read_acts(aws: Aws, name: str, *, since: datetime) -> tuple[AlarmAct, ...]:
    """What the history says of an alarm from a moment on, the oldest first."""
    with translated(f"read the history of the alarm {name}"):
        pages = (
            aws.client("cloudwatch")
            .get_paginator("describe_alarm_history")
            .paginate(
                AlarmName=name,
                AlarmTypes=["MetricAlarm", "CompositeAlarm"],
                StartDate=since,
                ScanBy="TimestampAscending",
            )
        )
        items = [item for page in pages for item in page["AlarmHistoryItems"]]
    acts = [
        AlarmAct(kind=item["HistoryItemType"], at=item["Timestamp"], summary=item["HistorySummary"]) for item in items
    ]
    # The request's own start date counts in whole seconds.
    return tuple(act for act in acts if act.at >= since)


def _state(alarm: Any) -> AlarmState:
    return AlarmState(
        name=alarm["AlarmName"],
        state=alarm["StateValue"],
        actions={state: tuple(alarm.get(key, ())) for state, key in _ACTIONS.items()},
        actions_enabled=alarm.get("ActionsEnabled", True),
        rule=alarm.get("AlarmRule", ""),
        suppressor=alarm.get("ActionsSuppressor", ""),
        suppressor_wait_s=int(alarm.get("ActionsSuppressorWaitPeriod") or 0),
        suppressed_by=alarm.get("ActionsSuppressedBy", ""),
    )
