"""The query language of CloudWatch Logs Insights: from text to commands and expressions. Pure.

Source: CloudWatch Logs User Guide, "CloudWatch Logs Insights language query syntax". Known here: fields, display,
filter, parse, stats, sort, limit, dedup; arithmetic, comparisons, and, or, not, in, like, =~, and calls of functions.
Everything else is refused, never skipped: a query that works here must work in AWS.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tapgen.local.extension.logs.insights_tree import (
    Call,
    Column,
    Command,
    Constant,
    Field,
    MalformedQueryError,
    Order,
    Pattern,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.logs.insights_tree import Expression

_SPACE = re.compile(r"(?:\s+|#[^\n]*)*")
_WORD = re.compile(r"[A-Za-z_]+")
_FIELD = re.compile(r"@?[A-Za-z_][\w@]*(?:\.[\w@]+)*")
_QUOTED_FIELD = re.compile(r"`([^`]*)`")
_NUMBER = re.compile(r"\d+\.?\d*|\.\d+")
_PERIOD = re.compile(r"(\d+)\s*(ms|s|m|h|d|w)\b")
_STRING = re.compile(r""""((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'""")
_REGEX = re.compile(r"/((?:[^/\\]|\\.)*)/")
_COMPARISON = re.compile(r"<=|>=|!=|=(?!~)|<|>")
_PERIOD_S = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def parse(text: str) -> tuple[Command, ...]:
    """The commands of a query.

    Raises:
        MalformedQueryError: With the place where it cannot be read.
    """
    reader = _Reader(text)
    commands = [reader.command()]
    while reader.take("|"):
        commands.append(reader.command())
    reader.end()
    return tuple(commands)


class _Reader:
    """Reads the text from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def command(self) -> Command:
        name = self._match(_WORD, "a command").group().lower()
        readers: dict[str, Callable[[], Command]] = {
            "fields": lambda: Command("fields", columns=self._columns()),
            "display": lambda: Command("display", columns=self._columns()),
            "dedup": lambda: Command("dedup", columns=self._columns()),
            "filter": lambda: Command("filter", expression=self._either()),
            "stats": self._stats,
            "sort": self._sort,
            "order": self._sort,
            "limit": lambda: Command("limit", limit=int(self._match(re.compile(r"\d+"), "a number").group())),
            "head": lambda: Command("limit", limit=int(self._match(re.compile(r"\d+"), "a number").group())),
            "parse": self._parse,
        }
        if name not in readers:
            raise MalformedQueryError(f"the command {name!r} is not known to the embedded AWS")
        return readers[name]()

    def take(self, literal: str) -> bool:
        """Pass over a sign when it comes next."""
        self._skip()
        if not self._text.startswith(literal, self._at):
            return False
        self._at += len(literal)
        return True

    def end(self) -> None:
        """Nothing may follow.

        Raises:
            MalformedQueryError: Something does.
        """
        self._skip()
        if self._at < len(self._text):
            raise self._unexpected("the end")

    def _stats(self) -> Command:
        columns = self._columns()
        by = self._columns() if self._word("by") else ()
        return Command("stats", columns=columns, by=by)

    def _sort(self) -> Command:
        self._word("by")
        order = [self._order()]
        while self.take(","):
            order.append(self._order())
        return Command("sort", order=tuple(order))

    def _order(self) -> Order:
        expression = self._sum()
        descending = self._word("desc")
        if not descending:
            self._word("asc")
        return Order(expression, descending)

    def _parse(self) -> Command:
        source = self._primary()
        if regex := self._optional(_REGEX):
            pattern = _compiled(regex.group(1))
            if not pattern.groupindex:
                raise MalformedQueryError("the regular expression of parse names no group: (?<name>…)")
            return Command("parse", expression=source, pattern=pattern)
        glob = self._string("a pattern in quotes or between slashes")
        if not self._word("as"):
            raise self._unexpected("as")
        names = [self._name()]
        while self.take(","):
            names.append(self._name())
        return Command("parse", expression=source, pattern=_glob(glob, names))

    def _columns(self) -> tuple[Column, ...]:
        columns = [self._column()]
        while self.take(","):
            columns.append(self._column())
        return tuple(columns)

    def _column(self) -> Column:
        self._skip()
        start = self._at
        expression = self._sum()
        text = self._text[start : self._at].strip().strip("`")
        return Column(self._name() if self._word("as") else text, expression)

    def _either(self) -> Expression:
        value = self._both()
        while self._word("or"):
            value = Call("or", (value, self._both()))
        return value

    def _both(self) -> Expression:
        value = self._not()
        while self._word("and"):
            value = Call("and", (value, self._not()))
        return value

    def _not(self) -> Expression:
        return Call("not", (self._not(),)) if self._word("not") else self._compared()

    def _compared(self) -> Expression:
        left = self._sum()
        if operator := self._optional(_COMPARISON):
            return Call(operator.group(), (left, self._sum()))
        if self.take("=~"):
            return Call("like", (left, self._pattern()))
        negated = self._word("not")
        if self._word("like"):
            found: Expression = Call("like", (left, self._pattern()))
        elif self._word("in"):
            found = Call("in", (left, *self._members()))
        elif negated:
            raise self._unexpected("like or in")
        else:
            return left
        return Call("not", (found,)) if negated else found

    def _pattern(self) -> Expression:
        if regex := self._optional(_REGEX):
            return Pattern(_compiled(regex.group(1)))
        return Pattern(re.compile(re.escape(self._string("a regular expression or a text"))))

    def _members(self) -> list[Expression]:
        if not self.take("["):
            raise self._unexpected("[")
        members = [self._sum()]
        while self.take(","):
            members.append(self._sum())
        if not self.take("]"):
            raise self._unexpected("]")
        return members

    def _sum(self) -> Expression:
        value = self._product()
        while operator := self._optional(re.compile(r"[+-]")):
            value = Call(operator.group(), (value, self._product()))
        return value

    def _product(self) -> Expression:
        value = self._primary()
        while operator := self._optional(re.compile(r"[*/%^]")):
            value = Call(operator.group(), (value, self._primary()))
        return value

    def _primary(self) -> Expression:
        if self.take("("):
            value = self._either()
            if not self.take(")"):
                raise self._unexpected(")")
            return value
        if self.take("-"):
            return Call("-", (Constant(0.0), self._primary()))
        if constant := self._constant():
            return constant
        if quoted := self._optional(_QUOTED_FIELD):
            return Field(quoted.group(1))
        name = self._match(_FIELD, "a field or a value").group()
        return Call(name.lower(), self._arguments()) if self.take("(") else Field(name)

    def _constant(self) -> Constant | None:
        if period := self._optional(_PERIOD):
            return Constant(float(period.group(1)) * _PERIOD_S[period.group(2)])
        if number := self._optional(_NUMBER):
            return Constant(float(number.group()))
        if string := self._optional(_STRING):
            return Constant(_unescaped(string))
        return None

    def _arguments(self) -> tuple[Expression, ...]:
        if self.take(")"):
            return ()
        if self.take("*"):
            arguments: list[Expression] = [Constant("*")]
        else:
            arguments = [self._either()]
            while self.take(","):
                arguments.append(self._either())
        if not self.take(")"):
            raise self._unexpected(")")
        return tuple(arguments)

    def _name(self) -> str:
        if quoted := self._optional(_QUOTED_FIELD):
            return quoted.group(1)
        return self._match(_FIELD, "a name").group()

    def _string(self, wanted: str) -> str:
        return _unescaped(self._match(_STRING, wanted))

    def _word(self, word: str) -> bool:
        return self._optional(re.compile(rf"{word}\b", re.IGNORECASE)) is not None

    def _match(self, pattern: re.Pattern[str], wanted: str) -> re.Match[str]:
        found = self._optional(pattern)
        if found is None:
            raise self._unexpected(wanted)
        return found

    def _optional(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self._skip()
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()
        return found

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _unexpected(self, wanted: str) -> MalformedQueryError:
        rest = self._text[self._at : self._at + 20] or "the end"
        return MalformedQueryError(f"unexpected {rest!r} at character {self._at + 1}: {wanted} is expected")


def _unescaped(match: re.Match[str]) -> str:
    return re.sub(r"\\(.)", r"\1", next(group for group in match.groups() if group is not None))


def _compiled(text: str) -> re.Pattern[str]:
    """A regular expression; groups are named ``(?<name>…)`` there, ``(?P<name>…)`` in Python."""
    try:
        return re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", text.replace("\\/", "/")))
    except re.error as error:
        raise MalformedQueryError(f"the regular expression /{text}/ cannot be read: {error}") from error


def _glob(text: str, names: list[str]) -> re.Pattern[str]:
    """``* did *`` with a name for each star."""
    pieces = text.split("*")
    if len(pieces) != len(names) + 1:
        raise MalformedQueryError(f"{text!r} has {len(pieces) - 1} stars, {len(names)} names follow")
    pattern = re.escape(pieces[0])
    for name, piece in zip(names, pieces[1:], strict=True):
        pattern += f"(?P<{name}>.*?)" + re.escape(piece)
    return re.compile(pattern + ("" if pieces[-1] else "$"), re.DOTALL)
