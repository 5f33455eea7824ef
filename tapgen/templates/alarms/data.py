"""Alarms on the table and on the archive of its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.templates.alarms.definition import Definition, Metric, Signal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.config.environment import Environment
    from tapgen.naming import Names


def define(environment: Environment, names: Names) -> Iterator[Definition]:
    """Throttled reads and writes, an archiver that falls behind, changes that could not be archived."""
    for kind in ("Read", "Write"):
        yield _throttles(names, kind)
    thresholds = environment.alarms
    age = Metric(
        namespace="AWS/Lambda",
        name="IteratorAge",
        dimensions={"FunctionName": names.function("archiver")},
        statistic="Maximum",
    )
    depth = Metric(
        namespace="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": names.dead_letter_queue},
        statistic="Maximum",
    )
    yield Definition(
        slug="archive-lag",
        logical_id="ArchiveLag",
        severity="warning",
        area="archive",
        text="The archiver falls behind the table's stream, which keeps records for 24 hours",
        signal=Signal(metrics={"age": age}),
        threshold=thresholds.iterator_age_ms,
        periods=2,
    )
    yield Definition(
        slug="dead-letters",
        logical_id="DeadLetters",
        severity="critical",
        area="archive",
        text="Changes could not be archived and wait in the dead-letter queue",
        signal=Signal(metrics={"depth": depth}),
        threshold=thresholds.dead_letter_depth,
    )


def _throttles(names: Names, kind: str) -> Definition:
    """Through an expression: an alarm on a metric of AWS/DynamoDB ignores missing data whatever it says.

    The metric exists in minutes with throttles alone, so the alarm would never be over (CloudWatch user guide,
    "Configuring how CloudWatch alarms treat missing data").
    """
    metric = Metric(namespace="AWS/DynamoDB", name=f"{kind}ThrottleEvents", dimensions={"TableName": names.table})
    return Definition(
        slug=f"table-{kind.lower()}-throttles",
        logical_id=f"Table{kind}Throttles",
        severity="warning",
        area="table",
        text=f"{kind}s of the table are throttled",
        signal=Signal(
            metrics={"throttles": metric}, expression="FILL(throttles, 0)", label=f"throttled {kind.lower()}s"
        ),
        threshold=1,
    )
