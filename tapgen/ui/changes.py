"""A change set, nested stacks included, as one readable tree of lines. No line loses words to a narrow terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tapgen.ui.progress import NESTED_STACK
from tapgen.ui.style import Line, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tapgen.model import Change

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
_WORD_CELLS = 7
_MAX_NAME_CELLS = 40
# What a replacement does to resources that hold data. CloudFormation makes an empty one and copies nothing, whether the
# old one is then deleted or, with UpdateReplacePolicy Retain, left behind.
_REPLACED_DATA = {
    "AWS::DynamoDB::Table": "the new table starts empty; items are not carried over",
    "AWS::S3::Bucket": "the new bucket starts empty; objects are not carried over",
    "AWS::SQS::Queue": "the new queue starts empty; messages are not carried over",
    "AWS::Logs::LogGroup": "the new log group starts empty; its events are not carried over",
    "AWS::KMS::Key": "the new key cannot decrypt what the old one encrypted",
}
_REMOVED_DATA = "what it holds goes with it, unless the template retains it"


def change_lines(changes: Iterable[Change], *, width: int) -> list[Line]:
    """The tree: a line for each change with its reasons below, and a last line that sums up.

    Args:
        changes: Of the root stack; nested stacks carry their own.
        width: Columns. Longer lines are continued below; only a single word may be wider.
    """
    changes = tuple(changes)
    names = min(max((len(head) for head in _heads(changes, depth=0)), default=0) + 2, _MAX_NAME_CELLS, width // 2)
    return [
        *_tree(changes, depth=0, names=names, width=width),
        *wrapped(summarise(changes), indent="", width=width, style="strong"),
    ]


def summarise(changes: Iterable[Change]) -> str:
    """``3 to add, 2 to modify (1 replaced), 1 to remove``, nested stacks themselves not counted."""
    counts: Counter[str] = Counter()
    for change in _leaves(changes):
        counts[change.action] += 1
        counts["replaced"] += change.replacement == "True"
        counts["perhaps"] += change.replacement == "Conditional"
    if not counts:
        return "no changes"
    notes = _counted(counts, (("replaced", "replaced"), ("perhaps", "perhaps replaced")))
    parts = [
        f"{counts['Add']} to add",
        f"{counts['Modify']} to modify" + (f" ({', '.join(notes)})" if notes else ""),
        f"{counts['Remove']} to remove",
    ]
    rare = (("Import", "to import"), ("Dynamic", "decided at run time"), ("SyncWithActual", "to sync"))
    return ", ".join([*parts, *_counted(counts, rare)])


def _counted(counts: Counter[str], words: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{counts[key]} {text}" for key, text in words if counts[key]]


def _leaves(changes: Iterable[Change]) -> Iterator[Change]:
    for change in changes:
        if change.resource_type == NESTED_STACK:
            yield from _leaves(change.children)
        else:
            yield change


def _is_unchanged(change: Change) -> bool:
    """A parent lists all its nested stacks as modified; one in which nothing changes is not worth its lines."""
    nested = change.resource_type == NESTED_STACK and change.action == "Modify"
    return nested and all(map(_is_unchanged, change.children))


def _tree(changes: Iterable[Change], *, depth: int, names: int, width: int) -> Iterator[Line]:
    for change in changes:
        if _is_unchanged(change):
            yield Line(text=f"{_head(change, depth):<{names}}unchanged", style="dim")
            continue
        yield from _change(change, depth=depth, names=names, width=width)
        yield from _tree(change.children, depth=depth + 1, names=names, width=width)


def _heads(changes: Iterable[Change], *, depth: int) -> Iterator[str]:
    for change in changes:
        yield _head(change, depth)
        yield from _heads(change.children, depth=depth + 1)


def _head(change: Change, depth: int) -> str:
    if _is_unchanged(change):
        sign = " "
    elif change.replacement == "True":
        sign = "!"
    else:
        sign = _SIGNS[change.action]
    return f"{'  ' * depth}{sign} {change.logical_id} "


def _change(change: Change, *, depth: int, names: int, width: int) -> Iterator[Line]:
    replaced = change.replacement == "True"
    style = "bad" if replaced else _STYLES.get(change.action, "")
    head, words = _head(change, depth), _words(change)
    indent = "  " * (depth + 2)
    line = f"{head:<{names}}{words}"
    if len(line) <= width:
        yield Line(text=line, style=style)
    else:
        yield Line(text=head.rstrip(), style=style)
        yield from wrapped(" ".join(words.split()), indent=indent, width=width, style=style)
    risk = _risk(change)
    if risk:
        yield from wrapped(f"DATA AT RISK: {risk}", indent=indent, width=width, style="bad")
    if change.action == "Modify" and change.resource_type != NESTED_STACK:
        for reason in change.reasons:
            yield from wrapped(f"because {reason}", indent=indent, width=width, style="dim")


def _words(change: Change) -> str:
    word = "replace" if change.replacement == "True" else _WORDS[change.action]
    kind = "nested stack" if change.resource_type == NESTED_STACK else change.resource_type.removeprefix("AWS::")
    note = ", may be replaced" if change.replacement == "Conditional" else ""
    return f"{word:<{_WORD_CELLS}}  {kind}{note}"


def _risk(change: Change) -> str:
    """What happens to data, for resources that hold some; otherwise empty."""
    replaced = _REPLACED_DATA.get(change.resource_type)
    if replaced is None:
        return ""
    if change.action == "Remove":
        return _REMOVED_DATA
    return {"True": replaced, "Conditional": f"if it is replaced, {replaced}"}.get(change.replacement, "")
