"""What Lambda's poller does with the role of a function that reads a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.iam.stated import Stated
from tapgen.parts.names import physical_name
from tapgen.parts.queue.sources import POLLER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.naming import Names
    from tapgen.parts.queue.model import Messages


def state_poller(names: Names, source: Messages) -> Iterator[Stated]:
    """The receives and deletes, which nobody's request shows."""
    yield Stated(
        actions=frozenset(POLLER),
        resource=f"arn:*:sqs:*:{physical_name(names, source.part)}",
        reason="Lambda's poller reads the queue with the function's role",
        source="Lambda developer guide, 'Using Lambda with Amazon SQS', execution role permissions",
    )
