"""Every rule that there is: those of ``tapgen.rules``, those of the kinds of parts, and those of other packages."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from tapgen.elements.rule import Rule
from tapgen.errors import ConfigError
from tapgen.parts.registry import list_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

GROUP = "tapgen.rules"
"""Entry point group of rules that other packages bring: each entry is a :class:`Rule`."""

ROOMS = ("access", "alarms", "shifts", "stacks", "storage")
_MODULE = "rules"


@cache
def list_rules() -> tuple[Rule, ...]:
    """Every rule, by concern, then by kind of part, then those of other packages.

    Raises:
        ConfigError: A package brings a rule that cannot be loaded, or one whose id is taken.
    """
    return tuple(rule for rules in rules_by_origin().values() for rule in rules)


@cache
def rules_by_origin() -> dict[str, tuple[Rule, ...]]:
    """Concern, label of the kind, or name of the package → its rules.

    Raises:
        ConfigError: A package brings a rule that cannot be loaded, or one whose id is taken.
    """
    found = {room: tuple(_in_folder(importlib.import_module(f"tapgen.{_MODULE}.{room}"))) for room in ROOMS}
    for kind in list_kinds():
        module = kind.load(_MODULE)
        if module is not None:
            found[kind.name] = tuple(_in_folder(module))
    taken = {rule.id for rules in found.values() for rule in rules}
    for entry in sorted(entry_points(group=GROUP), key=lambda item: item.name):
        rule = _load(entry.name, entry.value, entry.load, taken)
        taken.add(rule.id)
        origin = entry.dist.name if entry.dist else entry.value
        found[origin] = (*found.get(origin, ()), rule)
    return found


def find_rule(rule_id: str) -> Rule:
    """A rule by its id.

    Raises:
        KeyError: There is none.
    """
    for rule in list_rules():
        if rule.id == rule_id:
            return rule
    raise KeyError(rule_id)


def _in_folder(package: ModuleType) -> Iterator[Rule]:
    """The rule of each module of a folder; what rules share has none."""
    for item in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
        rule = getattr(importlib.import_module(f"{package.__name__}.{item.name}"), "RULE", None)
        if isinstance(rule, Rule):
            yield rule


def _load(name: str, where: str, load: Callable[[], object], taken: set[str]) -> Rule:
    hint = "update or remove the package that brings it"
    try:
        rule = load()
    except Exception as error:
        raise ConfigError(
            f"the rule {name!r} of {where} cannot be loaded",
            why=f"{type(error).__name__}: {error}",
            hint=hint,
            code="rule-unloadable",
        ) from error
    if not isinstance(rule, Rule) or rule.id in taken:
        raise ConfigError(
            f"the rule {name!r} of {where} cannot be used",
            why="it is no tapgen.elements.rule.Rule" if not isinstance(rule, Rule) else f"the id {rule.id!r} is taken",
            hint=hint,
            code="rule-refused",
        )
    return rule
