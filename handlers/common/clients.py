"""AWS clients for functions: few attempts and short waits, since a caller is waiting and Lambda retries events."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from handlers.common.tracing import trace_calls


def make_client(service: str) -> Any:
    """A client in the function's region, traced where tracing is on; made at init and kept across invocations."""
    config = Config(
        connect_timeout=1,
        read_timeout=3,
        retries={"mode": "standard", "max_attempts": 3},
        tcp_keepalive=True,
    )
    client = boto3.client(service, config=config)  # type: ignore[call-overload]  # the service's name is not a literal
    trace_calls(client)
    return client
