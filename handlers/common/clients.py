"""AWS clients for functions: few attempts and short waits, since a caller is waiting and Lambda retries events."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from handlers.common.tracing import trace_calls


def make_client(service: str, *, read_timeout_s: float = 3, attempts: int = 4) -> Any:
    """A client in the function's region, traced where tracing is on; made at init and kept across invocations.

    Args:
        service: ``dynamodb``, ``s3`` …
        read_timeout_s: How long an answer may take.
        attempts: How often a call is made in all; 1 where repeating it would do its work twice.
    """
    config = Config(
        connect_timeout=1,
        read_timeout=read_timeout_s,
        retries={"mode": "standard", "total_max_attempts": attempts},
        tcp_keepalive=True,
    )
    client = boto3.client(service, config=config)  # type: ignore[call-overload]  # the service's name is not a literal
    trace_calls(client)
    return client
