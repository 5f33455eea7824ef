"""Which changes of a change set would take data with them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws.data import DELETERS
from tapgen.deploy.changes import walk_changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.model import Change


def find_losses(changes: tuple[Change, ...]) -> Iterator[str]:
    """One sentence for each table, bucket, queue, key or log group that would be removed or replaced.

    A removed resource that its template retains stays in the account, but no stack has it any more: it counts, too.
    ``Conditional`` means that CloudFormation decides while it updates, so it may be a replacement.
    """
    for path, change in walk_changes(changes):
        if change.resource_type not in DELETERS:
            continue
        named = f"{path} ({change.resource_type})"
        if change.action == "Remove":
            yield f"{named} would be removed"
        elif change.action == "Modify" and change.replacement in {"True", "Conditional"}:
            may = "would" if change.replacement == "True" else "may"
            why = f": {', '.join(change.reasons)}" if change.reasons else ""
            yield f"{named} {may} be replaced by an empty one{why}"
