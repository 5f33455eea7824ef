"""The rule of a composite alarm, read and decided from the states of the alarms it names. Pure.

Source: CloudWatch API reference, PutCompositeAlarm: ``ALARM("name")``, ``OK(…)``, ``INSUFFICIENT_DATA(…)``, ``TRUE``,
``FALSE``, joined by AND, OR and NOT, with parentheses. An alarm may be named by its ARN.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(r'\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\(\s*"?(?P<name>[^")]+?)"?\s*\)|(?P<word>\w+|[()]))')


def named(rule: str) -> tuple[str, ...]:
    """The names of the alarms that a rule looks at, each once."""
    found = (match["name"] for match in _TOKEN.finditer(rule) if match["name"])
    return tuple(dict.fromkeys(_short(name) for name in found))


def holds(rule: str, states: Mapping[str, str]) -> bool:
    """Whether the composite alarm is in ALARM while the alarms have these states; one that is not listed has none.

    Raises:
        ValueError: The rule cannot be read.
    """
    return _Reader(rule, states).read()


class _Reader:
    """Reads by precedence (NOT, AND, OR) and decides on the way."""

    def __init__(self, rule: str, states: Mapping[str, str]) -> None:
        self._rule = rule
        self._states = states
        self._at = 0

    def read(self) -> bool:
        value = self._either()
        if self._rule[self._at :].strip():
            raise ValueError(f"the rule goes on after its end: {self._rule[self._at :]!r}")
        return value

    def _either(self) -> bool:
        value = self._both()
        while self._word() == "OR":
            self._next()
            other = self._both()
            value = value or other
        return value

    def _both(self) -> bool:
        value = self._one()
        while self._word() == "AND":
            self._next()
            other = self._one()
            value = value and other
        return value

    def _one(self) -> bool:
        match = self._next()
        if match["state"]:
            return self._states.get(_short(match["name"])) == match["state"]
        word = match["word"].upper()
        if word == "NOT":
            return not self._one()
        if word in ("TRUE", "FALSE"):
            return word == "TRUE"
        if word != "(":
            raise ValueError(f"the rule has {match['word']!r} where an alarm is expected")
        value = self._either()
        self._next()
        return value

    def _word(self) -> str:
        match = _TOKEN.match(self._rule, self._at)
        return (match["word"] or "").upper() if match else ""

    def _next(self) -> re.Match[str]:
        match = _TOKEN.match(self._rule, self._at)
        if not match:
            raise ValueError(f"the rule ends where an alarm is expected: {self._rule!r}")
        self._at = match.end()
        return match


def _short(name: str) -> str:
    """The name in an alarm's ARN, or the name itself."""
    return name.rpartition(":alarm:")[2] if name.startswith("arn:") else name
