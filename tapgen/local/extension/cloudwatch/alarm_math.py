"""Metric math as far as alarms and dashboards need it: queries, expressions period by period, what is not supported.

Supported: numbers, ids, + - * / ^, comparisons, AND/OR, parentheses, IF, FILL, ABS, CEIL, FLOOR, RUNNING_SUM, DIFF,
METRICS, and SUM, AVG, MIN, MAX over several series or over one; SEARCH, which dashboards alone have, is the caller's.
Source: CloudWatch User Guide, "Using math expressions with CloudWatch metrics". Values are per period; one that
has no data has no value, and a calculation with such a value has none either. Pure: it knows nothing of MiniStack.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudwatch import anomaly_bands
from tapgen.local.extension.cloudwatch.math_functions import (
    FILL_MODES,
    FUNCTIONS,
    LEVELS,
    Array,
    Series,
    combined,
    power,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tapgen.local.extension.cloudwatch.math_functions import Value

_TOKEN = re.compile(
    r'\s*(?:(\d+\.?\d*|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|("[^"]*")|(<=|>=|==|!=|&&|\|\||[-+*/^()<>,\[\]]))'
)
_UNSUPPORTED = (
    # Where ThresholdMetricId names it, it is no part of the calculation.
    anomaly_bands.FUNCTION,
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
    if threshold_id:
        anomaly_bands.read_band(queries, threshold_id)
        queries = [query for query in queries if query.get("Id") != threshold_id]
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
    return parser.one(parser.parse())


def evaluate_any(expression: str, values: Mapping[str, Value], *, periods: int, metrics: Mapping[str, Series]) -> Value:
    """The value of an expression that may be several series, as GetMetricData and dashboards have them.

    Args:
        expression: The text.
        values: What every name in it means.
        periods: How many periods there are.
        metrics: What METRICS() means, by id.

    Raises:
        ValueError: The expression cannot be read, or names something unknown.
    """
    return _Parser(_tokens(expression), values, metrics, periods).parse()


def in_order(queries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Metrics, then expressions, each after those that it names.

    Raises:
        ValueError: Expressions name each other.
    """
    metrics = [query for query in queries if not query.get("Expression")]
    expressions = [query for query in queries if query.get("Expression")]
    known = {query["Id"] for query in metrics}
    ordered = list(metrics)
    while expressions:
        ready = [query for query in expressions if ids(query["Expression"], queries) <= known]
        if not ready:
            raise ValueError("The expressions name each other in a circle.")
        ordered += ready
        known |= {query["Id"] for query in ready}
        expressions = [query for query in expressions if query not in ready]
    return ordered


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
        self, tokens: list[str], series: Mapping[str, Value], metrics: Mapping[str, Series], periods: int
    ) -> None:
        self._tokens = tokens
        self._series = series
        self._metrics = metrics
        self._periods = periods
        self._at = 0

    def parse(self) -> Value:
        value = self._binary(0)
        if self._peek():
            raise ValueError(f"Error in expression: unexpected {self._peek()!r}.")
        return value

    def _peek(self) -> str:
        return self._tokens[min(self._at, len(self._tokens) - 1)]  # the last one marks the end

    def _take(self, expected: str = "") -> str:
        token = self._peek()
        if expected and token != expected:
            raise ValueError(f"Error in expression: {expected!r} is missing before {token!r}.")
        self._at += 1
        return token

    def _binary(self, level: int) -> Value:
        if level == len(LEVELS):
            return self._unary()
        value = self._binary(level + 1)
        while self._peek() in LEVELS[level]:
            operation = LEVELS[level][self._take()]
            value = combined(operation, value, self._binary(level + 1))
        return value

    def _unary(self) -> Value:
        if self._peek() == "-":
            self._take()
            return combined(lambda minus, value: minus * value, (-1.0,) * self._periods, self._unary())
        return self._power()

    def _power(self) -> Value:
        value = self._atom()
        if self._peek() == "^":
            self._take()
            return combined(power, value, self._unary())
        return value

    def _atom(self) -> Value:
        token = self._take()
        if token == "(":  # noqa: S105 - a token of the expression
            value = self._binary(0)
            self._take(")")
            return value
        if token == "[":  # noqa: S105 - a token of the expression
            return Array(tuple(self.one(value) for value in self._list("]")))
        if token and (token[0].isdigit() or token[0] == "."):
            return (float(token),) * self._periods
        if self._peek() == "(":
            self._take()
            return self._call(token, [] if token == "METRICS" else self._list(")"))  # noqa: S105 - a token of the expression
        if token in self._series:
            return self._series[token]
        raise ValueError(f"Error in expression: {token or 'the end'!r} is neither a metric id nor a function.")

    def _list(self, end: str) -> list[Value]:
        values = [self._fill_mode() if self._peek() in FILL_MODES else self._binary(0)]
        while self._peek() == ",":
            self._take()
            values.append(self._fill_mode() if self._peek() in FILL_MODES else self._binary(0))
        self._take(end)
        return values

    def _fill_mode(self) -> Value:
        """REPEAT and LINEAR look like ids; they travel as a marker that no series can be."""
        return Array((FILL_MODES[self._take()],))

    def _call(self, name: str, arguments: list[Value]) -> Value:
        if name == "METRICS":
            wanted = "" if self._peek() == ")" else self._take().strip('"')
            self._take(")")
            return Array(tuple(values for key, values in self._metrics.items() if wanted in key))
        if name in FUNCTIONS:
            return FUNCTIONS[name](arguments)
        raise ValueError(f"The function {name} is not supported by the embedded AWS.")

    def one(self, value: Value) -> Series:
        """The value as the one series that is wanted here."""
        if isinstance(value, Array):
            raise ValueError(  # noqa: TRY004 - wrong in what a user wrote
                "Error in expression: an array of metrics stands where one metric is needed."
            )
        return value
