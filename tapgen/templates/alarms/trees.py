"""Rules of composite alarms that stay within CloudWatch's limits, however many alarms there are.

A rule that is too long becomes several composite alarms and a rule over them. "Any two areas" is written by halves: two
of the left, two of the right, or one of each. That grows with n · log n, where a list of all pairs grows with n².
Knows expressions alone; which alarms they name is the caller's, and so is ``lift``: it makes a composite alarm of a
role and a rule, and answers the expression that this alarm is in ALARM.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# CloudWatch API reference, PutCompositeAlarm, AlarmRule: an element is a child alarm or a parenthesis.
MAX_CHARACTERS = 10_240
MAX_CHILDREN = 100
MAX_ELEMENTS = 500
# A condition that stands in several places of a rule is worth an alarm of its own from here on.
_LONG_CHARACTERS = 250
_CHUNKS = (64, 32, 16, 8, 4, 2)
_CHILD = re.compile(r'ALARM\("([^"]+)"\)')


@dataclass(frozen=True)
class Node:
    """Conditions on some areas: that any of them has a warning, and that two have."""

    one: str
    two: str = ""


def children_of(rule: str) -> list[str]:
    """The names of the alarms in a rule, each once."""
    return list(dict.fromkeys(_CHILD.findall(rule)))


def fits(rule: str) -> bool:
    """Whether CloudWatch takes it."""
    children = _CHILD.findall(rule)
    elements = len(children) + rule.count("(") - len(children) + rule.count(")") - len(children)
    return len(rule) <= MAX_CHARACTERS and len(set(children)) <= MAX_CHILDREN and elements <= MAX_ELEMENTS


def any_of(terms: Sequence[str], *, role: str, lift: Callable[[str, str], str]) -> str:
    """A rule that one of the terms holds."""
    rule = " OR ".join(terms)
    if fits(rule):
        return rule
    half = len(terms) // 2
    parts = [any_of(part, role=role, lift=lift) for part in (terms[:half], terms[half:])]
    return " OR ".join(part if _CHILD.fullmatch(part) else lift(role, part) for part in parts)


def shorten(rule: str, *, role: str, lift: Callable[[str, str], str]) -> str:
    """The rule as one term: itself where it is short."""
    if _CHILD.fullmatch(rule):
        return rule
    return f"({rule})" if len(rule) <= _LONG_CHARACTERS else lift(role, rule)


def two_of(nodes: Sequence[Node], *, lift: Callable[[str, str], str]) -> str:
    """A rule that two areas have a warning; empty for less than two areas."""
    whole = _join(nodes)
    if fits(whole.two):
        return whole.two
    size = next((size for size in _CHUNKS if all(_fit(chunk) for chunk in _chunks(nodes, size))), _CHUNKS[-1])
    lifted = []
    for chunk in _chunks(nodes, size):
        joined = _join(chunk)
        two = lift("two", joined.two) if joined.two else ""
        lifted.append(Node(one=shorten(joined.one, role="any", lift=lift), two=two))
    return two_of(lifted, lift=lift)


def _fit(nodes: Sequence[Node]) -> bool:
    joined = _join(nodes)
    return fits(joined.one) and fits(joined.two)


def _chunks(nodes: Sequence[Node], size: int) -> list[Sequence[Node]]:
    return [nodes[start : start + size] for start in range(0, len(nodes), size)]


def _join(nodes: Sequence[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    left, right = _join(nodes[: len(nodes) // 2]), _join(nodes[len(nodes) // 2 :])
    each = [two for two in (left.two, right.two) if two]
    return Node(one=f"{left.one} OR {right.one}", two=" OR ".join([*each, f"(({left.one}) AND ({right.one}))"]))
