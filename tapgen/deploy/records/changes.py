"""The changes of a change set, nested ones included, as flat sequences and numbers. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws.stack_events import NESTED_STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.model import Change


def count_changes(changes: tuple[Change, ...]) -> dict[str, int]:
    """``add``, ``modify``, ``replace``, ``remove``: how many resources, nested stacks not counted."""
    counts = {"add": 0, "modify": 0, "replace": 0, "remove": 0}
    for _, change in walk_changes(changes):
        if change.resource_type != NESTED_STACK:
            counts[_kind(change)] += 1
    return counts


def list_changes(changes: tuple[Change, ...]) -> Iterator[str]:
    """One line for each resource: ``Modify Compute.ApiFunction AWS::Lambda::Function``."""
    for path, change in walk_changes(changes):
        if change.resource_type != NESTED_STACK:
            yield f"{_kind(change).capitalize()} {path} {change.resource_type}"


def walk_changes(changes: tuple[Change, ...], parent: str = "") -> Iterator[tuple[str, Change]]:
    """Every change with its path, ``Compute.ApiFunction``, nested stacks before what they hold."""
    for change in changes:
        path = f"{parent}{change.logical_id}"
        yield path, change
        yield from walk_changes(change.children, f"{path}.")


def _kind(change: Change) -> str:
    if change.action == "Modify" and change.replacement == "True":
        return "replace"
    return {"Add": "add", "Import": "add", "Remove": "remove"}.get(change.action, "modify")
