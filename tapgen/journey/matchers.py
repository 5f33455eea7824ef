"""What a value has to be like: plain JSON, where objects may have more fields, and matchers, which are JSON as well.

What differs is told by names, types and sizes, never by what a field holds: an answer may be somebody else's data.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

MATCH = "$match"
"""The member that tells a matcher from an object."""

_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def anything() -> dict[str, Any]:
    """Any value, as long as the field is there."""
    return {MATCH: "anything"}


def text(pattern: str = "") -> dict[str, Any]:
    """Text; all of it matches the regular expression when there is one."""
    return {MATCH: "text", "pattern": pattern}


def instance_of(name: str) -> dict[str, Any]:
    """A value of a JSON type: ``text``, ``number``, ``boolean``, ``list``, ``object`` or ``null``.

    Raises:
        ValueError: It is no JSON type.
    """
    if name not in _TYPES:
        raise ValueError(f"instance_of({name!r}): the types are {', '.join(_TYPES)}")
    return {MATCH: "type", "name": name}


def one_of(*values: Any) -> dict[str, Any]:
    """One of these values."""
    return {MATCH: "one_of", "values": list(values)}


def below(limit: float) -> dict[str, Any]:
    """A number less than the limit."""
    return {MATCH: "below", "limit": limit}


def exactly(value: Any) -> dict[str, Any]:
    """This value, and an object with no more fields than these."""
    return {MATCH: "exactly", "value": value}


def each(pattern: Any) -> dict[str, Any]:
    """A list whose items are all like this; an empty one is."""
    return {MATCH: "each", "pattern": pattern}


def contains(pattern: Any, *, times: int = 1) -> dict[str, Any]:
    """A list in which so many items are like this."""
    return {MATCH: "contains", "pattern": pattern, "times": times}


def all_of(*patterns: Any) -> dict[str, Any]:
    """A value that is like each of these."""
    return {MATCH: "all_of", "patterns": list(patterns)}


def differences(pattern: Any, value: Any, *, path: str = "") -> Iterator[str]:
    """Where a value is not like the pattern, one text each; none when it is.

    Args:
        pattern: JSON with matchers in it. An object wants these fields and lets others be; a list wants as many items.
        value: What there is.
        path: Where it is, for the texts.
    """
    if isinstance(pattern, dict):
        if MATCH in pattern:
            yield from _MATCHERS[pattern[MATCH]](pattern, value, path)
        else:
            yield from _fields(pattern, value, path)
    elif isinstance(pattern, list | tuple):
        yield from _items(pattern, value, path)
    elif not _same(pattern, value):
        yield _other(path, value, shown=isinstance(value, type(pattern)))


def extras(pattern: Any, value: Any, *, path: str = "") -> Iterator[str]:
    """Fields that the value has and the pattern does not, at any depth."""
    if isinstance(pattern, dict) and isinstance(value, dict) and MATCH not in pattern:
        for name in sorted(value.keys() - pattern.keys()):
            yield f"{_join(path, name)} as well"
        for name in pattern.keys() & value.keys():
            yield from extras(pattern[name], value[name], path=_join(path, name))
    elif isinstance(pattern, list | tuple) and isinstance(value, list):
        for index, (wanted, item) in enumerate(zip(pattern, value, strict=False)):
            yield from extras(wanted, item, path=_join(path, str(index)))


def describe(value: Any) -> str:
    """What kind of value it is, without what it holds."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return f"an object with {', '.join(sorted(map(str, value))) or 'no fields'}"
    if isinstance(value, list):
        return f"a list of {_count(len(value))}"
    return f"text of {len(value)} characters" if isinstance(value, str) else "a number"


def _fields(pattern: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{_at(path)}{describe(value)} instead of an object"
        return
    for name, wanted in pattern.items():
        if name in value:
            yield from differences(wanted, value[name], path=_join(path, name))
        else:
            yield f"no {_join(path, name)}"


def _items(pattern: Iterable[Any], value: Any, path: str) -> Iterator[str]:
    wanted = list(pattern)
    if not isinstance(value, list):
        yield f"{_at(path)}{describe(value)} instead of a list"
    elif len(value) != len(wanted):
        yield f"{_at(path)}{_count(len(value))} instead of {len(wanted)}"
    else:
        for index, (item, found) in enumerate(zip(wanted, value, strict=True)):
            yield from differences(item, found, path=_join(path, str(index)))


def _same(pattern: Any, value: Any) -> bool:
    """JSON's own equality: ``true`` is no 1."""
    return isinstance(pattern, bool) == isinstance(value, bool) and bool(pattern == value)


def _other(path: str, value: Any, *, shown: bool) -> str:
    """Another value; of another type, its type."""
    if not path:
        return describe(value)
    return f"another {path}" if shown else f"another {path}: {describe(value)}"


def _match_text(matcher: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{_at(path)}{describe(value)} instead of text"
    elif matcher["pattern"] and not re.fullmatch(matcher["pattern"], value):
        yield f"another {path or 'text'}: it does not match {matcher['pattern']}"


def _match_type(matcher: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    name = matcher["name"]
    if not isinstance(value, _TYPES[name]) or (name == "number" and isinstance(value, bool)):
        yield f"{_at(path)}{describe(value)} instead of {name}"


def _match_one_of(matcher: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    if not any(_same(each_value, value) for each_value in matcher["values"]):
        yield _other(path, value, shown=True)


def _match_below(matcher: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float) or value >= matcher["limit"]:
        yield _other(path, value, shown=True)


def _match_exactly(matcher: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    yield from differences(matcher["value"], value, path=path)
    yield from extras(matcher["value"], value, path=path)


def _match_each(matcher: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{_at(path)}{describe(value)} instead of a list"
        return
    for index, item in enumerate(value):
        found = next(differences(matcher["pattern"], item, path=_join(path, str(index))), None)
        if found:
            # One of them tells it: a list may have many.
            yield found
            return


def _match_contains(matcher: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{_at(path)}{describe(value)} instead of a list"
        return
    found = sum(not any(True for _ in differences(matcher["pattern"], item)) for item in value)
    if found != matcher["times"]:
        yield f"{_at(path)}{_count(len(value))}, {found} like the expected one instead of {matcher['times']}"


def _match_all(matcher: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    for pattern in matcher["patterns"]:
        yield from differences(pattern, value, path=path)


_MATCHERS: dict[str, Callable[[Mapping[str, Any], Any, str], Iterator[str]]] = {
    "anything": lambda _matcher, _value, _path: iter(()),
    "text": _match_text,
    "type": _match_type,
    "one_of": _match_one_of,
    "below": _match_below,
    "exactly": _match_exactly,
    "each": _match_each,
    "contains": _match_contains,
    "all_of": _match_all,
}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _at(path: str) -> str:
    return f"{path}: " if path else ""


def _count(number: int) -> str:
    return f"{number} item{'' if number == 1 else 's'}"
