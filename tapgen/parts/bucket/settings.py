"""What an environment says about one bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class BucketSettings:
    """One S3 bucket."""

    glacier_after_days: int | None
    expire_after_days: int | None
    access_log_retention_days: int


def shared_defaults(*, production: bool) -> dict[str, Any]:  # noqa: ARG001 - the same everywhere
    """What holds for every bucket where the file is silent."""
    return {"glacier_after_days": None, "expire_after_days": None, "access_log_retention_days": 90}


SETTINGS = BucketSettings
