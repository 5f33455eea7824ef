"""What metric math computes with: series of values, the operators and the functions over them. Pure."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Series = tuple[float | None, ...]
"""One value per period, the oldest first; None where there is no data."""


@dataclass(frozen=True)
class Array:
    """Several series: the value of METRICS(), SEARCH() or of ``[a, b]``; those of SEARCH() have labels."""

    members: tuple[Series, ...]
    labels: tuple[str, ...] = ()


Value = Series | Array


def mapped(function: Callable[[float], float], series: Series) -> Series:
    """A series with ``function`` applied to every value that is there."""
    return tuple(None if value is None else function(value) for value in series)


def zipped(function: Callable[[float, float], float | None], left: Series, right: Series) -> Series:
    """Two series combined period by period, where both have a value."""
    pairs = zip(left, right, strict=True)
    return tuple(None if a is None or b is None else function(a, b) for a, b in pairs)


def combined(function: Callable[[float, float], float | None], left: Value, right: Value) -> Value:
    """Two values combined; an array with one series is an array of the same labels.

    Raises:
        ValueError: Both are arrays.
    """
    if isinstance(left, Array):
        if isinstance(right, Array):
            raise ValueError(  # noqa: TRY004 - wrong in what a user wrote
                "Error in expression: two arrays of metrics cannot be combined."
            )
        return Array(tuple(zipped(function, member, right) for member in left.members), left.labels)
    if isinstance(right, Array):
        return Array(tuple(zipped(function, left, member) for member in right.members), right.labels)
    return zipped(function, left, right)


def _quotient(left: float, right: float) -> float | None:
    return left / right if right else None


def power(left: float, right: float) -> float | None:
    """``left`` to the power of ``right``; None where that is no real number."""
    try:
        value = left**right
    except (OverflowError, ZeroDivisionError):
        return None
    return None if isinstance(value, complex) else float(value)


def _if(arguments: list[Value]) -> Series:
    """IF(condition, then[, else]): without an else, periods where the condition is false have no value."""
    condition, then, *rest = (_series_of(argument) for argument in arguments)
    otherwise = rest[0] if rest else (None,) * len(condition)
    return tuple(
        None if test is None else (yes if test else no)
        for test, yes, no in zip(condition, then, otherwise, strict=True)
    )


def _fill(arguments: list[Value]) -> Value:
    series, filler = arguments
    if isinstance(series, Array):
        return Array(tuple(_fill_one(member, filler) for member in series.members), series.labels)
    return _fill_one(series, filler)


def _fill_one(series: Series, filler: Value) -> Series:
    if isinstance(filler, Array):
        return _repeated(series) if filler.members[0] == _REPEAT else _interpolated(series)
    return tuple(other if value is None else value for value, other in zip(series, filler, strict=True))


def _repeated(series: Series) -> Series:
    filled: list[float | None] = []
    for value in series:
        filled.append(filled[-1] if value is None and filled else value)
    return tuple(filled)


def _interpolated(series: Series) -> Series:
    known = [index for index, value in enumerate(series) if value is not None]
    filled = list(series)
    for left, right in itertools.pairwise(known):
        start, end = series[left], series[right]
        assert start is not None and end is not None  # noqa: S101, PT018 - both are known indexes
        for index in range(left + 1, right):
            filled[index] = start + (end - start) * (index - left) / (right - left)
    return tuple(filled)


def _across(name: str, function: Callable[[list[float]], float]) -> Callable[[list[Value]], Series]:
    """An aggregate: over several series per period; over one series, its one number in every period."""

    def aggregate(arguments: list[Value]) -> Series:
        if len(arguments) != 1:
            raise ValueError(f"Error in expression: {name} takes one argument.")
        (argument,) = arguments
        if isinstance(argument, Array):
            columns = zip(*argument.members, strict=True)
            return tuple(_aggregated(function, column) for column in columns)
        return (_aggregated(function, argument),) * len(argument)

    return aggregate


def _aggregated(function: Callable[[list[float]], float], values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return function(known) if known else None


def _each(function: Callable[[float], float]) -> Callable[[list[Value]], Value]:
    return _over(lambda series: mapped(function, series))


def _over(function: Callable[[Series], Series]) -> Callable[[list[Value]], Value]:
    """A function of one series, which an array's members go through one by one."""

    def apply(arguments: list[Value]) -> Value:
        (argument,) = arguments
        if isinstance(argument, Array):
            return Array(tuple(function(member) for member in argument.members), argument.labels)
        return function(argument)

    return apply


def _running_sum(series: Series) -> Series:
    total, sums = 0.0, []
    for value in series:
        total += value or 0.0
        sums.append(total)
    return tuple(sums)


def _difference(series: Series) -> Series:
    """Each value less the one before it; the first has none."""
    pairs = itertools.pairwise(series)
    return (None, *(None if a is None or b is None else b - a for a, b in pairs)) if series else ()


def _series_of(value: Value) -> Series:
    if isinstance(value, Array):
        raise ValueError(  # noqa: TRY004 - wrong in what a user wrote
            "Error in expression: an array of metrics stands where one metric is needed."
        )
    return value


_REPEAT: Series = (math.inf, -math.inf, 1.0)
_LINEAR: Series = (math.inf, -math.inf, 2.0)
FILL_MODES = {"REPEAT": _REPEAT, "LINEAR": _LINEAR}
LEVELS: tuple[dict[str, Callable[[float, float], float | None]], ...] = (
    {"||": lambda a, b: float(bool(a or b)), "OR": lambda a, b: float(bool(a or b))},
    {"&&": lambda a, b: float(bool(a and b)), "AND": lambda a, b: float(bool(a and b))},
    {"==": lambda a, b: float(a == b), "!=": lambda a, b: float(a != b)},
    {
        "<": lambda a, b: float(a < b),
        "<=": lambda a, b: float(a <= b),
        ">": lambda a, b: float(a > b),
        ">=": lambda a, b: float(a >= b),
    },
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b},
    {"*": lambda a, b: a * b, "/": _quotient},
)
FUNCTIONS: dict[str, Callable[[list[Value]], Value]] = {
    "IF": _if,
    "FILL": _fill,
    "ABS": _each(abs),
    "CEIL": _each(lambda value: float(math.ceil(value))),
    "FLOOR": _each(lambda value: float(math.floor(value))),
    "RUNNING_SUM": _over(_running_sum),
    "DIFF": _over(_difference),
    "SUM": _across("SUM", sum),
    "AVG": _across("AVG", lambda values: sum(values) / len(values)),
    "MIN": _across("MIN", min),
    "MAX": _across("MAX", max),
}
