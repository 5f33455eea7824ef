"""What an environment says about one queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class QueueSettings:
    """One SQS queue."""

    retention_days: int
    visibility_timeout_s: int | None


def shared_defaults(*, production: bool) -> dict[str, Any]:  # noqa: ARG001 - the same everywhere
    """What holds for every queue where the file is silent: the longest that SQS keeps a message."""
    return {"retention_days": 14, "visibility_timeout_s": None}


SETTINGS = QueueSettings
