"""Defaults and an environment's own section → one mapping that remembers where each value came from.

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
PROJECT = "project"
"""Key at the top of the file for the name that all environments share."""


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


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What merging must know of the service."""

    base: Mapping[str, Any]
    """What holds where the file is silent."""
    named: Mapping[str, tuple[str, tuple[str, ...]]]
    """Section of a kind → the section that its parts share, and their names."""


def merge_environment(document: Mapping[str, Any], name: str, *, rules: Rules) -> Merged:
    """The base with ``defaults`` and the environment over it, and what a kind's parts share under each of them.

    What is said of one part wins over what is said of all of its kind, in whichever section it stands.

    Args:
        document: The whole file.
        name: The environment's key.
        rules: The base, and the parts that get what their kind shares even when the file does not name them.
    """
    merged = Merged(name)
    sections: tuple[Key, ...] = ((DEFAULTS,), (ENVIRONMENTS, name))
    shared = {section: pair[0] for section, pair in rules.named.items()}
    apart = {*shared.values(), *shared}
    for key, value in rules.base.items():
        if key not in apart:
            _overlay(merged, value, origin=None, key=(key,))
    if has(document, (PROJECT,)):
        _overlay(merged, document[PROJECT], origin=(PROJECT,), key=(PROJECT,))
    for section in sections:
        values = value_at(document, section)
        for key, value in values.items() if isinstance(values, dict) else ():
            if key not in shared.values():
                _overlay(merged, value, origin=(*section, key), key=(key,))
    for named, (common, names) in rules.named.items():
        _merge_parts(merged, document, rules.base, section=named, common=common, names=names, sections=sections)
    return merged


def _merge_parts(  # noqa: PLR0913 - what is merged into what
    merged: Merged,
    document: Mapping[str, Any],
    base: Mapping[str, Any],
    *,
    section: str,
    common: str,
    names: Iterable[str],
    sections: tuple[Key, ...],
) -> None:
    overrides = merged.data.setdefault(section, {})
    if not isinstance(overrides, dict):
        return
    for name in dict.fromkeys([*names, *overrides]):
        overrides[name] = {}
        for key in ((common,), (section, name)):
            _overlay(merged, value_at(base, key) or {}, origin=None, key=(section, name))
            for origin in ((*place, *key) for place in sections):
                value = value_at(document, origin)
                # What is no mapping is a fault that the loader tells; here it would only hide the rest.
                if has(document, origin) and isinstance(value, dict | None):
                    _overlay(merged, value, origin=origin, key=(section, name))


def has(data: Any, key: Key) -> bool:
    """True when the path leads to a value, null included."""
    parent = value_at(data, key[:-1])
    return isinstance(parent, dict) and key[-1] in parent


def value_at(data: Any, key: Key) -> Any:
    """The value at a path; None where the path leads nowhere."""
    for name in key:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _overlay(merged: Merged, value: Any, *, origin: Key | None, key: Key) -> None:
    """Put a value over what is there: mappings key by key, everything else as a whole; no origin for a default."""
    if origin is not None:
        merged.origins[key] = origin
    parent = value_at(merged.data, key[:-1])
    if not isinstance(value, dict):
        parent[key[-1]] = value
        return
    if not isinstance(parent.get(key[-1]), dict):
        parent[key[-1]] = {}
    for name, item in value.items():
        _overlay(merged, item, origin=(*origin, name) if origin else None, key=(*key, name))
