"""A change set, nested stacks included, as one readable tree of lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tapgen.model import Change

_NESTED_STACK = "AWS::CloudFormation::Stack"
_SIGNS = {"Add": "+", "Modify": "~", "Remove": "-", "Import": "<", "Dynamic": "?", "SyncWithActual": "="}
_WORDS = {
    "Add": "add",
    "Modify": "modify",
    "Remove": "remove",
    "Import": "import",
    "Dynamic": "decided at run time",
    "SyncWithActual": "sync",
}
_STYLES = {"Add": "good", "Remove": "bad", "Modify": "warn"}
# Replacing one of these loses what is in it.
_STATEFUL = (
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::KMS::Key",
    "AWS::SQS::Queue",
    "AWS::Logs::LogGroup",
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the tree and the style of its change."""

    text: str
    style: str = ""


def change_lines(changes: Iterable[Change], *, width: int) -> list[Line]:
    """The tree, one line a change and one for each reason, and a last line that sums up."""
    changes = tuple(changes)
    return [*_tree(changes, depth=0, width=width), Line(text=summarise(changes), style="strong")]


def summarise(changes: Iterable[Change]) -> str:
    """``3 to add, 2 to modify (1 replaced), 1 to remove``, nested stacks themselves not counted."""
    counts: Counter[str] = Counter()
    for change in _leaves(changes):
        counts[change.action] += 1
        counts["replaced"] += change.replacement == "True"
        counts["perhaps"] += change.replacement == "Conditional"
    notes = [
        f"{counts[key]} {text}"
        for key, text in (("replaced", "replaced"), ("perhaps", "perhaps replaced"))
        if counts[key]
    ]
    parts = [f"{counts['Add']} to add", f"{counts['Modify']} to modify" + (f" ({', '.join(notes)})" if notes else "")]
    return ", ".join([*parts, f"{counts['Remove']} to remove"])


def _leaves(changes: Iterable[Change]) -> Iterator[Change]:
    for change in changes:
        if change.resource_type == _NESTED_STACK:
            yield from _leaves(change.children)
        else:
            yield change


def _tree(changes: Iterable[Change], *, depth: int, width: int) -> Iterator[Line]:
    for change in changes:
        quiet = change.resource_type == _NESTED_STACK and change.action == "Modify" and not change.children
        yield _quiet_line(change, depth) if quiet else _line(change, depth, width)
        if not quiet:
            yield from _reason_lines(change, depth, width)
        yield from _tree(change.children, depth=depth + 1, width=width)


def _line(change: Change, depth: int, width: int) -> Line:
    head = f"{'  ' * depth}{_SIGNS[change.action]} {change.logical_id}"
    words = [_WORDS[change.action], change.resource_type.removeprefix("AWS::")]
    if change.replacement == "Conditional":
        words.append("may be replaced")
    gap = max(min(34, width // 2), len(head) + 2)
    return Line(text=f"{head:<{gap}}{'  '.join(words)}"[: max(width, gap)], style=_STYLES.get(change.action, ""))


def _quiet_line(change: Change, depth: int) -> Line:
    return Line(text=f"{'  ' * depth}  {change.logical_id:<30}  unchanged", style="dim")


def _reason_lines(change: Change, depth: int, width: int) -> Iterator[Line]:
    """A replacement has a line of its own, which no width cuts off; then one line for each reason."""
    indent = "  " * (depth + 2)
    if change.replacement == "True":
        loses = ": WHAT IT HOLDS IS LOST" if change.resource_type in _STATEFUL else ""
        yield Line(text=f"{indent}REPLACED{loses}", style="bad")
    if change.action != "Modify" or change.resource_type == _NESTED_STACK:
        return
    for reason in change.reasons:
        yield Line(text=f"{indent}because {reason}"[:width], style="dim")
