"""Evaluates a query of Logs Insights over events. Pure: it knows nothing of MiniStack.

Source: CloudWatch Logs User Guide, "CloudWatch Logs Insights language query syntax".
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tapgen.local.extension.logs import insights_functions as functions
from tapgen.local.extension.logs.insights_syntax import parse
from tapgen.local.extension.logs.insights_tree import Call, Constant, Field, MalformedQueryError, Pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tapgen.local.extension.logs.insights_fields import Event
    from tapgen.local.extension.logs.insights_functions import Value
    from tapgen.local.extension.logs.insights_tree import Column, Command, Expression

_DEFAULT_FIELDS = ("@timestamp", "@message")
_TIMES = ("@timestamp", "@ingestionTime")
_MOST_ROWS = 10_000
Row = dict[str, str]


@dataclass(frozen=True)
class Found:
    """What a query found.

    Attributes:
        rows: Name and value; a name without a value is left out.
        matched: How many events passed the filters.
    """

    rows: list[Row]
    matched: int


def run(query: str, events: Iterable[Event], *, limit: int = _MOST_ROWS) -> Found:
    """Evaluate a query.

    Args:
        query: Its text.
        events: The oldest first.
        limit: How many rows there may be, of StartQuery; the query's own one counts as well.

    Raises:
        MalformedQueryError: The query cannot be read.
    """
    state = _State([_Line(dict(each.fields), each.pointer) for each in events])
    for command in parse(query):
        _COMMANDS[command.name](state, command)
    columns = state.columns or list(_DEFAULT_FIELDS)
    rows = [_row(line, columns, state) for line in state.lines[: min(limit, _MOST_ROWS)]]
    return Found(rows, state.matched)


@dataclass
class _Line:
    values: dict[str, Value]
    pointer: str = ""


@dataclass
class _State:
    """The events on their way through the commands, and the columns to show."""

    lines: list[_Line]
    columns: list[str] = field(default_factory=list)
    moments: set[str] = field(default_factory=lambda: set(_TIMES))
    matched: int = field(init=False)

    def __post_init__(self) -> None:
        self.matched = len(self.lines)


def _fields(state: _State, command: Command) -> None:
    for line in state.lines:
        line.values |= {column.name: evaluate(column.expression, line.values) for column in command.columns}
    _note_moments(state, command.columns)
    state.columns += [column.name for column in command.columns if column.name not in state.columns]


def _display(state: _State, command: Command) -> None:
    state.columns = []
    _fields(state, command)


def _filter(state: _State, command: Command) -> None:
    condition = _given(command.expression)
    state.lines = [line for line in state.lines if _is_true(evaluate(condition, line.values))]
    state.matched = len(state.lines)


def _parse(state: _State, command: Command) -> None:
    source = _given(command.expression)
    for line in state.lines:
        found = command.pattern.search(functions.text(evaluate(source, line.values))) if command.pattern else None
        line.values |= found.groupdict() if found else {}


def _stats(state: _State, command: Command) -> None:
    groups: dict[tuple[str, ...], list[_Line]] = {}
    for line in state.lines:
        # [inferred]: events without a field that they are grouped by are a group of their own.
        key = tuple(functions.text(evaluate(column.expression, line.values)) for column in command.by)
        groups.setdefault(key, []).append(line)
    if not command.by:
        groups = {(): state.lines}
    state.lines = [_Line(_grouped(command, [line.values for line in lines])) for lines in groups.values()]
    state.columns = [column.name for column in (*command.by, *command.columns)]
    _note_moments(state, command.by)


def _grouped(command: Command, members: list[dict[str, Value]]) -> dict[str, Value]:
    values = {column.name: evaluate(column.expression, members[0]) for column in command.by}
    return values | {column.name: aggregate(column.expression, members) for column in command.columns}


def _sort(state: _State, command: Command) -> None:
    for order in reversed(command.order):
        state.lines.sort(key=lambda line: _key(evaluate(order.expression, line.values)), reverse=order.descending)


def _limit(state: _State, command: Command) -> None:
    state.lines = state.lines[: command.limit]


def _dedup(state: _State, command: Command) -> None:
    kept: dict[tuple[str, ...], _Line] = {}
    for line in state.lines:
        key = tuple(functions.text(evaluate(column.expression, line.values)) for column in command.columns)
        kept.setdefault(key, line)
    state.lines = list(kept.values())


def evaluate(expression: Expression, values: dict[str, Value]) -> Value:
    """The value of an expression for one event.

    Raises:
        MalformedQueryError: It calls a function that is not known, or with wrong arguments.
    """
    if isinstance(expression, Constant):
        return expression.value
    if isinstance(expression, Field):
        return values.get(expression.name)
    if isinstance(expression, Pattern):
        raise MalformedQueryError("a regular expression stands where a value is needed")
    return _called(expression, values)


def aggregate(expression: Expression, members: Sequence[dict[str, Value]]) -> Value:
    """The value of an expression for a group of events: aggregates over all, anything else of the first.

    Raises:
        MalformedQueryError: As :func:`evaluate`.
    """
    if not isinstance(expression, Call):
        return evaluate(expression, members[0] if members else {})
    name, arguments = expression.name, expression.arguments
    if name == "count" and (not arguments or arguments[0] == Constant("*")):
        return float(len(members))
    if name in functions.AGGREGATES or name in functions.PERCENTILES:
        found = [evaluate(arguments[0], values) for values in members] if arguments else []
        known = [value for value in found if value is not None]
        return _percentile(known, arguments) if name in functions.PERCENTILES else functions.AGGREGATES[name](known)
    if name in functions.OPERATORS:
        left, right = (aggregate(argument, members) for argument in arguments)
        return functions.calculate(name, left, right)
    return evaluate(expression, members[0] if members else {})


def _percentile(values: Sequence[Value], arguments: Sequence[Expression]) -> Value:
    if len(arguments) != 2 or not isinstance(arguments[1], Constant):
        raise MalformedQueryError("pct takes a field and a number")
    numbers = [found for found in map(functions.number, values) if found is not None]
    return functions.percentile(numbers, float(arguments[1].value)) if numbers else None


def _called(call: Call, values: dict[str, Value]) -> Value:
    name, arguments = call.name, call.arguments
    if name in _LOGIC:
        return _LOGIC[name](_is_true(evaluate(argument, values)) for argument in arguments)
    if name == "like":
        return _is_like(arguments, values)
    known = [evaluate(argument, values) for argument in arguments]
    if name == "bin":
        return functions.SCALARS["datefloor"](values.get("@timestamp"), *known)
    if name == "in":
        return any(functions.compare("=", known[0], member) for member in known[1:])
    return _scalar(name)(*known)


def _is_like(arguments: Sequence[Expression], values: dict[str, Value]) -> bool:
    source, pattern = arguments
    value = evaluate(source, values)
    return value is not None and isinstance(pattern, Pattern) and bool(pattern.regex.search(functions.text(value)))


def _scalar(name: str) -> Callable[..., Value]:
    if name in functions.COMPARISONS:
        return functools.partial(functions.compare, name)
    if name in functions.OPERATORS:
        return functools.partial(functions.calculate, name)
    if name in functions.SCALARS:
        return functions.SCALARS[name]
    if name in functions.AGGREGATES or name in functions.PERCENTILES:
        raise MalformedQueryError(f"{name} stands outside of stats")
    raise MalformedQueryError(f"the function {name!r} is not known to the embedded AWS")


def _given(expression: Expression | None) -> Expression:
    if expression is None:
        raise MalformedQueryError("an expression is missing")
    return expression


def _is_true(value: Value) -> bool:
    return bool(value) if isinstance(value, bool | float) else value is not None


def _key(value: Value) -> tuple[int, float, str]:
    """What has no value comes before numbers, numbers before texts."""
    known = functions.number(value)
    if value is None:
        return (0, 0.0, "")
    return (1, known, "") if known is not None else (2, 0.0, functions.text(value))


def _note_moments(state: _State, columns: Iterable[Column]) -> None:
    """Remember which columns are moments, to be shown as such."""
    for column in columns:
        expression = column.expression
        copied = isinstance(expression, Field) and expression.name in state.moments
        if copied or (isinstance(expression, Call) and expression.name in ("bin", "datefloor", "frommillis")):
            state.moments.add(column.name)


def _row(line: _Line, columns: Sequence[str], state: _State) -> Row:
    row = {}
    for name in columns:
        value = line.values.get(name)
        if value is not None:
            row[name] = _instant(value) if name in state.moments and isinstance(value, float) else functions.text(value)
    return row | ({"@ptr": line.pointer} if line.pointer else {})


def _instant(moment_ms: float) -> str:
    return f"{datetime.fromtimestamp(moment_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}.{int(moment_ms) % 1000:03d}"


_LOGIC: dict[str, Callable[[Iterable[bool]], bool]] = {"and": all, "or": any, "not": lambda values: not any(values)}
_COMMANDS: dict[str, Callable[[_State, Command], None]] = {
    "fields": _fields,
    "display": _display,
    "filter": _filter,
    "parse": _parse,
    "stats": _stats,
    "sort": _sort,
    "limit": _limit,
    "dedup": _dedup,
}
