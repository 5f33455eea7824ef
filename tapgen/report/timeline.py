"""Stack events → one span for each stack and resource that moved. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.report.model import Bar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tapgen.events import StackEvent

_CLEANUP = "_CLEANUP_IN_PROGRESS"
_ROOT, _NESTED_STACK = "root", "AWS::CloudFormation::Stack"


def draw_bars(events: Iterable[StackEvent]) -> tuple[Bar, ...]:
    """From each one's first event to its last, in the order of their beginnings.

    A resource that is updated and rolled back is one span with its last status; a failure's reason stays with it.
    """
    spans: dict[tuple[str, str], Bar] = {}
    for event in events:
        key, at = (event.stack, event.logical_id), event.timestamp.timestamp()
        known = spans.get(key)
        failed = event.status.endswith("_FAILED")
        # A nested stack tells of itself, too; the root has told that already, under the name that people know.
        if event.resource_type == _NESTED_STACK and event.stack != _ROOT:
            continue
        if event.status.endswith(_CLEANUP) and known is None:
            continue
        spans[key] = Bar(
            stack=event.stack,
            logical_id=event.logical_id,
            resource_type=event.resource_type,
            start=known.start if known else at,
            end=max(at, known.end) if known else at,
            status=event.status,
            reason=(known.reason if known else "") or (event.plain_reason if failed else ""),
        )
    return tuple(sorted(spans.values(), key=lambda bar: (bar.start, bar.stack, bar.logical_id)))
