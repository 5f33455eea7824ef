"""Reads new CloudFormation events of a root stack and of every nested stack that moves.

::

    root events, newest first ──► stop at the first page with a known event ──► oldest first to the caller
          │
          └─ an event of a nested stack carries its physical id ──► a reader for that child, idle when it settles

Events are told apart by EventId, never by time alone: two events may share a millisecond. Each ``read_new`` makes one
call for every moving stack; pacing and deciding are the caller's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws.failures import translated
from tapgen.events import StackEvent

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

NESTED_STACK = "AWS::CloudFormation::Stack"
ROOT = "root"


class StackEventReader:
    """Follows one stack tree from a given moment on.

    Args:
        client: CloudFormation client.
        stack_id: Id (ARN) of the root: a name would be ambiguous after a delete.
        since: Server time at which the operation began; older events are skipped.
    """

    def __init__(self, client: CloudFormationClient, *, stack_id: str, since: datetime) -> None:
        self.stack_id = stack_id
        self._client = client
        self._since = since
        self._readers = {stack_id: _Reader(stack_id, label=ROOT, since=since)}
        self._moving: set[str] = set()
        # What was read of some stacks in a round that failed at another one: told with the next round.
        self._unread: list[StackEvent] = []
        self._ended: set[str] = set()

    def read_new(self) -> list[StackEvent]:
        """Events since the last call, oldest first, the root's own last event at the very end.

        A call that fails loses nothing: the next one tells what was read before it failed.
        """
        fresh = self._readers[self.stack_id].read_new(self._client)
        self._unread.extend(fresh)
        self._ended |= self._note_children(fresh)
        for child in sorted(self._moving | self._ended):
            fresh = self._readers[child].read_new(self._client)
            self._unread.extend(fresh)
            self._ended.discard(child)
            if any(_is_about(event, child) and is_settled(event.status) for event in fresh):
                self._moving.discard(child)
        events, self._unread = self._unread, []
        # A child's clock may be behind by a millisecond, yet nothing follows the root's end.
        events.sort(key=lambda event: (self.is_terminal(event), event.timestamp))
        return events

    def is_terminal(self, event: StackEvent) -> bool:
        """True for the event that ends the root's operation."""
        return event.stack == ROOT and _is_about(event, self.stack_id) and is_settled(event.status)

    def _note_children(self, events: list[StackEvent]) -> set[str]:
        """Start or stop following children by what the root says; answers those that just ended."""
        ended = set()
        for event in events:
            child = event.physical_id
            if event.resource_type != NESTED_STACK or child in ("", self.stack_id):
                continue
            known = child in self._readers
            self._readers.setdefault(child, _Reader(child, label=event.logical_id, since=self._since))
            if not is_settled(event.status):
                self._moving.add(child)
            elif child in self._moving or not known:
                # One more read: the reason of a failure must not be lost between two rounds, nor a child that came and
                # went within one.
                self._moving.discard(child)
                ended.add(child)
        return ended


class _Reader:
    """Events of one stack; remembers which it has seen."""

    def __init__(self, stack_id: str, *, label: str, since: datetime) -> None:
        self._stack_id = stack_id
        self._label = label
        self._since = since
        self._seen: set[str] = set()

    def read_new(self, client: CloudFormationClient) -> list[StackEvent]:
        """New events, oldest first."""
        fresh: list[StackEventTypeDef] = []
        with translated("read stack events"):
            for page in client.get_paginator("describe_stack_events").paginate(StackName=self._stack_id):
                items = page["StackEvents"]
                new = [item for item in items if item["EventId"] not in self._seen and item["Timestamp"] >= self._since]
                fresh.extend(new)
                if len(new) < len(items):
                    break
        self._seen.update(item["EventId"] for item in fresh)
        return [self._event(item) for item in reversed(fresh)]

    def _event(self, item: StackEventTypeDef) -> StackEvent:
        return StackEvent(
            stack=self._label,
            logical_id=item.get("LogicalResourceId", ""),
            resource_type=item.get("ResourceType", ""),
            status=item.get("ResourceStatus", ""),
            reason=item.get("ResourceStatusReason", ""),
            timestamp=item["Timestamp"],
            physical_id=item.get("PhysicalResourceId", ""),
        )


def is_settled(status: str) -> bool:
    """True when a status ends an operation: anything but ``*_IN_PROGRESS``."""
    return not status.endswith("_IN_PROGRESS")


def _is_about(event: StackEvent, stack_id: str) -> bool:
    return event.resource_type == NESTED_STACK and event.physical_id == stack_id
