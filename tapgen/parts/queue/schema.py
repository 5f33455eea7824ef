"""What the file may say about one queue, as a pydantic model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tapgen.elements.section import Section


class QueueSection(Section):
    """An SQS queue."""

    retention_days: Annotated[int, Field(ge=1, le=14)]
    """Days that SQS keeps a message that nobody takes."""
    visibility_timeout_s: Annotated[int, Field(ge=0, le=43200)] | None
    """Seconds that a taken message stays hidden; null is six times the consumer's timeout, as Lambda advises."""


SCHEMA = QueueSection
