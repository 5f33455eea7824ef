"""The alarm that calls nobody and keeps others quiet: a traffic shift began a short while ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.alarm import MINUTE_S, Definition, Metric, Signal
from tapgen.naming import SHIFT_RUNNING

if TYPE_CHECKING:
    from tapgen.config.environment import Environment
    from tapgen.naming import Names

START_RULE = "shift-starts"
"""The EventBridge rule that each start of a deployment matches."""
# Hooks before and after traffic, and a guard's minute and evaluation after the last step.
_MARGIN_MIN = 5


def define(environment: Environment, names: Names) -> Definition:
    """A shift began within the time that one takes.

    The rule's own metric says so: nobody must publish anything, and what was started ends by itself when the window has
    passed, whatever became of the machine that deployed (EventBridge user guide, "Monitoring Amazon EventBridge").
    """
    minutes = environment.shift.duration_min + _MARGIN_MIN
    starts = Metric(namespace="AWS/Events", name="Invocations", dimensions={"RuleName": names.name("rule", START_RULE)})
    return Definition(
        slug=SHIFT_RUNNING,
        logical_id="ShiftRunning",
        severity="warning",
        area="shifts",
        text=f"A traffic shift began within the last {minutes} minutes; its guards watch it",
        signal=Signal(metrics={"starts": starts}, period_s=minutes * MINUTE_S),
        threshold=1,
        notifies=False,
    )
