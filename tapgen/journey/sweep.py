"""Deletes what walks of a user left that were ended before they could clean up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tapgen.journey.values import USER, Values, find
from tapgen.journey.walker import attempt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.journey.steps import Leftovers
    from tapgen.journey.transport import Transport
    from tapgen.journey.walker import Course

_ITEMS = "items"


def delete_leftovers(leftovers: Leftovers, transport: Transport, course: Course, *, older_than_s: float = 0.0) -> str:
    """Delete what the walk's user has; answers why something stays, or nothing.

    Args:
        leftovers: How to find and to delete them.
        transport: Carries the requests.
        course: In whose name, and the clock.
        older_than_s: Spare what is younger: another walk may be at work on it.
    """
    values = Values(**{USER: course.user})
    listing = replace(leftovers.listing, save={_ITEMS: leftovers.items})
    asked = attempt(listing, transport, values, course)
    if not asked.passed or asked.left_out:
        return asked.got or asked.left_out
    for item in _stale(values.get(_ITEMS), leftovers.created, older_than_s=older_than_s):
        deleted = attempt(leftovers.delete, transport, values.with_item(item), course)
        if not deleted.passed:
            return deleted.got
    return ""


def _stale(items: Any, created: str, *, older_than_s: float) -> Iterator[dict[str, Any]]:
    newest = datetime.now(UTC) - timedelta(seconds=older_than_s)
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and (not older_than_s or _time_of(item, created) < newest):
            yield item


def _time_of(item: dict[str, Any], path: str) -> datetime:
    """When it was made; long ago when it does not say."""
    try:
        found = datetime.fromisoformat(find(item, path))
    except (TypeError, ValueError):
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
