"""What Lambda's poller does with the role of a function that reads a table's stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.iam.stated import Stated, state_stream
from tapgen.parts.names import physical_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.naming import Names
    from tapgen.parts.table.model import Changes


def state_poller(names: Names, source: Changes) -> Iterator[Stated]:
    """The reads of the stream, which nobody's request shows."""
    yield from state_stream(physical_name(names, source.part))
