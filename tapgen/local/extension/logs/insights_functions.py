"""Functions of Logs Insights: over one event, and aggregates over several. Pure.

Source: CloudWatch Logs User Guide, "Supported operations and functions", "stats". [inferred]: a value that is missing
equals nothing, differs from everything, and is not counted by aggregates of a field.
"""

from __future__ import annotations

import math
import re
import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Value = float | str | bool | None
"""Of a field or an expression; None where an event has no such field."""


def number(value: Value) -> float | None:
    """The value as a number, where it is one."""
    if isinstance(value, bool) or value is None:
        return None if value is None else float(value)
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def text(value: Value) -> str:
    """The value as results show it: whole numbers without a fraction."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return f"{value:.0f}" if value == int(value) and abs(value) < 1e15 else f"{round(value, 4):g}"
    return "" if value is None else value


def compare(operator: str, left: Value, right: Value) -> bool:
    """Compare as numbers where both are, as texts otherwise."""
    if left is None or right is None:
        return operator == "!="
    a, b = number(left), number(right)
    if a is not None and b is not None:
        return _order(operator, (a > b) - (a < b))
    x, y = text(left), text(right)
    return _order(operator, (x > y) - (x < y))


def calculate(operator: str, left: Value, right: Value) -> Value:
    """Arithmetic; None where an operand is no number, or the result is none."""
    a, b = number(left), number(right)
    if a is None or b is None:
        return None
    try:
        return float(_ARITHMETIC[operator](a, b))
    except (ZeroDivisionError, OverflowError, ValueError):
        return None


def _order(operator: str, sign: int) -> bool:
    return {"=": sign == 0, "!=": sign != 0, "<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0}[operator]


def percentile(values: Sequence[float], percent: float) -> float:
    """By linear interpolation between the ranks."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low, high = math.floor(place), math.ceil(place)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _numeric(function: Callable[[float], float]) -> Callable[..., Value]:
    def apply(value: Value) -> Value:
        known = number(value)
        return None if known is None else float(function(known))

    return apply


def _floor(value: Value, period_s: Value) -> Value:
    """Milliseconds, at the start of their period."""
    moment_ms, length_s = number(value), number(period_s)
    if moment_ms is None or not length_s:
        return None
    return float(moment_ms // (length_s * 1000) * (length_s * 1000))


def _least(*values: Value) -> Value:
    return min((known for known in map(number, values) if known is not None), default=None)


def _greatest(*values: Value) -> Value:
    return max((known for known in map(number, values) if known is not None), default=None)


def _coalesce(*values: Value) -> Value:
    return next((value for value in values if value is not None), None)


def _distinct(values: Sequence[Value]) -> Value:
    return float(len({text(value) for value in values}))


def _of_numbers(function: Callable[[Sequence[float]], float]) -> Callable[[Sequence[Value]], Value]:
    def apply(values: Sequence[Value]) -> Value:
        known = [found for found in map(number, values) if found is not None]
        return float(function(known)) if known else None

    return apply


def _extreme(pick: Callable[[Sequence[float]], float], sign: int) -> Callable[[Sequence[Value]], Value]:
    """The least or greatest: of numbers where all are, of texts otherwise."""

    def apply(values: Sequence[Value]) -> Value:
        known = [found for found in map(number, values) if found is not None]
        if known and len(known) == len(values):
            return pick(known)
        ordered = sorted(text(value) for value in values)
        return ordered[0 if sign < 0 else -1] if ordered else None

    return apply


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": math.fmod,
    "^": math.pow,
}
OPERATORS = frozenset(_ARITHMETIC)
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
SCALARS: dict[str, Callable[..., Value]] = {
    "abs": _numeric(abs),
    "ceil": _numeric(math.ceil),
    "floor": _numeric(math.floor),
    "greatest": _greatest,
    "least": _least,
    "datefloor": _floor,
    "tomillis": lambda value: value,
    "frommillis": lambda value: value,
    "coalesce": _coalesce,
    "concat": lambda *values: "".join(text(value) for value in values),
    "strlen": lambda value: None if value is None else float(len(text(value))),
    "tolower": lambda value: None if value is None else text(value).lower(),
    "toupper": lambda value: None if value is None else text(value).upper(),
    "trim": lambda value: None if value is None else text(value).strip(),
    "replace": lambda value, old, new: None if value is None else text(value).replace(text(old), text(new)),
    "strcontains": lambda value, part: float(value is not None and text(part) in text(value)),
    "ispresent": lambda value: value is not None,
    "isempty": lambda value: value is None or text(value) == "",
    "isblank": lambda value: value is None or not re.search(r"\S", text(value)),
}
"""By name in lower case, over the arguments' values."""

AGGREGATES: dict[str, Callable[[Sequence[Value]], Value]] = {
    "count": lambda values: float(len(values)),
    "count_distinct": _distinct,
    "sum": _of_numbers(sum),
    "avg": _of_numbers(lambda values: sum(values) / len(values)),
    "median": _of_numbers(lambda values: percentile(values, 50)),
    "stddev": _of_numbers(statistics.pstdev),
    "min": _extreme(min, -1),
    "max": _extreme(max, 1),
    "earliest": lambda values: values[0] if values else None,
    "latest": lambda values: values[-1] if values else None,
}
"""By name, over the values of those events that have one, the oldest first."""
PERCENTILES = ("pct", "percentile")
