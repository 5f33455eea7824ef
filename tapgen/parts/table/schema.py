"""What the file may say about one table, as a pydantic model."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from tapgen.elements.section import Section


class TableSection(Section):
    """A DynamoDB table."""

    point_in_time_recovery: bool
    """Continuous backups (PITR)."""
    deletion_protection: bool
    """DynamoDB refuses to delete the table."""
    # TimeToLiveSpecification, AttributeName (DynamoDB API reference).
    ttl_attribute: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None
    """Attribute with the expiry in epoch seconds; null turns TTL off."""
    stream_view: Literal["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"]
    """What the table's stream shows of a changed item."""


SCHEMA = TableSection
