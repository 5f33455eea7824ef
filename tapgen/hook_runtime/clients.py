"""AWS clients of a hook: short waits, since CodeDeploy is waiting."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config


def make_client(service: str, *, read_timeout_s: float, attempts: int) -> Any:
    """A client in the function's region; made at init and kept across invocations.

    Args:
        service: ``codedeploy``, ``lambda``.
        read_timeout_s: How long an answer may take.
        attempts: How often a call is made in all; 1 where repeating it would do its work twice.
    """
    config = Config(
        connect_timeout=1,
        read_timeout=read_timeout_s,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    return boto3.client(service, config=config)  # type: ignore[call-overload]  # the service's name is not a literal
