"""Watches the traffic shifts of a running operation: which have started, how far they are, why one was stopped.

CloudFormation says no more than "CodeDeploy deployment started: d-…" while it waits for minutes; CodeDeploy and
CloudWatch know the rest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tapgen.aws.shifts import read_shift
from tapgen.deploy.pacing import Pace, Ticker
from tapgen.errors import AwsError
from tapgen.events import ShiftProgressed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tapgen.deploy.context import Context
    from tapgen.events import StackEvent
    from tapgen.model import Shift

_ALIAS = "AWS::Lambda::Alias"
_STARTED = re.compile(r"CodeDeploy deployment started: (d-[A-Z0-9]+)")
# CodeDeploy reads its alarms every ten seconds or so: looking much more often shows nothing new.
_PACE = Pace(shortest_s=0.1, longest_s=5.0, share=0.05)


class ShiftWatch:
    """The shifts of one operation."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._running: dict[str, str] = {}
        self._last: dict[str, Shift] = {}
        self._ticker = Ticker(context.clock, _PACE)
        self._due_s = 0.0

    def note(self, events: Iterable[StackEvent]) -> None:
        """Learn from stack events which shifts run; one that ended within the same look is read only if it failed."""
        for event in events:
            if event.resource_type != _ALIAS:
                continue
            started = _STARTED.search(event.reason)
            if started:
                self._running[event.physical_id or event.logical_id] = started.group(1)
            elif event.status.endswith("_FAILED"):
                self._settle(event.physical_id or event.logical_id)
            elif event.status.endswith("_COMPLETE"):
                deployment_id = self._running.pop(event.physical_id or event.logical_id, None)
                if deployment_id in self._last:
                    self._look(deployment_id)

    def look(self) -> None:
        """Report each running shift that changed, unless it was looked at a moment ago."""
        if not self._running or self._ticker.elapsed_s < self._due_s:
            return
        for deployment_id in self._running.values():
            self._look(deployment_id)
        self._due_s = self._ticker.elapsed_s + _PACE.interval_s(self._ticker.elapsed_s)

    def explain(self) -> str:
        """Why a shift was stopped: version, weight and the alarms with their datapoints; empty when none was."""
        return "\n".join(line for shift in self._last.values() if shift.error for line in _explain(shift))

    def _settle(self, alias: str) -> None:
        deployment_id = self._running.pop(alias, None)
        if deployment_id:
            self._look(deployment_id)

    def _look(self, deployment_id: str) -> None:
        try:
            shift = read_shift(self._context.aws, deployment_id)
        except AwsError as error:
            # Looking is a service to the reader: a caller who may not is told once, and the deploy goes on.
            if deployment_id not in self._last:
                self._context.warn(f"the traffic shift {deployment_id} cannot be watched: {error}")
            return
        if shift != self._last.get(deployment_id):
            self._last[deployment_id] = shift
            self._context.emit(ShiftProgressed(shift=shift))


def _explain(shift: Shift) -> list[str]:
    what = f"{shift.function} version {shift.target_version} was stopped at {shift.target_weight:.0%} of the traffic"
    lines = [f"{what}; version {shift.current_version} serves"]
    lines += [f"{alarm.name}: {alarm.reason}" for alarm in shift.alarms if alarm.state == "ALARM"]
    return lines
