"""An alarm's way from one state to another: what DescribeAlarms and DescribeAlarmHistory say of it.

Formats are those of captured answers of CloudWatch: reasons list datapoints with their times, the newest first;
``StateReasonData`` has them the oldest first.
"""

from __future__ import annotations

import functools
import json
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ministack.services import cloudwatch

from tapgen.local.extension.cloudwatch import alarm_state
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.cloudwatch.alarm_state import Datapoint, Rule

_MODULE = "ministack.services.cloudwatch"
_RECORD_HISTORY = Seam(
    module=_MODULE,
    attribute="_record_history",
    parameters=("alarm_name", "old_state", "new_state", "reason", "alarm_type", "reason_data"),
    gap="stamps an entry to the second, and says nothing of how the old state had come about",
)
_SET_STATE = Seam(
    module=_MODULE,
    attribute="_set_alarm_state",
    parameters=("params", "cbor_data", "is_cbor", "is_json"),
    gap="keeps the data of an earlier evaluation, and the time of an earlier transition",
)
SEAMS: tuple[Seam, ...] = (
    _RECORD_HISTORY,
    _SET_STATE,
    Seam(module=_MODULE, attribute="_history_entries", parameters=(), gap="Used: the history of all alarms."),
    Seam(module=_MODULE, attribute="_evaluate_parent_alarms", parameters=("child",), gap="Used: composite alarms."),
)

_HISTORY = {"stateReason": "StateReason", "stateReasonData": "StateReasonData"}
_LOG = logging.getLogger("cloudwatch")


def install() -> None:
    """Tell transitions exactly, whoever causes them."""
    replace(_RECORD_HISTORY, _stamped(original(_RECORD_HISTORY)))
    replace(_SET_STATE, _set_exactly(original(_SET_STATE)))


def period_s(alarm: dict[str, Any]) -> int:
    """The period of an alarm in AWS seconds; over several metrics, the longest of theirs."""
    if not alarm.get("Metrics"):
        return int(alarm.get("Period") or 60)
    periods = [query["MetricStat"]["Period"] for query in alarm["Metrics"] if query.get("MetricStat")]
    return max([*periods, *(query["Period"] for query in alarm["Metrics"] if query.get("Period"))], default=60)


def transition(alarm: dict[str, Any], state: str, rule: Rule, datapoints: list[Datapoint]) -> None:
    """Put an alarm into another state, and tell everybody who wants to know."""
    old = alarm["StateValue"]
    reason = alarm_state.reason(rule, datapoints, state)
    now = time.time()
    data = reason_data(alarm, rule, datapoints, now)
    before = {key: alarm.get(name) for key, name in _HISTORY.items() if alarm.get(name)}
    alarm |= {
        "StateValue": state,
        "StateReason": reason,
        "StateReasonData": json.dumps(data, separators=(",", ":")),
        "StateUpdatedTimestamp": now,
        "StateTransitionedTimestamp": now,
    }
    _LOG.info("alarm %s: %s -> %s: %s", alarm["AlarmName"], old, state, reason)
    cloudwatch._record_history(alarm["AlarmName"], old, state, reason, "MetricAlarm", data)  # noqa: SLF001 - a seam
    _complete_history(alarm["AlarmName"], before)
    cloudwatch._dispatch_alarm_actions(alarm, old, state, reason)  # noqa: SLF001 - a seam
    cloudwatch._evaluate_parent_alarms(alarm)  # noqa: SLF001 - a seam


def _complete_history(name: str, before: dict[str, Any]) -> None:
    """Say of the newest change of state how the state before had come about, which MiniStack does not ask."""
    entry = _newest_entry(name)
    content = json.loads(entry["HistoryData"])
    if "stateReasonData" in before:
        before = {**before, "stateReasonData": json.loads(before["stateReasonData"])}
    content["oldState"] |= before
    entry["HistoryData"] = json.dumps(content, separators=(",", ":"))


def _newest_entry(name: str) -> dict[str, Any]:
    entries = cloudwatch._history_entries()  # noqa: SLF001 - a seam
    found: dict[str, Any] = next(
        entry for entry in reversed(entries) if entry["AlarmName"] == name and entry["HistoryItemType"] == "StateUpdate"
    )
    return found


def reason_data(alarm: dict[str, Any], rule: Rule, datapoints: list[Datapoint], now: float) -> dict[str, Any]:
    """``StateReasonData``: the datapoints oldest first; those evaluated are the newest one, or all that are missing."""
    known = [point for point in datapoints if point.value is not None][: rule.periods]
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
    first = {"startDate": _date(known[-1].start)} if known else {}
    unit = {"unit": alarm["Unit"]} if alarm.get("Unit") else {}
    evaluated = known[:1] or datapoints[: rule.periods]
    return {
        "version": "1.0",
        "queryDate": _date(now),
        **first,
        **unit,
        **({"statistic": statistic} if statistic and not alarm.get("Metrics") else {}),
        "period": period_s(alarm),
        "recentDatapoints": [point.value for point in reversed(known)],
        "threshold": rule.threshold,
        "evaluatedDatapoints": [_evaluated(point) for point in evaluated],
    }


def _evaluated(point: Datapoint) -> dict[str, Any]:
    found = {"timestamp": _date(point.start), "sampleCount": point.samples, "value": point.value}
    return {name: value for name, value in found.items() if value is not None}


def _date(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def _stamped(record: Callable[..., None]) -> Callable[..., None]:
    """History to the millisecond: an AWS minute may be shorter than MiniStack's second."""

    @functools.wraps(record)
    def stamped(*args: Any, **kwargs: Any) -> None:
        record(*args, **kwargs)
        _newest_entry(args[0])["Timestamp"] = round(time.time(), 3)

    return stamped


def _set_exactly(set_state: Callable[..., Any]) -> Callable[..., Any]:
    """What SetAlarmState leaves: when it was, to the millisecond, and no data of an evaluation that gave none."""

    @functools.wraps(set_state)
    def set_exactly(params: Any, request: dict[str, Any], *args: Any) -> Any:
        alarm = cloudwatch._alarms.get(request.get("AlarmName")) or {}  # noqa: SLF001 - a seam
        before = {key: alarm.get(name) for key, name in _HISTORY.items() if alarm.get(name)}
        old, now = alarm.get("StateValue"), time.time()
        response = set_state(params, request, *args)
        if not alarm or response[0] >= 400:
            return response
        alarm["StateUpdatedTimestamp"] = now
        if not request.get("StateReasonData"):
            alarm.pop("StateReasonData", None)
        if alarm["StateValue"] != old:
            alarm["StateTransitionedTimestamp"] = now
            _complete_history(alarm["AlarmName"], before)
        return response

    return set_exactly
