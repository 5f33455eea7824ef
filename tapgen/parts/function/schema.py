"""What the file may say about one function, as a pydantic model."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tapgen.elements.retention import LogRetentionDays  # noqa: TC001 - pydantic reads the annotations
from tapgen.elements.section import Section


class ProvisionedConcurrencySection(Section):
    """Execution environments that are kept ready; a function that has them shifts all at once."""

    minimum: Annotated[int, Field(ge=1)]
    """Environments that are always ready."""
    maximum: Annotated[int, Field(ge=1)]
    """Environments at the most, by target tracking."""
    target_percent: Annotated[int, Field(ge=10, le=90)] = 70
    """Share of them in use that target tracking keeps to."""


class FunctionSection(Section):
    """One Lambda function, fully resolved."""

    memory_mb: Annotated[int, Field(ge=128, le=10240)]
    """Memory in MiB; CPU grows with it."""
    timeout_s: Annotated[int, Field(ge=1, le=900)]
    """Longest run of one invocation, in seconds; an HTTP API waits 30 s at most."""
    architecture: Literal["arm64", "x86_64"]
    """Processor of the function."""
    reserved_concurrency: Annotated[int, Field(ge=1)] | None
    """Concurrent executions kept for this function; null shares the account's pool."""
    snap_start: bool
    """Start published versions from a snapshot."""
    tracing: bool
    """AWS X-Ray active tracing."""
    log_level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
    """The lowest level that reaches the log."""
    log_retention_days: LogRetentionDays
    """Days that the log group keeps events; one of CloudWatch Logs' values."""
    ephemeral_storage_mb: Annotated[int, Field(ge=512, le=10240)]
    """Size of `/tmp` in MB."""
    provisioned_concurrency: ProvisionedConcurrencySection | None
    """Execution environments that are kept ready; null for none."""


SCHEMA = FunctionSection
