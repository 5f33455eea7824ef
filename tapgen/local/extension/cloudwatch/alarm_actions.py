"""What alarms do when their state changes: suppressed, delayed, done, and told in their history.

Source: CloudWatch User Guide, "Composite alarm actions suppression", and API reference, CompositeAlarm. While the
suppressor is in ALARM a composite alarm does nothing. When it goes into ALARM it first waits for the suppressor, at
most its WaitPeriod; after the suppressor has left ALARM it waits for its ExtensionPeriod, and then does what its state
asks for. A composite alarm that is over before it has called anybody calls nobody [inferred].
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ministack.services import cloudwatch

from tapgen.local.extension import background
from tapgen.local.extension.seams import Seam, original, replace
from tapgen.local.extension.time_scale import TimeScale

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

    Alarm = dict[str, Any]

_MODULE = "ministack.services.cloudwatch"
_DISPATCH = Seam(
    module=_MODULE,
    attribute="_dispatch_alarm_actions",
    parameters=("alarm", "old_state", "new_state", "reason"),
    gap="knows no actions suppressor, and leaves no entry in the history of what was done",
)


def _used(attribute: str, *parameters: str) -> Seam:
    return Seam(module=_MODULE, attribute=attribute, parameters=parameters or None, gap="used only")


SEAMS = (
    *background.SEAMS,
    _DISPATCH,
    _used("_alarms"),
    _used("_composite_alarms"),
    _used("_is_sns_action_arn", "action"),
    _used("_alarm_name_from_local_arn", "arn"),
    Seam(module=_MODULE, attribute="_history_entries", parameters=(), gap="Used: the history of all alarms."),
)

_TICK_AWS_S = 5
_ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
_REASONS = {
    "Alarm": "Actions suppressed by alarm {name}",
    "WaitPeriod": "Actions suppressed by waiting period: {name} may go into ALARM",
    "ExtensionPeriod": "Actions suppressed by extension period: {name} has left ALARM",
}


def install(settings: Settings) -> None:
    """Stand between alarms and what they do."""
    time_scale = TimeScale(settings.minute_s)
    actions = Actions(time_scale, original(_DISPATCH))
    replace(_DISPATCH, actions.act)
    background.repeat(actions.settle, every_s=time_scale.wall_s(_TICK_AWS_S), name="alarm-actions")


@dataclass(kw_only=True)
class _Postponed:
    """What a composite alarm has not done yet."""

    old: str
    new: str
    reason: str
    by: str
    """``Alarm``, ``WaitPeriod`` or ``ExtensionPeriod``."""
    until: float = 0.0


class Actions:
    """Does what alarms ask for, now, later or not at all.

    Args:
        time_scale: How long an AWS minute takes.
        dispatch: Does it at once.
    """

    def __init__(self, time_scale: TimeScale, dispatch: Callable[..., None]) -> None:
        self._time_scale = time_scale
        self._dispatch = dispatch
        self._postponed: dict[str, _Postponed] = {}

    def act(self, alarm: Alarm, old_state: str, new_state: str, reason: str) -> None:
        """Do what the new state asks for, unless the alarm is suppressed or waits."""
        if not alarm.get("ActionsSuppressor"):
            self._do(alarm, old_state, new_state, reason)
            return
        waiting = self._postponed.pop(alarm["AlarmArn"], None)
        if waiting is not None and waiting.old == new_state:
            _mark(alarm, "")  # it is as it was before anybody was called
            return
        wait_s = int(alarm.get("ActionsSuppressorWaitPeriod") or 0)
        if _suppressed(alarm):
            self._postpone(alarm, _Postponed(old=old_state, new=new_state, reason=reason, by="Alarm"))
        elif new_state == "ALARM" and wait_s:
            until = time.time() + self._time_scale.wall_s(wait_s)
            postponed = _Postponed(old=old_state, new=new_state, reason=reason, by="WaitPeriod", until=until)
            self._postpone(alarm, postponed)
        else:
            self._do(alarm, old_state, new_state, reason)

    def settle(self) -> None:
        """Look again at everything that was postponed, in all accounts and regions."""
        for _ in background.scopes(cloudwatch._composite_alarms):  # noqa: SLF001 - a seam
            for alarm in list(cloudwatch._composite_alarms.values()):  # noqa: SLF001 - a seam
                postponed = self._postponed.get(alarm["AlarmArn"])
                if postponed is not None:
                    self._look_again(alarm, postponed)

    def _look_again(self, alarm: Alarm, postponed: _Postponed) -> None:
        now = time.time()
        if _suppressed(alarm):
            postponed.by = "Alarm"
        elif postponed.by == "Alarm":
            extension_s = int(alarm.get("ActionsSuppressorExtensionPeriod") or 0)
            postponed.by, postponed.until = "ExtensionPeriod", now + self._time_scale.wall_s(extension_s)
        elif postponed.until <= now and self._postponed.pop(alarm["AlarmArn"], None) is postponed:
            _mark(alarm, "")
            self._do(alarm, postponed.old, postponed.new, postponed.reason)
            return
        _mark(alarm, postponed.by)

    def _postpone(self, alarm: Alarm, postponed: _Postponed) -> None:
        self._postponed[alarm["AlarmArn"]] = postponed
        _mark(alarm, postponed.by)

    def _do(self, alarm: Alarm, old_state: str, new_state: str, reason: str) -> None:
        self._dispatch(alarm, old_state, new_state, reason)
        if alarm.get("ActionsEnabled", True):
            for action in alarm.get(_ACTIONS.get(new_state, "")) or ():
                _record(alarm, str(action))


def _suppressed(alarm: Alarm) -> bool:
    name = _suppressor(alarm)
    found = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name) or {}  # noqa: SLF001 - a seam
    return bool(found.get("StateValue") == "ALARM")


def _suppressor(alarm: Alarm) -> str:
    """The name of the suppressor, which may be given as an ARN."""
    suppressor = str(alarm.get("ActionsSuppressor") or "")
    if not suppressor.startswith("arn:"):
        return suppressor
    return str(cloudwatch._alarm_name_from_local_arn(suppressor))  # noqa: SLF001 - a seam


def _mark(alarm: Alarm, by: str) -> None:
    """Say in the alarm's description what suppresses it."""
    if by:
        alarm |= {"ActionsSuppressedBy": by, "ActionsSuppressedReason": _REASONS[by].format(name=_suppressor(alarm))}
    else:
        alarm.pop("ActionsSuppressedBy", None)
        alarm.pop("ActionsSuppressedReason", None)


def _record(alarm: Alarm, action: str) -> None:
    """An entry of the history for one action; only topics are carried out here."""
    done = cloudwatch._is_sns_action_arn(action)  # noqa: SLF001 - a seam
    now = time.time()
    data = {
        "actionState": "Succeeded" if done else "Failed",
        "notificationResource": action,
        "stateUpdateTimestamp": int(float(alarm.get("StateUpdatedTimestamp") or now) * 1000),
    }
    cloudwatch._history_entries().append(  # noqa: SLF001 - a seam
        {
            "AlarmName": alarm["AlarmName"],
            "AlarmType": "CompositeAlarm" if "AlarmRule" in alarm else "MetricAlarm",
            "Timestamp": round(now, 3),
            "HistoryItemType": "Action",
            "HistorySummary": f"{'Successfully executed' if done else 'Failed to execute'} action {action}",
            "HistoryData": json.dumps(data, separators=(",", ":")),
        }
    )
