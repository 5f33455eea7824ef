"""Two releases → what changed, in the words of ``tapgen diff``. Pure, but for the zips that the sides hand over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.diff.compare import compare
from tapgen.diff.words import (
    action_text,
    artifact_details,
    artifact_text,
    permission_text,
    property_text,
    quiet_texts,
    warnings_of,
)
from tapgen.report.model import Changes, ResourceChange

if TYPE_CHECKING:
    from tapgen.diff.difference import ResourceDifference
    from tapgen.diff.side import Side


def describe_changes(before: Side, after: Side) -> Changes:
    """What the second side has that the first has not, and the other way round."""
    difference = compare(before, after)
    return Changes(
        before=before.label,
        resources=tuple(_describe(stack, resource) for stack, resource in difference.resources()),
        permissions=tuple(
            ("wider" if each.widens else "narrower", permission_text(each)) for each in difference.permissions
        ),
        code=tuple((artifact_text(each), tuple(artifact_details(each))) for each in difference.artifacts),
    )


def _describe(stack: str, resource: ResourceDifference) -> ResourceChange:
    details = [*warnings_of(resource), *map(property_text, resource.properties), *quiet_texts(resource)]
    return ResourceChange(
        place=f"{stack}.{resource.logical_id}",
        resource_type=resource.resource_type,
        action=action_text(resource),
        details=tuple(details),
    )
