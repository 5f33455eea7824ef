"""How long CloudWatch Logs keeps events: the values that it offers, as a checked type."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

# What CloudWatch Logs accepts for PutRetentionPolicy (CloudWatch Logs API reference).
LOG_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip


def _check_retention(value: int) -> int:
    if value not in LOG_RETENTION_DAYS:
        allowed = ", ".join(map(str, LOG_RETENTION_DAYS))
        raise PydanticCustomError(
            "log_retention", "must be a retention that CloudWatch Logs offers: {allowed} days", {"allowed": allowed}
        )
    return value


LogRetentionDays = Annotated[
    int, AfterValidator(_check_retention), Field(json_schema_extra={"enum": list(LOG_RETENTION_DAYS)})
]
