"""Two values of a template → the paths at which they differ.

Lists whose elements name themselves (tags, dimensions, statements, rules) are compared by that name and not by their
place, so that one element more is one difference. Text that is a JSON document, such as a dashboard's body, is compared
as the document that it is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.diff.difference import PropertyDifference

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMING_KEYS = ("Key", "Sid", "Name", "Id", "PolicyName", "AttributeName", "IndexName", "ParameterKey")
_TAGS = "Tags"
_IF = "Fn::If"
_PAIRS = ({"Key", "Value"}, {"Name", "Value"})


def find_differences(before: Any, after: Any, path: str = "") -> Iterator[PropertyDifference]:
    """Every place at which two values differ, in the order of their keys."""
    before, after = _unwrapped(before, after)
    if before == after:
        return
    condition = _same_condition(before, after)
    if condition:
        (_, *old), (_, *new) = before[_IF], after[_IF]
        yield from find_differences(old[0], new[0], f"{path}[if {condition}]")
        yield from find_differences(old[1], new[1], f"{path}[unless {condition}]")
    elif isinstance(before, dict) and isinstance(after, dict) and not (is_intrinsic(before) or is_intrinsic(after)):
        for key in sorted({*before, *after}):
            yield from find_differences(before.get(key), after.get(key), _path(path, key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _in_lists(before, after, path)
    else:
        yield PropertyDifference(path=path, before=before, after=after)


def _path(path: str, key: str) -> str:
    """Tags read alike, whether a type takes them as a mapping or as a list."""
    if path == _TAGS:
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def is_intrinsic(value: Any) -> bool:
    """Whether a mapping is a call of CloudFormation: ``{"Ref": …}``, ``{"Fn::…": …}``."""
    return isinstance(value, dict) and len(value) == 1 and (next(iter(value)) == "Ref" or _is_function(value))


def _is_function(value: dict[str, Any]) -> bool:
    return next(iter(value)).startswith("Fn::")


def _same_condition(before: Any, after: Any) -> str:
    """The condition on which both values depend; empty when they do not, or on different ones."""
    sides = [value[_IF][0] for value in (before, after) if isinstance(value, dict) and set(value) == {_IF}]
    return str(sides[0]) if len(sides) == 2 and sides[0] == sides[1] else ""


def _unwrapped(before: Any, after: Any) -> tuple[Any, Any]:
    """Both as the JSON documents that they hold, where both hold one; otherwise as they are."""
    (old, old_names), (new, new_names) = _text_of(before), _text_of(after)
    documents = _document(old), _document(new)
    # What else an Fn::Sub fills in must be the same, or the documents would hide that it is not.
    return (before, after) if None in documents or old_names != new_names else documents


def _text_of(value: Any) -> tuple[Any, Any]:
    """The text of a value, or of an ``Fn::Sub``, and the names that the latter fills in beside the template's own."""
    if isinstance(value, dict) and set(value) == {"Fn::Sub"}:
        inner = value["Fn::Sub"]
        return (inner[0], inner[1]) if isinstance(inner, list) else (inner, {})
    return value, {}


def _document(value: Any) -> Any:
    """The document that a text holds; None when it holds none."""
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None


def _in_lists(before: list[Any], after: list[Any], path: str) -> Iterator[PropertyDifference]:
    key = _naming_key(before, after)
    if key:
        old, new = ({item[key]: item for item in side} for side in (before, after))
        for name in dict.fromkeys((*old, *new)):
            yield from find_differences(_bare(old.get(name)), _bare(new.get(name)), f"{path}[{name}]")
    elif len(before) == len(after) and not any(map(_is_plain, (*before, *after))):
        for index, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from find_differences(left, right, f"{path}[{index}]")
    else:
        yield from _in_sets(before, after, path)


def _in_sets(before: list[Any], after: list[Any], path: str) -> Iterator[PropertyDifference]:
    """Elements without names: those that went and those that came; the order, when nothing else differs."""
    gone, came = (_missing(before, after), _missing(after, before))
    if not gone and not came:
        yield PropertyDifference(path=path, before=before, after=after)
    for item in gone:
        yield PropertyDifference(path=f"{path}[]", before=item)
    for item in came:
        yield PropertyDifference(path=f"{path}[]", after=item)


def _missing(these: list[Any], those: list[Any]) -> list[Any]:
    rest = list(those)
    found = []
    for item in these:
        if item in rest:
            rest.remove(item)
        else:
            found.append(item)
    return found


def _naming_key(before: list[Any], after: list[Any]) -> str | None:
    """The key by which the elements of both lists tell themselves apart."""
    for key in _NAMING_KEYS:
        sides = [[item.get(key) if isinstance(item, dict) else None for item in side] for side in (before, after)]
        if all(_distinct(names) for names in sides):
            return key
    return None


def _distinct(names: list[Any]) -> bool:
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)


def _bare(item: Any) -> Any:
    """A tag's value instead of the tag: its key is in the path."""
    return item["Value"] if isinstance(item, dict) and set(item) in _PAIRS else item


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict) or is_intrinsic(value)
