"""Follows a running operation to its end: emits every event of the root and its children, returns them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.aws.stack_events import ROOT, StackEventReader
from tapgen.deploy.watch.shift_watcher import ShiftWatch
from tapgen.engine.interrupts import choose_remedy
from tapgen.engine.patience import Patience
from tapgen.engine.polling import Ticker
from tapgen.errors import TapgenError

if TYPE_CHECKING:
    from datetime import datetime

    from tapgen.deploy.probes import Probes
    from tapgen.engine.context import Context
    from tapgen.events import StackEvent
    from tapgen.model import Shift, ShiftPolicy

# Somebody who presses Ctrl-C is not kept waiting.
_ATTENTION_S = 0.2


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A running operation on a root stack."""

    stack_id: str
    since: datetime
    """CloudFormation's time at its start."""
    policy: ShiftPolicy | None = None
    """What counts as proof for its shifts; None only looks at them."""
    probes: Probes | None = None
    """Synthetic callers while a shift runs."""
    options: str = ""
    """``--env X [--suffix Y]``, for hints."""


@dataclass(frozen=True, kw_only=True)
class Followed:
    """What happened, as far as it was followed."""

    events: list[StackEvent]
    """Every event in order, the root's end last."""
    shifts: tuple[Shift, ...]
    """Each shift as it was seen last."""
    unproven: frozenset[str] = frozenset()
    """Ids of the shifts that were stopped because their version had answered too little."""
    detached: bool = False
    """True when the watcher left before the end: the operator wanted it, or the credentials ended."""

    @property
    def status(self) -> str:
        """The root's status at the end; empty when nothing was seen."""
        return self.events[-1].status if self.events else ""


def follow(context: Context, operation: Operation) -> Followed:
    """Emit the operation's events, and its shifts', until the root settles or the watcher leaves.

    Throttling, faults and a lost network are borne as long as the operation runs (``Patience``).

    Raises:
        AwsError: CloudFormation gave an answer that cannot get better.
    """
    with context.interrupts.caught():
        try:
            return _Follower(context, operation).run()
        finally:
            if operation.probes:
                operation.probes.stop()


class _Follower:
    def __init__(self, context: Context, operation: Operation) -> None:
        self._context = context
        self._stack_id = operation.stack_id
        self._reader = StackEventReader(
            context.aws.client("cloudformation"), stack_id=operation.stack_id, since=operation.since
        )
        self._ticker = Ticker(context.clock)
        self._watch = ShiftWatch(context, operation.policy)
        self._probes = operation.probes
        self._seen: list[StackEvent] = []
        self._patience = Patience(context)
        self._options = operation.options

    def run(self) -> Followed:
        while True:
            try:
                events = self._reader.read_new()
                self._emit(events)
                over = bool(self._seen) and self._reader.is_terminal(self._seen[-1]) and self._watch.settle()
                self._patience.recover()
            except TapgenError as error:
                if not self._patience.bear(error):
                    return self._leave()
                over = False
            if over:
                return self._followed(detached=False)
            self._watch.look()
            self._probe()
            if self._context.interrupts.pressed and self._handle_interrupt():
                return self._followed(detached=True)
            self._wait()

    def _emit(self, events: list[StackEvent]) -> None:
        for event in events:
            self._context.emit(event)
        self._seen.extend(events)
        self._watch.note(events)

    def _leave(self) -> Followed:
        """Say that the operation stays, and how it is joined."""
        self._context.warn(
            "CloudFormation goes on without a watcher",
            hint=f"sign in again; `tapgen attach {self._options}`".rstrip("` ") + "` follows it to its verdict",
            code="left-unwatched",
        )
        return self._followed(detached=True)

    def _probe(self) -> None:
        """Call the API while its traffic is split, and no longer."""
        if self._probes is None or self._watch.split == self._probes.running:
            return
        if self._watch.split:
            self._probes.start()
        else:
            self._probes.stop()

    def _followed(self, *, detached: bool) -> Followed:
        return Followed(events=self._seen, shifts=self._watch.shifts, unproven=self._watch.unproven, detached=detached)

    def _wait(self) -> None:
        """Until the next look is due, or somebody presses Ctrl-C."""
        left_s = max(min(self._ticker.interval_s, self._watch.due_in_s), self._patience.wait_s)
        while left_s > 0 and not self._context.interrupts.pressed:
            self._context.clock.sleep(min(left_s, _ATTENTION_S))
            left_s -= _ATTENTION_S

    def _handle_interrupt(self) -> bool:
        """Do what the operator chooses; True when that is to leave."""
        choice = self._context.interrupts.choose()
        if choice == "stop":
            try:
                self._stop()
            except TapgenError as error:
                self._context.warn(
                    f"it could not be stopped: {error}", hint="press Ctrl-C again to try once more", code="stop-failed"
                )
        elif choice == "continue":
            # In a quiet shift it may be minutes until anything else is told.
            self._context.tell("watching on", code="watching-on")
        return choice == "detach"

    def _stop(self) -> None:
        remedy = choose_remedy(root_status=self._root_status(), running=self._watch.running)
        if remedy == "stop-shifts" and self._watch.stop():
            self._context.warn(
                "the shift is stopped; its traffic returns to the old version and the stack rolls back",
                code="shift-stopped",
            )
        elif remedy == "cancel-update":
            stacks.cancel_update(self._context.aws.client("cloudformation"), self._stack_id)
            self._context.warn("the update is cancelled; the stack rolls back", code="update-cancelled")
        else:
            self._context.warn("nothing can be stopped now: CloudFormation ends what it began", code="nothing-to-stop")

    def _root_status(self) -> str:
        own = (
            event.status
            for event in reversed(self._seen)
            if event.stack == ROOT and event.physical_id == self._stack_id
        )
        return next(own, "")
