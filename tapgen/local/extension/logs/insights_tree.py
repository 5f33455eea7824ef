"""What a query of Logs Insights is made of: commands, columns, expressions. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re


class MalformedQueryError(ValueError):
    """The query cannot be read, or uses what is not known here."""


@dataclass(frozen=True)
class Constant:
    """A number, a text, or the seconds of a period such as ``5m``."""

    value: float | str


@dataclass(frozen=True)
class Field:
    """A field of the event, or a name that an earlier command gave."""

    name: str


@dataclass(frozen=True)
class Pattern:
    """What ``like`` and ``parse`` compare with."""

    regex: re.Pattern[str]


@dataclass(frozen=True)
class Call:
    """A function or an operator with its arguments; ``in`` has the list's members after the first one."""

    name: str
    arguments: tuple[Expression, ...]


Expression = Constant | Field | Pattern | Call


@dataclass(frozen=True)
class Column:
    """An expression and the name of its values: what follows ``as``, or its text."""

    name: str
    expression: Expression


@dataclass(frozen=True)
class Order:
    """A field to sort by."""

    expression: Expression
    descending: bool


@dataclass(frozen=True)
class Command:
    """One command of the pipeline.

    Attributes:
        name: In lower case.
        columns: What it computes: of ``fields``, ``display``, ``stats``, ``dedup``.
        by: What ``stats`` groups by.
        order: Of ``sort``.
        expression: The condition of ``filter``, or what ``parse`` reads.
        pattern: Of ``parse``.
        limit: Of ``limit``.
    """

    name: str
    columns: tuple[Column, ...] = ()
    by: tuple[Column, ...] = ()
    order: tuple[Order, ...] = ()
    expression: Expression | None = None
    pattern: re.Pattern[str] | None = None
    limit: int = 0
