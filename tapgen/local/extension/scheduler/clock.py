"""The clock: looks at each schedule once a second, and fires those that are due, or one that somebody names.

MiniStack knows no time zone, calls targets without their role, and forgets what fails. What was due while the embedded
AWS did not run is passed over; AWS would have run.
"""

from __future__ import annotations

import contextvars
import logging
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import scheduler

from tapgen.local.extension import background
from tapgen.local.extension.scheduler import expressions, invocations
from tapgen.local.extension.scheduler.expressions import Expression, moment
from tapgen.local.extension.scheduler.invocations import Invocation
from tapgen.local.extension.seams import Seam, replace
from tapgen.local.extension.time_scale import TimeScale

if TYPE_CHECKING:
    from tapgen.local.extension.delivery.retries import Failure
    from tapgen.local.extension.settings import Settings

    Record = dict[str, Any]

_SCHEDULER = "ministack.services.scheduler"
_TICK = Seam(
    module=_SCHEDULER,
    attribute="_tick_schedules",
    parameters=(),
    gap="fires in UTC, without the role, the retries and the dead letters of a schedule",
)
SEAMS = (
    _TICK,
    *background.SEAMS,
    *expressions.SEAMS,
    *invocations.SEAMS,
    Seam(module=_SCHEDULER, attribute="_schedules", parameters=None, gap="read, and those that are over deleted"),
)

_EVERY_S = 1.0
_LOG = logging.getLogger("tapgen.local")


class Clock:
    """Fires schedules.

    Args:
        pace: How long an AWS minute takes, for the waits between attempts.
    """

    def __init__(self, pace: TimeScale) -> None:
        self._pace = pace
        self._looked = datetime.now(UTC)

    def tick(self) -> None:
        """Fire what has become due since the last time, each on a thread of its own."""
        since, self._looked = self._looked, datetime.now(UTC)
        for account, region in background.scopes(scheduler._schedules):  # noqa: SLF001 - a seam
            for key, schedule in list(scheduler._schedules.items()):  # noqa: SLF001 - a seam
                with request_scope(account, region):
                    self._look(key, schedule, since)

    def _look(self, key: str, schedule: Record, since: datetime) -> None:
        now = self._looked
        ends, begins = moment(schedule.get("EndDate")), moment(schedule.get("StartDate"))
        expression = Expression.read(schedule)
        over = ends is not None and ends <= now
        due = (
            not over
            and schedule.get("State") == "ENABLED"
            and (begins is None or begins <= now)
            and expression.is_due(since, now)
        )
        if due:
            context = contextvars.copy_context()
            invocation = Invocation(schedule=schedule, pace=self._pace, due=now)
            threading.Thread(target=context.run, args=(invocation.run,), name="schedule", daemon=True).start()
        if schedule.get("ActionAfterCompletion") == "DELETE" and (over or (due and expression.is_once)):
            scheduler._schedules.pop(key, None)  # noqa: SLF001 - a seam

    def fire(self, schedule_arn: str) -> Failure | None:
        """Do now what a schedule does when it is due, whatever its state; why its target has not taken it, else None.

        Raises:
            KeyError: There is no such schedule.
        """
        region, account = schedule_arn.split(":")[3:5]
        with request_scope(account, region):
            schedule = scheduler._schedules[schedule_arn.partition(":schedule/")[2]]  # noqa: SLF001 - a seam
            return Invocation(schedule=schedule, pace=self._pace).run()


clock = Clock(TimeScale(60.0))
"""The child's own; at the pace of the real one until it is installed."""


def install(settings: Settings) -> None:
    """Let the clock run instead of MiniStack's."""
    global clock  # noqa: PLW0603 - one clock for the process, told its pace when it starts
    clock = Clock(TimeScale(settings.minute_s))
    replace(_TICK, lambda: None)
    background.repeat(clock.tick, every_s=_EVERY_S, name="schedules")
