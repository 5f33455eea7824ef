"""SNS topics, with the queues and functions that they tell."""

from __future__ import annotations

from tapgen.parts.registry import Kind

KIND = Kind(
    name="topic",
    package="tapgen.parts.topic",
    taken={"alarms-critical": "alarms", "alarms-warning": "alarms"},
    stack="data",
    spread=True,
)
