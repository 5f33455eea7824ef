"""A queue's row on the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.widgets import axis, graph, metric, row, text
from tapgen.parts.queue.names import physical_name

if TYPE_CHECKING:
    from tapgen.elements.widgets import Widget
    from tapgen.elements.wiring import Context
    from tapgen.parts.queue.model import Queue

_RED = "#d62728"


def rows(context: Context, part: Queue) -> list[Widget | list[Widget]]:
    """What waits; where work passes through, how long the oldest has waited and what comes and goes as well."""
    queue = {"QueueName": physical_name(context.names, part)}
    color = {"color": _RED} if part.holds_failures else {}
    waiting = metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue, stat="Maximum", label="waiting", **color)
    graphs = [graph("Waiting (messages)", [waiting], yAxis=axis("messages"))]
    if not part.holds_failures:
        age = metric("AWS/SQS", "ApproximateAgeOfOldestMessage", queue, stat="Maximum", label="oldest")
        flow = [
            metric("AWS/SQS", f"NumberOfMessages{what}", queue, label=what.lower())
            for what in ("Sent", "Received", "Deleted")
        ]
        graphs += [
            graph("Age of the oldest message (s)", [age], yAxis=axis("s")),
            graph("Messages (per minute)", flow, yAxis=axis("messages")),
        ]
    return [text(f"## Queue {part.name}"), row(*graphs)]
