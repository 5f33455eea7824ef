"""What is known of a running operation, reduced from its events. Pure state; renderers read it and never own it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tapgen.events import (
    ChangesPlanned,
    Event,
    Result,
    ShiftProgressed,
    StackEvent,
    StepFinished,
    StepStarted,
    UploadProgressed,
)
from tapgen.ui.short_names import shortener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tapgen.model import Change, Shift

NESTED_STACK = "AWS::CloudFormation::Stack"
ROOT = "root"
# Reasons that only repeat what the status says.
_EMPTY_REASONS = frozenset({"", "Resource creation Initiated", "User Initiated", "Transformation succeeded"})
# What CloudFormation writes on resources that it stopped because another one failed.
_CANCELLED = " cancelled"


@dataclass
class StackProgress:
    """One stack: what is planned, what is done, what happens now. Keys are logical ids, values statuses."""

    planned: set[str] = field(default_factory=set)
    settled: dict[str, str] = field(default_factory=dict)
    moving: dict[str, str] = field(default_factory=dict)
    status: str = ""
    reason: str = ""
    """The last reason that says more than the status."""

    @property
    def total(self) -> int:
        """Resources that change, as far as known."""
        return len(self.planned | self.settled.keys() | self.moving.keys())

    @property
    def done(self) -> int:
        """Resources that ended well."""
        return len(self.settled) - self.failed

    @property
    def failed(self) -> int:
        """Resources whose last status is a failure."""
        return sum(status.endswith("_FAILED") for status in self.settled.values())

    @property
    def settling(self) -> bool:
        """True once CloudFormation has said anything of the stack and until it is through with it."""
        return bool(self.moving) or self.status.endswith("_IN_PROGRESS")


@dataclass
class Progress:
    """Steps, upload, stacks by label, failures that are no mere consequence, and traffic shifts by deployment id."""

    open_steps: list[StepStarted] = field(default_factory=list)
    """Steps under way, the innermost last: an upload may bootstrap first."""
    steps: list[StepFinished] = field(default_factory=list)
    upload: UploadProgressed | None = None
    stacks: dict[str, StackProgress] = field(default_factory=dict)
    failures: list[StackEvent] = field(default_factory=list)
    shifts: dict[str, Shift] = field(default_factory=dict)
    result: Result | None = None
    short: Callable[[str], str] = field(default_factory=lambda: shortener(""))
    """Takes the deployment's prefix off names, once the root stack is known."""

    @property
    def step(self) -> StepStarted | None:
        """The step under way, the innermost one."""
        return self.open_steps[-1] if self.open_steps else None

    def note(self, event: Event) -> None:
        """Take an event in."""
        match event:
            case StepStarted():
                self.open_steps.append(event)
                self.upload = None
            case StepFinished():
                self.steps.append(event)
                self.open_steps = [step for step in self.open_steps if step.step != event.step]
            case UploadProgressed():
                self.upload = event
            case ChangesPlanned():
                # What was followed before, such as the bootstrap's own stack, is another tree.
                self.stacks.clear()
                self.short = shortener(event.stack)
                self._plan(event.changes, ROOT)
            case StackEvent():
                self._move(event)
            case ShiftProgressed():
                self.shifts[event.shift.deployment_id] = event.shift
            case Result():
                self.result = event
                self.open_steps.clear()
            case _:
                pass

    def is_repeat(self, event: StackEvent) -> bool:
        """True when the event tells nothing that was not known before it.

        CloudFormation reports most resources as in progress twice, and a nested stack both in its parent and in itself.
        """
        if event.reason not in _EMPTY_REASONS:
            return False
        stack = self.stacks.get(_label(event))
        if stack is None:
            return False
        if event.resource_type == NESTED_STACK:
            return stack.status == event.status
        return event.status in (stack.moving.get(event.logical_id), stack.settled.get(event.logical_id))

    def _plan(self, changes: Iterable[Change], label: str) -> None:
        stack = self.stacks.setdefault(label, StackProgress())
        for change in changes:
            if change.resource_type == NESTED_STACK:
                self._plan(change.children, change.logical_id)
            else:
                stack.planned.add(change.logical_id)

    def _move(self, event: StackEvent) -> None:
        stack = self.stacks.setdefault(_label(event), StackProgress())
        if event.stack == ROOT and is_about_own_stack(event):
            self.short = shortener(event.logical_id)
        if event.reason not in _EMPTY_REASONS:
            stack.reason = event.reason
        if is_failure(event) and not is_consequence(event):
            self.failures.append(event)
        if event.resource_type == NESTED_STACK:
            stack.status = event.status
        elif event.status.endswith("_IN_PROGRESS"):
            stack.settled.pop(event.logical_id, None)
            stack.moving[event.logical_id] = event.status
        else:
            stack.moving.pop(event.logical_id, None)
            stack.settled[event.logical_id] = event.status


def is_about_own_stack(event: StackEvent) -> bool:
    """True when a stack reports itself: CloudFormation writes its name as logical id and its ARN as physical id."""
    return event.resource_type == NESTED_STACK and f":stack/{event.logical_id}/" in event.physical_id


def is_failure(event: StackEvent) -> bool:
    """True for a resource or a stack that failed."""
    return event.status.endswith("_FAILED")


def is_consequence(event: StackEvent) -> bool:
    """True for a failure that only follows from another: a parent of what failed, or a resource that was stopped."""
    return event.resource_type == NESTED_STACK or event.reason.endswith(_CANCELLED)


def meaning_of(event: StackEvent) -> str:
    """The reason, when it says more than the status does."""
    return "" if event.reason in _EMPTY_REASONS else event.plain_reason


def _label(event: StackEvent) -> str:
    """The stack that an event is about; a nested stack's own row for both its parent's word and its own."""
    if event.resource_type == NESTED_STACK and not is_about_own_stack(event):
        return event.logical_id
    return event.stack
