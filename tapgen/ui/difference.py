"""A difference of two releases as one readable tree of lines. No line loses words to a narrow terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.diff import words
from tapgen.diff.condense import condense
from tapgen.ui.style import Line, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tapgen.diff.condense import CondensedStack
    from tapgen.diff.difference import Difference, ResourceDifference

_SIGNS = {"add": "+", "remove": "-", "modify": "~", "renew": "*", "follow": "."}
_STYLES = {"add": "good", "remove": "bad", "modify": "warn", "renew": "dim", "follow": "dim"}
_REPLACE = "!"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the tree before it is fitted to a width."""

    text: str
    depth: int = 1
    style: str = ""
    sign: str = ""


def difference_lines(difference: Difference, *, width: int) -> list[Line]:
    """The tree, then code, permissions, versions and false alarms, and a last line that sums up.

    Args:
        difference: Of two releases.
        width: Columns. Longer lines are continued below; only a single word may be wider.
    """
    return [line for entry in _entries(difference) for line in _lay(entry, width)]


def stack_entries(condensed: CondensedStack) -> Iterator[Entry]:
    """One stack with its resources, their properties and what must not be overlooked."""
    stack = condensed.stack
    note = {"add": " (new stack)", "remove": " (removed)"}.get(stack.action, "")
    yield Entry(text=f"{stack.stack}{note}", depth=0, style="strong")
    for resource in stack.resources:
        yield from _resource(resource)
    for generation in condensed.generations:
        yield Entry(sign="*", text=words.generation_text(generation), style="warn")
        for text in words.generation_details(generation):
            yield Entry(text=text, depth=3, style="dim")
    for each in stack.declarations:
        yield Entry(sign="~", text=words.property_text(each), style="dim")


def _lay(entry: Entry, width: int) -> Iterator[Line]:
    text = f"{entry.sign} {entry.text}" if entry.sign else entry.text
    return wrapped(text, indent="  " * entry.depth, width=width, style=entry.style)


def _entries(difference: Difference) -> Iterator[Entry]:
    yield Entry(text=f"{difference.before} → {difference.after}", depth=0, style="strong")
    condensed = condense(difference)
    for repeated in condensed.repeated:
        yield Entry(sign="~", text=words.repeated_text(repeated), depth=0, style="warn")
    for each in difference.tags:
        yield Entry(sign="~", text=f"root stack, {words.property_text(each)}", depth=0, style="warn")
    for stack in condensed.stacks:
        yield from stack_entries(stack)
    yield from _section("Code", _code(difference))
    yield from _section("Permissions", _permissions(difference))
    yield from _section("Versions", (Entry(text=words.publication_text(each)) for each in difference.publications))
    alarms = (Entry(text=words.false_alarm_text(each), style="dim") for each in difference.false_alarms)
    yield from _section(
        "Announced by CloudFormation for values that it cannot know yet, and not to be expected", alarms
    )
    yield Entry(text=words.summary_text(difference), depth=0, style="strong")


def _resource(resource: ResourceDifference) -> Iterator[Entry]:
    kind = words.type_text(resource.resource_type)
    yield Entry(
        sign=_REPLACE if resource.replacement else _SIGNS[resource.action],
        text=f"{resource.logical_id}  {words.action_text(resource)}  {kind}",
        style="bad" if resource.replacement else _STYLES[resource.action],
    )
    for each in resource.properties:
        yield Entry(text=words.property_text(each), depth=3)
    for text in words.warnings_of(resource):
        yield Entry(text=text, depth=3, style="bad")
    for text in words.quiet_texts(resource):
        yield Entry(text=text, depth=3, style="dim")


def _section(title: str, entries: Iterable[Entry]) -> Iterator[Entry]:
    found = list(entries)
    if found:
        yield Entry(text=title, depth=0, style="strong")
        yield from found


def _code(difference: Difference) -> Iterator[Entry]:
    for artifact in difference.artifacts:
        yield Entry(sign="~", text=words.artifact_text(artifact), style="warn")
        for detail in () if difference.first else words.artifact_details(artifact):
            yield Entry(text=detail, depth=3)


def _permissions(difference: Difference) -> Iterator[Entry]:
    if difference.first and difference.permissions:
        yield Entry(sign="+", text=words.permissions_text(difference.permissions))
        return
    for each in difference.permissions:
        style = "warn" if each.widens else "dim"
        yield Entry(sign="+" if each.widens else "-", text=words.permission_text(each), style=style)
