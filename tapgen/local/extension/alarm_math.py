"""Metric math as far as alarms need it: queries, expressions over period by period values, and what is not supported.

Supported: numbers, ids, + - * / ^, comparisons, AND/OR, parentheses, IF, FILL, ABS, CEIL, FLOOR, METRICS, and SUM, AVG,
MIN, MAX over several series or over one. Source: CloudWatch User Guide, "Using math expressions with CloudWatch
metrics". Values are computed per period; a period without data has no value, and a calculation with such a value has
none either. Pure: it knows nothing of MiniStack.
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Series = tuple[float | None, ...]
"""One value per period, the oldest first; None where there is no data."""

_TOKEN = re.compile(
    r'\s*(?:(\d+\.?\d*|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|("[^"]*")|(<=|>=|==|!=|&&|\|\||[-+*/^()<>,\[\]]))'
)
_UNSUPPORTED = (
    "ANOMALY_DETECTION_BAND",
    "SEARCH",
    "METRIC_COUNT",
    "SERVICE_QUOTA",
    "INSIGHT_RULE_METRIC",
    "DB_PERF_INSIGHTS",
    "LAMBDA",
)


def typed_queries(queries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Metric data queries with numbers and booleans as such; templates may write them as text."""
    typed = []
    for query in queries:
        entry = dict(query)
        if "ReturnData" in entry:
            entry["ReturnData"] = str(entry["ReturnData"]).lower() == "true"
        if entry.get("Period") is not None:
            entry["Period"] = int(entry["Period"])
        if entry.get("MetricStat"):
            entry["MetricStat"] = {**entry["MetricStat"], "Period": int(entry["MetricStat"].get("Period", 60))}
        typed.append(entry)
    return typed


def check(queries: Sequence[Mapping[str, Any]], *, threshold_id: str | None = None) -> None:
    """Refuse queries that no alarm can be evaluated from.

    Raises:
        ValueError: What is wrong with them, or which function the embedded AWS does not support.
    """
    if threshold_id or any("ANOMALY_DETECTION_BAND" in str(query.get("Expression")) for query in queries):
        raise ValueError("Anomaly detection is not supported by the embedded AWS: it has no two weeks to learn from.")
    if not queries:
        return
    ids = [query.get("Id") for query in queries]
    if len(set(ids)) != len(ids):
        raise ValueError("The metrics list contains the same Id more than once.")
    for query in queries:
        if query.get("Expression"):
            _check_expression(str(query["Expression"]), {str(known) for known in ids})
    returned(queries)


def returned(queries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The one query whose result the alarm compares with its threshold.

    Raises:
        ValueError: None or several return data.
    """
    returning = [query for query in queries if query.get("ReturnData", True)]
    if len(returning) != 1:
        raise ValueError("Exactly one element of the metrics list should return data.")
    return returning[0]


def evaluate(
    expression: str, series: Mapping[str, Series], *, periods: int, metrics: Sequence[str] | None = None
) -> Series:
    """The values of an expression, period by period.

    Args:
        expression: The text.
        series: The series of every id that it may name, each ``periods`` long.
        periods: How many periods there are.
        metrics: The ids that METRICS() means, those of the queries that are no expressions; None means all.

    Raises:
        ValueError: The expression cannot be read, or names something unknown.
    """
    everything = {key: series[key] for key in (series if metrics is None else metrics)}
    parser = _Parser(_tokens(expression), series, everything, periods)
    return parser.parse()


def ids(expression: str, queries: Iterable[Mapping[str, Any]]) -> set[str]:
    """The ids of other queries that an expression names; METRICS() names all that are metrics."""
    words = {token.group(2) for token in _TOKEN.finditer(expression) if token.group(2)}
    return words & {str(query["Id"]) for query in queries}


def _check_expression(expression: str, ids: set[str]) -> None:
    for name in _UNSUPPORTED:
        if re.search(rf"\b{name}\s*\(", expression):
            known = "SEARCH is not supported on Metric Alarms." if name == "SEARCH" else ""
            raise ValueError(known or f"The function {name} is not supported by the embedded AWS.")
    evaluate(expression, dict.fromkeys(ids, (None,)), periods=1)


@dataclass(frozen=True)
class _Array:
    """Several series, the value of METRICS() or of ``[a, b]``."""

    members: tuple[Series, ...]


Value = Series | _Array


def _tokens(expression: str) -> list[str]:
    found, at = [], 0
    text = expression.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise ValueError(f"Error in expression: {expression!r} cannot be read at character {at + 1}.")
        found.append(next(group for group in match.groups() if group is not None))
        at = match.end()
    return [*found, ""]


class _Parser:
    """Reads an expression by precedence and computes it on the way."""

    def __init__(
        self, tokens: list[str], series: Mapping[str, Series], metrics: Mapping[str, Series], periods: int
    ) -> None:
        self._tokens = tokens
        self._series = series
        self._metrics = metrics
        self._periods = periods
        self._at = 0

    def parse(self) -> Series:
        value = self._binary(0)
        if self._peek():
            raise ValueError(f"Error in expression: unexpected {self._peek()!r}.")
        return self._one(value)

    def _peek(self) -> str:
        return self._tokens[min(self._at, len(self._tokens) - 1)]  # the last one marks the end

    def _take(self, expected: str = "") -> str:
        token = self._peek()
        if expected and token != expected:
            raise ValueError(f"Error in expression: {expected!r} is missing before {token!r}.")
        self._at += 1
        return token

    def _binary(self, level: int) -> Value:
        if level == len(_LEVELS):
            return self._unary()
        value = self._binary(level + 1)
        while self._peek() in _LEVELS[level]:
            operation = _LEVELS[level][self._take()]
            value = _zip(operation, self._one(value), self._one(self._binary(level + 1)))
        return value

    def _unary(self) -> Value:
        if self._peek() == "-":
            self._take()
            return _map(lambda value: -value, self._one(self._unary()))
        return self._power()

    def _power(self) -> Value:
        value = self._atom()
        if self._peek() == "^":
            self._take()
            return _zip(_power, self._one(value), self._one(self._unary()))
        return value

    def _atom(self) -> Value:
        token = self._take()
        if token == "(":  # noqa: S105 - a token of the expression
            value = self._binary(0)
            self._take(")")
            return value
        if token == "[":  # noqa: S105 - a token of the expression
            return _Array(tuple(self._one(value) for value in self._list("]")))
        if token and (token[0].isdigit() or token[0] == "."):
            return (float(token),) * self._periods
        if self._peek() == "(":
            self._take()
            return self._call(token, [] if token == "METRICS" else self._list(")"))  # noqa: S105 - a token of the expression
        if token in self._series:
            return self._series[token]
        raise ValueError(f"Error in expression: {token or 'the end'!r} is neither a metric id nor a function.")

    def _list(self, end: str) -> list[Value]:
        values = [self._fill_mode() if self._peek() in _FILL_MODES else self._binary(0)]
        while self._peek() == ",":
            self._take()
            values.append(self._fill_mode() if self._peek() in _FILL_MODES else self._binary(0))
        self._take(end)
        return values

    def _fill_mode(self) -> Value:
        """REPEAT and LINEAR look like ids; they travel as a marker that no series can be."""
        return _Array((_FILL_MODES[self._take()],))

    def _call(self, name: str, arguments: list[Value]) -> Value:
        if name == "METRICS":
            wanted = "" if self._peek() == ")" else self._take().strip('"')
            self._take(")")
            return _Array(tuple(values for key, values in self._metrics.items() if wanted in key))
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](arguments)
        raise ValueError(f"The function {name} is not supported by the embedded AWS.")

    def _one(self, value: Value) -> Series:
        if isinstance(value, _Array):
            raise ValueError(  # noqa: TRY004 - wrong in what a user wrote
                "Error in expression: an array of metrics stands where one metric is needed."
            )
        return value


def _map(function: Callable[[float], float], series: Series) -> Series:
    return tuple(None if value is None else function(value) for value in series)


def _zip(function: Callable[[float, float], float | None], left: Series, right: Series) -> Series:
    pairs = zip(left, right, strict=True)
    return tuple(None if a is None or b is None else function(a, b) for a, b in pairs)


def _quotient(left: float, right: float) -> float | None:
    return left / right if right else None


def _power(left: float, right: float) -> float | None:
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
    if isinstance(series, _Array):
        return _Array(tuple(_fill_one(member, filler) for member in series.members))
    return _fill_one(series, filler)


def _fill_one(series: Series, filler: Value) -> Series:
    if isinstance(filler, _Array):
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
        if isinstance(argument, _Array):
            columns = zip(*argument.members, strict=True)
            return tuple(_aggregated(function, column) for column in columns)
        return (_aggregated(function, argument),) * len(argument)

    return aggregate


def _aggregated(function: Callable[[list[float]], float], values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return function(known) if known else None


def _each(function: Callable[[float], float]) -> Callable[[list[Value]], Series]:
    return lambda arguments: _map(function, _series_of(arguments[0]))


def _series_of(value: Value) -> Series:
    if isinstance(value, _Array):
        raise ValueError(  # noqa: TRY004 - wrong in what a user wrote
            "Error in expression: an array of metrics stands where one metric is needed."
        )
    return value


_REPEAT: Series = (math.inf, -math.inf, 1.0)
_LINEAR: Series = (math.inf, -math.inf, 2.0)
_FILL_MODES = {"REPEAT": _REPEAT, "LINEAR": _LINEAR}
_LEVELS: tuple[dict[str, Callable[[float, float], float | None]], ...] = (
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
_FUNCTIONS: dict[str, Callable[[list[Value]], Value]] = {
    "IF": _if,
    "FILL": _fill,
    "ABS": _each(abs),
    "CEIL": _each(lambda value: float(math.ceil(value))),
    "FLOOR": _each(lambda value: float(math.floor(value))),
    "SUM": _across("SUM", sum),
    "AVG": _across("AVG", lambda values: sum(values) / len(values)),
    "MIN": _across("MIN", min),
    "MAX": _across("MAX", max),
}
