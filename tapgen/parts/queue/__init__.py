"""SQS queues: of work, and of messages that could not be handled."""

from __future__ import annotations

from tapgen.parts.registry import Kind

KIND = Kind(name="queue", package="tapgen.parts.queue", section="queues", shared="queue", stack="data", spread=True)
