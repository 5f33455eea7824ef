"""What an environment says about one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class TableSettings:
    """One DynamoDB table."""

    point_in_time_recovery: bool
    deletion_protection: bool
    ttl_attribute: str | None
    stream_view: str


def shared_defaults(*, production: bool) -> dict[str, Any]:
    """What holds for every table where the file is silent."""
    return {
        "point_in_time_recovery": True,
        "deletion_protection": production,
        "ttl_attribute": None,
        "stream_view": "NEW_AND_OLD_IMAGES",
    }


SETTINGS = TableSettings
