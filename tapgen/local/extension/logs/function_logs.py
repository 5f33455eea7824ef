"""What Lambda writes to a function's log group: a stream per execution environment, in the format of its configuration.

Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs", "Configuring JSON and plain text log
formats", "Telemetry API event schema reference" (records of platform events); an unhandled error reads as the open
source runtime interface client for Python writes it. [inferred]: in JSON, a time-out is reported as plain text, and the
status of a failed invocation is ``error``.
"""

from __future__ import annotations

import functools
import json
import math
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.lambda_service import execution_environments
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.extension.lambda_service.execution_environments import Execution
    from tapgen.local.extension.settings import Settings

_LAMBDA = "ministack.services.lambda_svc"
_LOGS = "ministack.services.cloudwatch_logs"
_EMIT = Seam(
    module=_LAMBDA,
    attribute="_emit_lambda_logs",
    parameters=("func", "request_id", "log_text", "error", "duration_ms"),
    gap="Makes a stream for every invocation, ignores LogFormat, tears a stack trace into lines, and knows neither the "
    "runtime's error line nor time-outs.",
)
_MEMORY = Seam(
    module=_LAMBDA, attribute="_probe_peak_memory_mb", parameters=("func",), gap="Used: the peak memory of a function."
)
_GROUPS = Seam(module=_LOGS, attribute="_log_groups", parameters=None, gap="Used: the log groups with their streams.")
_CREATE_GROUP = Seam(
    module=_LOGS, attribute="_create_log_group", parameters=("data",), gap="Used: the group of a function without one."
)
_CREATE_STREAM = Seam(
    module=_LOGS, attribute="_create_log_stream", parameters=("data",), gap="Used: the stream of a new environment."
)
_APPEND = Seam(
    module=_LOGS, attribute="_append_log_events", parameters=("stream", "events"), gap="Used: adds events to a stream."
)
_FAN_OUT = Seam(
    module=_LOGS,
    attribute="_fanout_to_subscription_filters",
    parameters=("group_name", "stream_name"),
    gap="Used: hands events to subscriptions.",
)
SEAMS: tuple[Seam, ...] = (_EMIT, _MEMORY, _GROUPS, _CREATE_GROUP, _CREATE_STREAM, _APPEND, _FAN_OUT)

_INDENT = "\u00a0"
"""The no-break space that the Python runtime indents stack traces with, so that nobody trims them."""


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Replace the writer for environments that this extension knows; what other executors write stays as it is."""
    emit = original(_EMIT)

    @functools.wraps(emit)
    def write(
        func: dict[str, Any], request_id: str, log_text: str, error: Any, duration_ms: int, **options: Any
    ) -> None:
        execution = execution_environments.current.get()
        if execution is None:
            emit(func, request_id, log_text, error, duration_ms, **options)
            return
        execution_environments.current.set(None)
        invocation = Invocation(func.get("config") or func, request_id, execution, duration_ms, original(_MEMORY)(func))
        _append(invocation)

    replace(_EMIT, write)


@dataclass(frozen=True)
class Invocation:
    """An invocation that has ended.

    Attributes:
        config: The configuration of the function's version.
        request_id: Its id.
        execution: What the environment tells of it.
        duration_ms: How long it took, the start of the environment included.
        memory_mb: The memory that was used at most.
    """

    config: dict[str, Any]
    request_id: str
    execution: Execution
    duration_ms: float
    memory_mb: int

    @property
    def logging(self) -> dict[str, Any]:
        """The function's ``LoggingConfig``."""
        found: dict[str, Any] = self.config.get("LoggingConfig") or {}
        return found

    @property
    def group(self) -> str:
        """Its log group."""
        return str(self.logging.get("LogGroup") or f"/aws/lambda/{self.config.get('FunctionName', '')}")

    @property
    def version(self) -> str:
        """The version that was executed."""
        return str(self.config.get("Version", "$LATEST"))

    @property
    def status(self) -> str:
        """``success``, ``error`` or ``timeout``."""
        failure = self.execution.failure
        if failure is None:
            return "success"
        return "timeout" if failure["errorType"] == "Sandbox.Timedout" else "error"

    @property
    def metrics(self) -> dict[str, float]:
        """The figures of its report; the start of an environment is not part of the duration."""
        init_ms = self.execution.init_ms
        duration = max(0.01, self.duration_ms - (init_ms or 0.0))
        found: dict[str, float] = {
            "durationMs": round(duration, 2),
            "billedDurationMs": math.ceil(duration),
            "memorySizeMB": int(self.config.get("MemorySize", 128)),
            "maxMemoryUsedMB": self.memory_mb,
        }
        return found | ({"initDurationMs": round(init_ms, 2)} if init_ms is not None else {})


def lines(invocation: Invocation, now: float) -> Iterator[str]:
    """The messages of an invocation that ended at ``now`` (seconds since the epoch), in order."""
    as_json = invocation.logging.get("LogFormat") == "JSON"
    system = _json_system_line if as_json else _text_system_line
    verbose = invocation.logging.get("SystemLogLevel", "INFO") in ("DEBUG", "INFO")
    if verbose:
        yield system(invocation, "start", now - invocation.duration_ms / 1000)
    if invocation.execution.printed:
        yield from invocation.execution.printed.splitlines()
    yield from _error_lines(invocation, now, as_json=as_json)
    if verbose and not as_json:
        yield f"END RequestId: {invocation.request_id}"
    if verbose or invocation.status != "success":
        yield system(invocation, "report", now)


def _error_lines(invocation: Invocation, now: float, *, as_json: bool) -> Iterator[str]:
    failure = invocation.execution.failure
    if failure is None:
        return
    if "stackTrace" not in failure:
        told = failure["errorMessage"].removeprefix(f"RequestId: {invocation.request_id} Error: ")
        yield f"{_instant(now)} {invocation.request_id} {told}"
        return
    if as_json:
        stamp = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%SZ}"
        yield json.dumps({"timestamp": stamp, "level": "ERROR", **failure, "requestId": invocation.request_id})
        return
    head = [f"[ERROR] {failure['errorType']}: {failure['errorMessage']}", "Traceback (most recent call last):"]
    frames = [line for frame in failure["stackTrace"] for line in frame.splitlines()]
    yield "\n".join([*head, *(_indented(line) for line in frames)])


def _indented(line: str) -> str:
    text = line.lstrip(" ")
    return _INDENT * (len(line) - len(text)) + text


def _text_system_line(invocation: Invocation, kind: str, now: float) -> str:
    del now
    if kind == "start":
        return f"START RequestId: {invocation.request_id} Version: {invocation.version}"
    metrics = invocation.metrics
    told = [
        f"REPORT RequestId: {invocation.request_id}",
        f"Duration: {metrics['durationMs']:.2f} ms",
        f"Billed Duration: {metrics['billedDurationMs']} ms",
        f"Memory Size: {metrics['memorySizeMB']} MB",
        f"Max Memory Used: {metrics['maxMemoryUsedMB']} MB",
    ]
    if "initDurationMs" in metrics:
        told.append(f"Init Duration: {metrics['initDurationMs']:.2f} ms")
    if invocation.status == "timeout":
        told.append("Status: timeout")
    return "\t".join(told) + "\t"


def _json_system_line(invocation: Invocation, kind: str, now: float) -> str:
    record: dict[str, Any] = {"requestId": invocation.request_id}
    if kind == "start":
        record["version"] = invocation.version
    else:
        failure = invocation.execution.failure
        record |= {"metrics": invocation.metrics, "status": invocation.status}
        record |= {"errorType": failure["errorType"]} if failure and "stackTrace" not in failure else {}
    return json.dumps({"time": _instant(now), "type": f"platform.{kind}", "record": record})


def _instant(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _append(invocation: Invocation) -> None:
    now = time.time()
    started_ms, now_ms = int((now - invocation.duration_ms / 1000) * 1000), int(now * 1000)
    events = [
        {"timestamp": now_ms, "message": line, "ingestionTime": now_ms, "eventId": uuid.uuid4().hex}
        for line in lines(invocation, now)
    ]
    if events:
        events[0]["timestamp"] = started_ms
    original(_APPEND)(_stream(invocation.group, invocation.execution.stream), events)
    original(_FAN_OUT)(invocation.group, invocation.execution.stream, events)


def _stream(group: str, name: str) -> Any:
    groups = original(_GROUPS)
    if group not in groups:
        original(_CREATE_GROUP)({"logGroupName": group})
    if name not in groups[group]["streams"]:
        original(_CREATE_STREAM)({"logGroupName": group, "logStreamName": name})
    return groups[group]["streams"][name]
