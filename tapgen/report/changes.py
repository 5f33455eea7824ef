"""Two releases → what changed, in words. Pure, but for the zips that the sides hand over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.diff.compare import compare
from tapgen.diff.permissions import describe_permission
from tapgen.report.model import Changes, ResourceChange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.diff.difference import ArtifactDifference, PropertyDifference, ResourceDifference
    from tapgen.diff.side import Side

_MAX_VALUE = 160
_ACTIONS = {"add": "add", "remove": "remove", "modify": "modify", "renew": "new", "follow": "follows"}
_REPLACEMENTS = {"always": "replace", "conditional": "perhaps replace"}


def describe_changes(before: Side, after: Side) -> Changes:
    """What the second side has that the first has not, and the other way round."""
    difference = compare(before, after)
    return Changes(
        before=before.label,
        resources=tuple(_describe(stack, resource) for stack, resource in difference.resources()),
        permissions=tuple(
            ("wider" if each.widens else "narrower", describe_permission(each)) for each in difference.permissions
        ),
        code=tuple((_artifact(each), tuple(_contents(each))) for each in difference.artifacts),
    )


def _describe(stack: str, resource: ResourceDifference) -> ResourceChange:
    details = [_property(each) for each in resource.properties]
    details += [f"{each.path} follows {each.source}" for each in resource.depends_on]
    return ResourceChange(
        place=f"{stack}.{resource.logical_id}",
        resource_type=resource.resource_type,
        action=_REPLACEMENTS.get(resource.replacement, _ACTIONS[resource.action]),
        details=tuple(details),
    )


def _property(difference: PropertyDifference) -> str:
    if difference.before is None:
        return f"{difference.path}: added {_value(difference.after)}"
    if difference.after is None:
        return f"{difference.path}: removed {_value(difference.before)}"
    return f"{difference.path}: {_value(difference.before)} → {_value(difference.after)}"


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]}…"


def _artifact(artifact: ArtifactDifference) -> str:
    if not artifact.known:
        return f"{artifact.name}: other contents; one of its two zips cannot be read any more"
    if not artifact.before_digest:
        return f"{artifact.name}: new, {_size(artifact.after_bytes)}"
    if not artifact.after_digest:
        return f"{artifact.name}: not needed any more, was {_size(artifact.before_bytes)}"
    count = len(artifact.files)
    sizes = f"{_size(artifact.before_bytes)} → {_size(artifact.after_bytes)}"
    return f"{artifact.name}: {sizes}, {count} file{'s differ' if count != 1 else ' differs'}"


def _contents(artifact: ArtifactDifference) -> Iterator[str]:
    """The layer's dependencies, or the files of a function's zip."""
    for dependency in artifact.dependencies:
        yield f"{dependency.name} {dependency.before or 'added'} → {dependency.after or 'removed'}"
    if artifact.dependencies:
        return
    for file in artifact.files:
        if file.before_bytes is None:
            yield f"{file.path} added, {_size(file.after_bytes)}"
        elif file.after_bytes is None:
            yield f"{file.path} removed, was {_size(file.before_bytes)}"
        else:
            yield f"{file.path} {_size(file.before_bytes)} → {_size(file.after_bytes)}"


def _size(size_bytes: int | None) -> str:
    return f"{size_bytes or 0:,} B"
