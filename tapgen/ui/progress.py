"""What is known of a running operation, reduced from its events. Pure state; renderers read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tapgen.events import ChangesPlanned, Event, ShiftProgressed, StackEvent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tapgen.model import Change, Shift

NESTED_STACK = "AWS::CloudFormation::Stack"


@dataclass
class StackProgress:
    """One stack: what is planned, what is done, what happens now."""

    planned: set[str] = field(default_factory=set)
    settled: dict[str, str] = field(default_factory=dict)
    moving: dict[str, str] = field(default_factory=dict)
    status: str = ""

    @property
    def total(self) -> int:
        """Resources that change, as far as known."""
        return len(self.planned | self.settled.keys() | self.moving.keys())


@dataclass
class Progress:
    """All stacks of an operation by label, the failures so far, and the traffic shifts by id."""

    stacks: dict[str, StackProgress] = field(default_factory=dict)
    failures: list[StackEvent] = field(default_factory=list)
    shifts: dict[str, Shift] = field(default_factory=dict)

    def note(self, event: Event) -> None:
        """Take an event in."""
        if isinstance(event, ChangesPlanned):
            self._plan(event.changes, "root")
        elif isinstance(event, StackEvent):
            self._move(event)
        elif isinstance(event, ShiftProgressed):
            self.shifts[event.shift.deployment_id] = event.shift

    def _plan(self, changes: Iterable[Change], label: str) -> None:
        stack = self.stacks.setdefault(label, StackProgress())
        for change in changes:
            if change.resource_type == NESTED_STACK:
                self._plan(change.children, change.logical_id)
            else:
                stack.planned.add(change.logical_id)

    def _move(self, event: StackEvent) -> None:
        if event.status.endswith("_FAILED"):
            self.failures.append(event)
        if event.resource_type == NESTED_STACK:
            # The root reports a child by its logical id; a child reports itself by its stack name.
            label = event.logical_id if event.stack == "root" and event.logical_id in self.stacks else event.stack
            self.stacks.setdefault(label, StackProgress()).status = event.status
            return
        stack = self.stacks.setdefault(event.stack, StackProgress())
        if event.status.endswith("_IN_PROGRESS"):
            stack.settled.pop(event.logical_id, None)
            stack.moving[event.logical_id] = event.status
        else:
            stack.moving.pop(event.logical_id, None)
            stack.settled[event.logical_id] = event.status
