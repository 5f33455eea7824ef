"""Alarms on a table, and on a function that falls behind the table's changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.alarm import Definition, Metric, Signal
from tapgen.parts.table.names import physical_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.config.environment import Environment
    from tapgen.naming import Names
    from tapgen.parts.function.model import Function
    from tapgen.parts.table.model import Table

RUNBOOKS = {
    "table-read-throttles": "Reads of a table are throttled",
    "table-write-throttles": "Writes of a table are throttled",
    "stream-lag": "A function falls behind a table's stream",
}
"""Slug of each runbook that the alarms of the kind name, with what is wrong."""


def define(environment: Environment, names: Names, part: Table) -> Iterator[Definition]:
    """Throttled reads and writes, and each consumer of its stream."""
    for kind in ("Read", "Write"):
        yield _throttles(names, part, kind)
    for function, _ in environment.service.consumers(part):
        yield _lag(environment, names, function)


def _lag(environment: Environment, names: Names, function: Function) -> Definition:
    age = Metric(
        namespace="AWS/Lambda",
        name="IteratorAge",
        dimensions={"FunctionName": names.function(function.name)},
        statistic="Maximum",
    )
    return Definition(
        slug=f"{function.name}-lag",
        logical_id=f"{function.logical_id}Lag",
        severity="warning",
        area=function.name,
        text=f"The {function.name} function falls behind the table's stream, which keeps records for 24 hours",
        signal=Signal(metrics={"age": age}),
        threshold=environment.alarms.iterator_age_ms,
        periods=2,
        runbook="stream-lag",
    )


def _throttles(names: Names, part: Table, kind: str) -> Definition:
    """Through an expression: an alarm on a metric of AWS/DynamoDB ignores missing data whatever it says.

    The metric exists in minutes with throttles alone, so the alarm would never be over (CloudWatch user guide,
    "Configuring how CloudWatch alarms treat missing data").
    """
    table = physical_name(names, part)
    metric = Metric(namespace="AWS/DynamoDB", name=f"{kind}ThrottleEvents", dimensions={"TableName": table})
    return Definition(
        slug=f"{part.name}-{kind.lower()}-throttles",
        logical_id=f"{part.logical_id}{kind}Throttles",
        severity="warning",
        area=part.label,
        text=f"{kind}s of the {part.name} table are throttled",
        signal=Signal(
            metrics={"throttles": metric}, expression="FILL(throttles, 0)", label=f"throttled {kind.lower()}s"
        ),
        threshold=1,
        runbook=f"table-{kind.lower()}-throttles",
    )
