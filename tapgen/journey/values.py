"""Values that fill in a step's ``{name}``: those of earlier answers, and new ones of each walk. Pure but for chance."""

from __future__ import annotations

import re
import secrets
import time
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SYNTHETIC_PREFIX = "synthetic:"
"""Ids of users who are no persons begin with it, so that a service can leave what they do out of its records."""
USER = "user"
"""``{user}``: in whose name the walk is made."""
WHOLE = "$"
"""The path of the whole body."""
HEADER = "header:"
"""What the path of a header begins with."""

_NAME = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*(?::[A-Za-z0-9_-]+)?)\}")
_MISSING = object()


class UnknownValueError(LookupError):
    """A ``{name}`` that no earlier step has saved."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{{{name}}} is not known: no step before has saved it")
        self.name = name


def make_uuid7(*, time_ms: int | None = None) -> str:
    """A UUIDv7 (RFC 9562): milliseconds since the epoch, then random bits."""
    value = (time.time_ns() // 1_000_000 if time_ms is None else time_ms) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


_GENERATED: dict[str, Callable[[], str]] = {
    "unique": lambda: secrets.token_hex(8),
    "uuid": lambda: str(uuid.uuid4()),
    "uuid7": make_uuid7,
    "now": lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
}


class Values:
    """The values of one walk.

    ``{unique}``, ``{uuid}``, ``{uuid7}`` and ``{now}`` (UTC) are made when they are first used and stay the same during
    the walk; ``{uuid:second}`` is another one.
    """

    def __init__(self, **known: Any) -> None:
        self._known = dict(known)

    def save(self, name: str, value: Any) -> None:
        """Keep a value for the steps that follow."""
        self._known[name] = value

    def with_item(self, item: dict[str, Any]) -> Values:
        """These values, with ``{item.…}`` for the fields of an item of a list."""
        return Values(**{**self._known, "item": item})

    def get(self, name: str) -> Any:
        """A value by name; a dotted name reaches into one.

        Raises:
            UnknownValueError: There is none.
        """
        if name not in self._known:
            make = _GENERATED.get(name.partition(":")[0])
            if make is None:
                return self._inside(name)
            self._known[name] = make()
        return self._known[name]

    def _inside(self, name: str) -> Any:
        first, _, path = name.partition(".")
        found = find(self._known[first], path) if path and first in self._known else _MISSING
        if found is _MISSING:
            raise UnknownValueError(name)
        return found

    def fill(self, pattern: Any) -> Any:
        """The pattern with every ``{name}`` replaced; text that is one ``{name}`` alone becomes the value itself.

        Raises:
            UnknownValueError: A name has no value.
        """
        if isinstance(pattern, str):
            alone = _NAME.fullmatch(pattern)
            return self.get(alone[1]) if alone else self.fill_text(pattern)
        if isinstance(pattern, dict):
            return {self.fill(key): self.fill(value) for key, value in pattern.items()}
        if isinstance(pattern, list | tuple):
            return [self.fill(item) for item in pattern]
        return pattern

    def fill_text(self, pattern: str) -> str:
        """The text with every ``{name}`` replaced.

        Raises:
            UnknownValueError: A name has no value.
        """
        return _NAME.sub(lambda found: str(self.get(found[1])), pattern)


def names_in(pattern: Any) -> Iterator[str]:
    """Every ``{name}`` of a pattern that a walk has to fill."""
    if isinstance(pattern, str):
        yield from _NAME.findall(pattern)
    elif isinstance(pattern, dict):
        for key, value in pattern.items():
            yield from names_in(key)
            yield from names_in(value)
    elif isinstance(pattern, list | tuple):
        for item in pattern:
            yield from names_in(item)


def is_generated(name: str) -> bool:
    """Whether a walk makes the value by itself."""
    return name == USER or name.partition(":")[0] in _GENERATED


def find(document: Any, path: str) -> Any:
    """The value at a path such as ``items.0.id``; a private marker (see ``is_missing``) when there is none."""
    if path == WHOLE:
        return document
    for part in path.split("."):
        if isinstance(document, dict) and part in document:
            document = document[part]
        elif isinstance(document, list) and part.isdecimal() and int(part) < len(document):
            document = document[int(part)]
        else:
            return _MISSING
    return document


def is_missing(value: Any) -> bool:
    """Whether ``find`` found nothing."""
    return value is _MISSING
