"""Subsegments of AWS X-Ray for the calls that a function makes, without the X-Ray SDK.

Lambda makes the function's segment where tracing is configured, says in an environment variable whether this invocation
is sampled, and listens for more on a local port (Lambda developer guide, "Visualize Lambda function invocations using
AWS X-Ray"; X-Ray developer guide, "Sending trace data to X-Ray"). The SDK would cost more than the whole rest of a
start; what is sent here names the service, the operation and how it ended, no keys and no values.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAEMON = "AWS_XRAY_DAEMON_ADDRESS"
_TRACE = "_X_AMZN_TRACE_ID"
_HEADER = '{"format": "json", "version": 1}\n'


def trace_calls(client: Any, environ: Mapping[str, str] = os.environ) -> None:
    """Have a client's calls traced, where somebody listens."""
    host, _, port = environ.get(_DAEMON, "").partition(":")
    if port.isdigit():
        _Tracer((host, int(port)), environ).follow(client)


class _Tracer:
    def __init__(self, address: tuple[str, int], environ: Mapping[str, str]) -> None:
        self._address = address
        self._environ = environ

    def follow(self, client: Any) -> None:
        service = client.meta.service_model.service_id.hyphenize()
        events = client.meta.events
        events.register(f"before-call.{service}", self._begin)
        events.register(f"after-call.{service}", self._end)
        events.register(f"after-call-error.{service}", self._fail)

    def _begin(self, context: dict[str, Any], **_: Any) -> None:
        parts = dict(part.split("=", 1) for part in self._environ.get(_TRACE, "").split(";") if "=" in part)
        if parts.get("Sampled") == "1" and "Root" in parts and "Parent" in parts:
            context["tapgen_trace"] = (parts["Root"], parts["Parent"], time.time())

    def _end(self, context: dict[str, Any], model: Any, parsed: dict[str, Any], **_: Any) -> None:
        metadata = parsed.get("ResponseMetadata", {})
        status = metadata.get("HTTPStatusCode", 0)
        fault = {"fault": True} if status >= 500 else {"error": True} if status >= 400 else {}
        throttle = {"throttle": True} if status == 429 else {}
        aws = {"request_id": metadata.get("RequestId", ""), "retries": metadata.get("RetryAttempts", 0)}
        self._send(context, model, aws=aws, http={"response": {"status": status}}, **fault, **throttle)

    def _fail(self, context: dict[str, Any], model: Any | None = None, **_: Any) -> None:
        self._send(context, model, aws={}, fault=True)

    def _send(self, context: dict[str, Any], model: Any | None, *, aws: dict[str, Any], **parts: Any) -> None:
        if "tapgen_trace" not in context:
            return
        trace_id, parent_id, started = context.pop("tapgen_trace")
        operation = {"operation": model.name} if model else {}
        segment = {
            "type": "subsegment",
            "id": secrets.token_hex(8),
            "trace_id": trace_id,
            "parent_id": parent_id,
            "name": model.service_model.service_id.hyphenize() if model else "aws",
            "namespace": "aws",
            "start_time": started,
            "end_time": time.time(),
            "aws": operation | aws,
            **parts,
        }
        # A datagram that nobody takes is lost, and a socket of its own survives a snapshot.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto((_HEADER + json.dumps(segment)).encode(), self._address)
