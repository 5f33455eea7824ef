"""A difference of two releases as a comment on a pull request.

GitHub takes 65,536 characters in a comment; what does not fit is left out of the tree and said to be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.diff import words
from tapgen.diff.condense import condense
from tapgen.ui.difference import stack_entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tapgen.diff.difference import ArtifactDifference, Difference

_MAX_TREE = 50_000
_FENCE = "````"


def difference_markdown(difference: Difference, *, title: str) -> str:
    """What must not be overlooked first, the whole tree folded below it.

    Args:
        difference: Of two releases.
        title: The deployment.
    """
    return "\n".join((*_head(difference, title), *_attention(difference), *_lists(difference), *_tree(difference), ""))


def _head(difference: Difference, title: str) -> Iterator[str]:
    yield f"### {title}: {words.summary_text(difference)}"
    yield ""
    yield f"{_text(difference.before)} → {_text(difference.after)}"


def _attention(difference: Difference) -> Iterator[str]:
    lines = [
        f"**{stack}.{resource.logical_id}** ({words.type_text(resource.resource_type)}): {_text(text)}"
        for stack, resource in difference.resources()
        for text in words.warnings_of(resource)
    ]
    yield from _bullets("Look at this", lines)


def _lists(difference: Difference) -> Iterator[str]:
    if difference.first:
        yield from _bullets("Permissions", [_text(words.permissions_text(difference.permissions))])
    else:
        added = [words.permission_text(each) for each in difference.permissions if each.widens]
        taken = [words.permission_text(each) for each in difference.permissions if not each.widens]
        yield from _bullets("More is allowed", map(_text, added))
        yield from _bullets("Less is allowed", map(_text, taken))
    yield from _bullets("Versions", (_text(words.publication_text(each)) for each in difference.publications))
    yield from _bullets(
        "Code",
        ("<br>&nbsp;&nbsp;".join(map(_text, _artifact(each, difference))) for each in difference.artifacts),
    )


def _artifact(artifact: ArtifactDifference, difference: Difference) -> Iterator[str]:
    yield words.artifact_text(artifact)
    if not difference.first:
        yield from words.artifact_details(artifact)


def _tree(difference: Difference) -> Iterator[str]:
    lines = list(_tree_lines(difference))
    if not lines:
        return
    shown: list[str] = []
    size = 0
    for line in lines:
        size += len(line) + 1
        if size > _MAX_TREE:
            shown.append(f"… {len(lines) - len(shown)} lines more: `tapgen diff` prints them")
            break
        shown.append(line)
    yield from ("", "<details><summary>All differences</summary>", "", f"{_FENCE}diff", *shown, _FENCE, "</details>")


def _tree_lines(difference: Difference) -> Iterator[str]:
    """A line for each entry; its sign stands first, where GitHub colours by it."""
    condensed = condense(difference)
    for repeated in condensed.repeated:
        yield f"! {words.repeated_text(repeated)}"
    for stack in condensed.stacks:
        for entry in stack_entries(stack):
            # GitHub knows no colour for ~: it is a change, as ! is.
            sign = {"~": "!", "": " "}.get(entry.sign, entry.sign)
            yield f"{sign} {'  ' * entry.depth}{entry.text}".replace("\n", " ")
    for each in difference.tags:
        yield f"! stack {words.property_text(each)}"
    for alarm in difference.false_alarms:
        yield f"  {words.false_alarm_text(alarm)}"


def _bullets(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from ("", f"**{title}**", "", *(f"- {line}" for line in found))


def _text(text: str) -> str:
    """Text that Markdown leaves as it is."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", " ")
    return "".join(f"\\{letter}" if letter in "\\`*_[]|~" else letter for letter in escaped)
