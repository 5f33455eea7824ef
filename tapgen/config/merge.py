"""``defaults`` and an environment's own section → one mapping that remembers where each value came from.

Mappings are merged key by key, everything else is replaced as a whole, null included. Nothing is judged here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tapgen.config.source import Key

DEFAULTS = "defaults"
ENVIRONMENTS = "environments"
FUNCTION = "function"
"""What every function shares; merged under each of ``functions``."""
FUNCTIONS = "functions"


@dataclass(frozen=True)
class Merged:
    """A resolved but unchecked environment."""

    name: str
    data: dict[str, Any] = field(default_factory=dict)
    origins: dict[Key, Key] = field(default_factory=dict)
    """Path in ``data`` → path in the file."""

    def origin_of(self, key: Key) -> Key:
        """Where in the file a value stands, or would stand if the file had it."""
        tail: Key = ()
        while key and key not in self.origins:
            key, tail = key[:-1], (key[-1], *tail)
        return (*self.origins.get(key, (ENVIRONMENTS, self.name)), *tail)


def merge_environment(document: Mapping[str, Any], name: str, *, roles: Iterable[str]) -> Merged:
    """``defaults`` with the environment over it, and ``function`` under each function.

    What is said of one function wins over what is said of all of them, in whichever section it stands.

    Args:
        document: The whole file.
        name: The environment's key.
        roles: The functions that get ``function`` even when the file does not name them.
    """
    merged = Merged(name)
    sections: tuple[Key, ...] = ((DEFAULTS,), (ENVIRONMENTS, name))
    for section in sections:
        values = value_at(document, section)
        for key, value in values.items() if isinstance(values, dict) else ():
            if key != FUNCTION:
                _overlay(merged, value, origin=(*section, key), key=(key,))
    overrides = merged.data.setdefault(FUNCTIONS, {})
    if not isinstance(overrides, dict):
        return merged
    for role in dict.fromkeys([*roles, *overrides]):
        overrides[role] = {}
        for key in ((FUNCTION,), (FUNCTIONS, role)):
            for origin in ((*section, *key) for section in sections):
                value = value_at(document, origin)
                # What is no mapping is a fault that the loader tells; here it would only hide the rest.
                if has(document, origin) and isinstance(value, dict | None):
                    _overlay(merged, value, origin=origin, key=(FUNCTIONS, role))
    return merged


def has(data: Any, key: Key) -> bool:
    """True when the path leads to a value, null included."""
    parent = value_at(data, key[:-1])
    return isinstance(parent, dict) and key[-1] in parent


def value_at(data: Any, key: Key) -> Any:
    """The value at a path; None where the path leads nowhere."""
    for name in key:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _overlay(merged: Merged, value: Any, *, origin: Key, key: Key) -> None:
    """Put a value over what is there: mappings key by key, everything else as a whole."""
    merged.origins[key] = origin
    parent = value_at(merged.data, key[:-1])
    if not isinstance(value, dict):
        parent[key[-1]] = value
        return
    if not isinstance(parent.get(key[-1]), dict):
        parent[key[-1]] = {}
    for name, item in value.items():
        _overlay(merged, item, origin=(*origin, name), key=(*key, name))
