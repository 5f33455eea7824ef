"""Which of a deploy's changes hit resources that have drifted. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.deploy.drift.model import describe
from tapgen.deploy.records.changes import walk_changes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tapgen.deploy.drift.model import DriftReport
    from tapgen.model import Change


def find_overwritten(
    changes: tuple[Change, ...], report: DriftReport | None, *, updated_at: datetime | None
) -> Iterator[str]:
    """One sentence for each changed resource that somebody changed by hand.

    Args:
        changes: Of the change set.
        report: Of the last look; None when there was none.
        updated_at: When the stack was updated last: a report from before it says nothing of what is there now.
    """
    if report is None or (updated_at is not None and report.checked_at <= updated_at):
        return
    changed = {path for path, change in walk_changes(changes) if change.action in {"Modify", "Remove"}}
    for resource in report.resources:
        if resource.path in changed:
            yield f"{describe(resource)}; this deploy changes it (seen {report.checked_at:%Y-%m-%d %H:%M} UTC)"
