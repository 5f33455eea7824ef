"""Follows a running operation to its end: emits every event of the root and its children, returns them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.stack_events import StackEventReader
from tapgen.deploy.pacing import Ticker
from tapgen.deploy.shift import ShiftWatch
from tapgen.errors import AwsError

if TYPE_CHECKING:
    from datetime import datetime

    from tapgen.deploy.context import Context
    from tapgen.events import StackEvent

# A laptop that changes networks loses a few polls; the operation itself goes on in CloudFormation.
_TOLERATED_FAILURES = 10
_TRANSIENT = {"unreachable", "ReadTimeoutError", "ConnectTimeoutError", "ConnectionClosedError", "ProxyConnectionError"}


@dataclass(frozen=True, kw_only=True)
class Followed:
    """What happened: every event in order, the root's end last, and why a shift was stopped."""

    events: list[StackEvent]
    shifts: str

    @property
    def status(self) -> str:
        """The root's status at the end."""
        return self.events[-1].status


def follow(context: Context, *, stack_id: str, since: datetime) -> Followed:
    """Emit the operation's events, and its shifts', until the root settles.

    Args:
        context: Clients, listener, clock.
        stack_id: Id of the root stack.
        since: CloudFormation's time at the operation's start.

    Raises:
        AwsError: CloudFormation could not be reached for many polls in a row.
    """
    reader = StackEventReader(context.aws.client("cloudformation"), stack_id=stack_id, since=since)
    ticker = Ticker(context.clock)
    shifts = ShiftWatch(context)
    seen: list[StackEvent] = []
    failures = 0
    while True:
        try:
            events = reader.read_new()
            failures = 0
        except AwsError as error:
            failures += 1
            if error.code not in _TRANSIENT or failures > _TOLERATED_FAILURES:
                raise
            context.warn(f"{error.what}; trying again ({failures} of {_TOLERATED_FAILURES})")
            events = []
        for event in events:
            context.emit(event)
        seen.extend(events)
        shifts.note(events)
        if seen and reader.is_terminal(seen[-1]):
            return Followed(events=seen, shifts=shifts.explain())
        shifts.look()
        ticker.wait()
