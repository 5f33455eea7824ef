"""What an environment says about one function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class ProvisionedConcurrency:
    """Execution environments that are kept ready, by target tracking between two bounds."""

    minimum: int
    maximum: int
    target_percent: int


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """One Lambda function."""

    memory_mb: int
    timeout_s: int
    architecture: Literal["arm64", "x86_64"]
    reserved_concurrency: int | None
    snap_start: bool
    tracing: bool
    log_level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
    log_retention_days: int
    ephemeral_storage_mb: int
    provisioned_concurrency: ProvisionedConcurrency | None


def shared_defaults(*, production: bool) -> dict[str, Any]:
    """What holds for every function where the file is silent."""
    return {
        "memory_mb": 512,
        "timeout_s": 10,
        "architecture": "arm64",
        "reserved_concurrency": None,
        "snap_start": False,
        "tracing": True,
        "log_level": "INFO",
        "log_retention_days": 365 if production else 30,
        "ephemeral_storage_mb": 512,
        "provisioned_concurrency": None,
    }


def reserved_defaults() -> dict[str, dict[str, Any]]:
    """What holds for the functions that tapgen adds: hooks try, clean up and answer within a minute."""
    return {"hooks": {"timeout_s": 60}}


SETTINGS = FunctionSettings
