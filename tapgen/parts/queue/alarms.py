"""Alarms on a queue: messages that could not be handled, and a consumer that is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.alarm import Definition, Metric, Signal
from tapgen.parts.part import pascal_case
from tapgen.parts.queue.names import physical_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.config.environment import Environment
    from tapgen.naming import Names
    from tapgen.parts.queue.model import Queue

RUNBOOKS = {
    "dead-letters": "What could not be handled waits in a queue",
    "queue-age": "A function falls behind a queue",
}
"""Slug of each runbook that the alarms of the kind name, with what is wrong."""


def define(environment: Environment, names: Names, part: Queue) -> Iterator[Definition]:
    """One message is trouble where failures end; elsewhere it is trouble when the oldest waits too long."""
    if part.holds_failures:
        yield Definition(
            slug=part.name,
            logical_id=pascal_case(part.name),
            severity="critical",
            area=_area(environment, part),
            text=f"What could not be handled waits in the {part.name} queue",
            signal=Signal(metrics={"depth": queue_metric(names, part, "ApproximateNumberOfMessagesVisible")}),
            threshold=environment.alarms.dead_letter_depth,
            runbook="dead-letters",
        )
        return
    for function, _ in environment.service.consumers(part):
        yield Definition(
            slug=f"{part.name}-age",
            logical_id=f"{part.logical_id}Age",
            severity="warning",
            area=function.name,
            text=f"The {function.name} function falls behind the {part.name} queue",
            signal=Signal(metrics={"age": queue_metric(names, part, "ApproximateAgeOfOldestMessage")}),
            threshold=environment.alarms.message_age_s,
            periods=2,
            runbook="queue-age",
        )


def queue_metric(names: Names, part: Queue, metric: str) -> Metric:
    """A metric of the queue."""
    return Metric(
        namespace="AWS/SQS", name=metric, dimensions={"QueueName": physical_name(names, part)}, statistic="Maximum"
    )


def _area(environment: Environment, part: Queue) -> str:
    """The function whose failures end here: its other alarms are the same trouble."""
    for function in environment.service.functions:
        for source in function.sources:
            if part in (getattr(source, "on_failure", None), getattr(source.part, "dead_letters", None)):
                return function.name
    return part.label
