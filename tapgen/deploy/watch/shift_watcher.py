"""Watches the traffic shifts of a running operation: which have started, how far they are, what they have proved.

CloudFormation says no more than "CodeDeploy deployment started: d-…" while it waits for minutes; CodeDeploy and
CloudWatch know the rest. Here are also the two decisions that no alarm can take: whether all traffic may move to a
version that has answered next to nothing, and that a release shifts as one. When the shift of one function ends badly,
the others' are stopped, too: of an update that is cancelled AWS documents no more than that the stack rolls back, so
that they could go on to their end first.

Why no alarm of the release does that. CodeDeploy takes ten alarms a group (CodeDeploy API reference,
AlarmConfiguration) and documents alarms on a single metric (CodeDeploy user guide, "Configure advanced options for a
deployment group"), not composite ones, which DescribeAlarms leaves out unless it is asked for them (CloudWatch API
reference). An alarm on all new versions' metrics would need a new name with each release, since it would stay red from
the last one: each release would change every group of every stack.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tapgen.aws.shifts import ShiftReader, stop_shift
from tapgen.engine.polling import Pace, Ticker
from tapgen.errors import AwsError, CredentialsError, TransientError
from tapgen.events import ShiftProgressed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tapgen.engine.context import Context
    from tapgen.events import StackEvent
    from tapgen.model import Shift, ShiftPolicy

_ALIAS = "AWS::Lambda::Alias"
_FAILED = "UPDATE_FAILED"
_STARTED = re.compile(r"CodeDeploy deployment started: (d-[A-Z0-9]+)")
# CodeDeploy reads its alarms every ten seconds or so: looking much more often shows nothing new.
_PACE = Pace(shortest_s=0.1, longest_s=5.0, share=0.05)
# The last look before all traffic moves, as a share of an AWS minute: late enough to count nearly everything, early
# enough for the stop to arrive.
_LAST_LOOK_MIN = 0.25


class ShiftWatch:
    """The shifts of one operation.

    Args:
        context: Clients, listener, clock.
        policy: What counts as proof; None only looks.
    """

    def __init__(self, context: Context, policy: ShiftPolicy | None = None) -> None:
        self._context = context
        self._policy = policy
        self._running: dict[str, str] = {}
        self._readers: dict[str, ShiftReader] = {}
        self._last: dict[str, Shift] = {}
        self._unproven: set[str] = set()
        # Shifts that ran when another one of the release ended badly; not those that a stack starts on its way back.
        self._doomed: set[str] = set()
        # Shifts that have ended, and could not be looked at since: without that look nothing judges them.
        self._owed: set[str] = set()
        self._blind: set[str] = set()
        self._ticker = Ticker(context.clock, _PACE)
        self._due_s = 0.0

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """Every shift that was seen, as it was seen last, in the order of their start."""
        return tuple(self._last.values())

    @property
    def running(self) -> tuple[str, ...]:
        """Ids of the deployments that have started and not ended."""
        return tuple(self._running.values())

    @property
    def split(self) -> bool:
        """Whether a function has traffic on both versions, as far as was seen."""
        running = [self._last[each] for each in self._running.values() if each in self._last]
        return any(0.0 < shift.target_weight < 1.0 and not shift.over for shift in running)

    @property
    def due_in_s(self) -> float:
        """Seconds until the next look is due; infinite when nothing runs."""
        return max(self._due_s - self._ticker.elapsed_s, 0.0) if self._running else math.inf

    @property
    def unproven(self) -> frozenset[str]:
        """Ids of the deployments that were stopped here because their version had answered too little."""
        return frozenset(self._unproven)

    def note(self, events: Iterable[StackEvent]) -> None:
        """Learn from stack events which shifts run and which have ended; an ended one is read once more."""
        for event in events:
            if event.resource_type != _ALIAS:
                continue
            alias = event.physical_id or event.logical_id
            started = _STARTED.search(event.reason)
            if started:
                self._running[alias] = started.group(1)
            elif not event.status.endswith("_IN_PROGRESS"):
                self._settle(alias)
                if event.status == _FAILED:
                    self._doomed |= set(self._running.values())
                    self._due_s = 0.0

    def look(self) -> None:
        """Report each running shift that changed, unless it was looked at a moment ago; stop what proves nothing."""
        if not self._running or self._ticker.elapsed_s < self._due_s:
            return
        for deployment_id in self._running.values():
            if self._look(deployment_id):
                self._judge(deployment_id)
        self._stop_doomed()
        wait_s = min([_PACE.interval_s(self._ticker.elapsed_s), *self._until_last_looks()])
        self._due_s = self._ticker.elapsed_s + wait_s

    def stop(self) -> bool:
        """Stop every running shift and send its traffic back; False when none was running any more."""
        stopped = [stop_shift(self._context.aws, deployment_id) for deployment_id in self._running.values()]
        return any(stopped)

    def settle(self) -> bool:
        """Look once more at each shift that has ended and was not seen ending; True when none is left.

        Raises:
            TapgenError: It could not be looked at now, and may be later.
        """
        for deployment_id in sorted(self._owed):
            try:
                self._report(deployment_id, self._read(deployment_id))
            except (TransientError, CredentialsError):
                raise
            except AwsError as error:
                self._tell_blind(deployment_id, error)
            self._owed.discard(deployment_id)
        return True

    def _settle(self, alias: str) -> None:
        deployment_id = self._running.pop(alias, None)
        if deployment_id and not self._look(deployment_id) and deployment_id not in self._blind:
            self._owed.add(deployment_id)

    def _look(self, deployment_id: str) -> bool:
        """Report a shift that changed; False when it could not be looked at."""
        try:
            self._report(deployment_id, self._read(deployment_id))
        except (TransientError, CredentialsError):
            # Who reads the stack's events says it, once for both.
            return False
        except AwsError as error:
            self._tell_blind(deployment_id, error)
            return False
        return True

    def _report(self, deployment_id: str, shift: Shift) -> None:
        if shift != self._last.get(deployment_id):
            self._last[deployment_id] = shift
            self._context.emit(ShiftProgressed(shift=shift))

    def _tell_blind(self, deployment_id: str, error: AwsError) -> None:
        """Looking is a service to the reader: a caller who may not is told once, and the deploy goes on."""
        if deployment_id not in self._blind:
            self._blind.add(deployment_id)
            self._context.warn(f"the traffic shift {deployment_id} cannot be watched: {error}", code="shift-unwatched")

    def _read(self, deployment_id: str) -> Shift:
        reader = self._readers.get(deployment_id)
        if reader is None:
            reader = ShiftReader(self._context.aws, deployment_id, minute_s=self._context.minute_s)
            self._readers[deployment_id] = reader
        return reader.read()

    def _judge(self, deployment_id: str) -> None:
        shift = self._last.get(deployment_id)
        if shift is None or self._policy is None or deployment_id in self._unproven:
            return
        if not must_stop(shift, self._policy, now=datetime.now(UTC)):
            return
        try:
            if stop_shift(self._context.aws, deployment_id):
                self._unproven.add(deployment_id)
        except (TransientError, CredentialsError):
            # The next look tries again; where all traffic has moved by then, the release is taken back afterwards.
            return

    def _stop_doomed(self) -> None:
        """Send the traffic of what shifts back with that of the function whose shift has ended badly."""
        for deployment_id in self._doomed & set(self._running.values()):
            try:
                stop_shift(self._context.aws, deployment_id)
            except (TransientError, CredentialsError):
                # The next look tries again; the stack that rolls back returns it, too.
                continue
            self._doomed.discard(deployment_id)

    def _until_last_looks(self) -> list[float]:
        """Seconds until the last look at each shift, where that is still to come."""
        now = datetime.now(UTC)
        moments = [_last_look_at(self._last[each]) for each in self._running.values() if each in self._last]
        waits = [(moment - now).total_seconds() for moment in moments if moment]
        return [wait_s for wait_s in waits if wait_s > 0]


def find_started(events: Iterable[StackEvent]) -> tuple[str, ...]:
    """Ids of the deployments that an operation's events say have started, each once, in their order."""
    found = (_STARTED.search(event.reason) for event in events if event.resource_type == _ALIAS)
    return tuple(dict.fromkeys(match.group(1) for match in found if match))


def must_stop(shift: Shift, policy: ShiftPolicy, *, now: datetime) -> bool:
    """Whether a shift is stopped because all traffic is about to move to a version that has proved nothing."""
    moment = _last_look_at(shift)
    return (
        policy.inconclusive == "fail"
        and shift.function in policy.functions
        and not shift.over
        and moment is not None
        and now >= moment
        and shift.served.requests < policy.minimum_requests
    )


def _last_look_at(shift: Shift) -> datetime | None:
    return shift.full_at - timedelta(seconds=_LAST_LOOK_MIN * shift.minute_s) if shift.full_at else None
