"""A log event as what it says: time, level, who, message, the ids it belongs to, and the rest as fields. Pure.

Knows the four kinds of lines that there are: a handler's own JSON, Lambda's platform records (Lambda developer guide,
"Telemetry API event schema reference"), the runtime's report of an unhandled error, and the API's access log.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.aws.log_events import LogEvent

ACCESS = "access"
"""The source that is no function: the API's access log."""
Kind = Literal["access", "error", "handler", "platform", "text"]

# A stream's name: date, version in brackets, the execution environment's id (Lambda developer guide, "viewing logs").
_VERSION = re.compile(r"\[([^\]]+)\]")
_PLAIN_PLATFORM = re.compile(r"(START|END|REPORT|INIT_START|XRAY) ")
_PLAIN_REQUEST = re.compile(r"RequestId: (\S+)")
_PLAIN_ERROR = re.compile(r"\[(?:ERROR|CRITICAL)\]\s*|^\S+Z \S+ (?=Task timed out)")
_TRACE = re.compile(r"Root=([0-9a-f-]+)")
_NO_BREAK_SPACE = "\u00a0"
# What stands elsewhere in a line already, or belongs to CloudWatch's metrics.
_TOLD = {"level", "message", "timestamp", "service", "_aws", "request_id", "requestId", "xray_trace_id", "location"}
_ERROR_STATUS, _WARN_STATUS = 500, 400


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line as people and scripts read it."""

    event_id: str
    time: datetime
    source: str
    """``api``, ``archiver``, ``hook-before``, ``hook-after`` or ``access``."""
    version: str
    """The version that wrote it, ``$LATEST`` or empty for the access log."""
    kind: Kind
    level: str
    """``INFO``, ``WARN``, ``ERROR`` … as the line says, or as follows from what it says."""
    message: str
    request_id: str = ""
    """API Gateway's id of the request."""
    invocation_id: str = ""
    """Lambda's id of the invocation."""
    trace_id: str = ""
    """X-Ray's."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    stack: tuple[str, ...] = ()
    """A stack trace, one line each."""
    group: str
    stream: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready, with every value that the line holds."""
        return {
            "type": "log-line",
            "time": self.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "source": self.source,
            "version": self.version or None,
            "kind": self.kind,
            "level": self.level,
            "message": self.message,
            "request_id": self.request_id or None,
            "invocation_id": self.invocation_id or None,
            "trace_id": self.trace_id or None,
            "fields": dict(self.fields),
            "stack": list(self.stack),
            "log_group": self.group,
            "log_stream": self.stream,
            "event_id": self.event_id,
        }


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """What a message says; the rest of a line is the event's."""

    kind: Kind
    level: str
    message: str
    request_id: str = ""
    invocation_id: str = ""
    trace_id: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    stack: tuple[str, ...] = ()


def version_of(stream: str) -> str:
    """The version in a function's log stream name; empty where there is none."""
    found = _VERSION.search(stream)
    return found.group(1) if found else ""


def parse_line(event: LogEvent, source: str) -> LogLine:
    """What an event says; a message in an unknown form is its own text."""
    document = parse_document(event.message)
    reading = _read_text(event.message) if document is None else _read_document(document, source)
    return LogLine(
        event_id=event.event_id,
        time=datetime.fromtimestamp(event.timestamp_ms / 1000, UTC),
        source=source,
        version="" if source == ACCESS else version_of(event.stream),
        group=event.group,
        stream=event.stream,
        **vars(reading),
    )


def parse_document(message: str) -> dict[str, Any] | None:
    """The message's JSON object; None when it is none."""
    if not message.lstrip().startswith("{"):
        return None
    try:
        document = json.loads(message)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _read_document(document: Mapping[str, Any], source: str) -> _Reading:
    if source == ACCESS:
        return _read_access(document)
    if str(document.get("type", "")).startswith("platform."):
        return _read_platform(document)
    if "errorType" in document:
        return _read_error(document)
    return _read_handler(document)


def _read_access(document: Mapping[str, Any]) -> _Reading:
    """API Gateway writes a hyphen for a variable without a value, and every value as text."""
    said = {name: value for name, value in document.items() if value not in ("-", "")}
    status = int(said["status"]) if str(said.get("status", "")).isdigit() else 0
    route = f"{said.get('method', '')} {said.get('path', '')}".strip()
    latency = f" in {said['responseLatencyMs']} ms" if "responseLatencyMs" in said else ""
    level = "ERROR" if status >= _ERROR_STATUS else "WARN" if status >= _WARN_STATUS else "INFO"
    told = {"requestId", "time", "method", "path", "status", "protocol", "responseLatencyMs"}
    return _Reading(
        kind="access",
        level=level,
        message=f"{route} → {status or '?'}{latency}",
        request_id=str(said.get("requestId", "")),
        fields={name: value for name, value in said.items() if name not in told},
    )


def _read_platform(document: Mapping[str, Any]) -> _Reading:
    kind = str(document["type"]).removeprefix("platform.")
    record = document.get("record") if isinstance(document.get("record"), dict) else {}
    record = record or {}
    status = str(record.get("status", "success"))
    level = "INFO" if status == "success" else "ERROR"
    trace = _TRACE.search(str((record.get("tracing") or {}).get("value", "")))
    return _Reading(
        kind="platform",
        level=level,
        message=_tell_platform(kind, record, status),
        invocation_id=str(record.get("requestId", "")),
        trace_id=trace.group(1) if trace else "",
        fields={**record.get("metrics", {})} | ({"status": status} if "status" in record else {}),
    )


def _tell_platform(kind: str, record: Mapping[str, Any], status: str) -> str:
    metrics = record.get("metrics") or {}
    if kind != "report":
        phase = record.get("initializationType") or record.get("phase") or ""
        return " ".join(word for word in (kind, str(phase), status if status != "success" else "") if word)
    parts = [f"{metrics.get('durationMs', 0):.1f} ms"]
    if "initDurationMs" in metrics:
        parts.append(f"cold start {metrics['initDurationMs']:.0f} ms")
    if "restoreDurationMs" in metrics:
        parts.append(f"restored in {metrics['restoreDurationMs']:.0f} ms")
    parts.append(f"{metrics.get('maxMemoryUsedMB', '?')} of {metrics.get('memorySizeMB', '?')} MB")
    end = "" if status == "success" else f"{status}: {record['errorType']}" if "errorType" in record else status
    return ", ".join(["report " + parts[0], *parts[1:], *([end] if end else [])])


def _read_error(document: Mapping[str, Any]) -> _Reading:
    trace = document.get("stackTrace")
    stack = [str(frame) for frame in trace] if isinstance(trace, list) else []
    return _Reading(
        kind="error",
        level=str(document.get("level", "ERROR")),
        message=f"{document['errorType']}: {document.get('errorMessage', '')}",
        invocation_id=str(document.get("requestId", "")),
        stack=tuple(line for frame in stack for line in _clean(frame).splitlines()),
    )


def _read_handler(document: Mapping[str, Any]) -> _Reading:
    """A handler's line: of a request its route, status and time, of everything else its message.

    Powertools, which the archiver uses, has Lambda's own id under ``function_request_id``.
    """
    metrics = _metrics_in(document)
    fields = {
        name: value
        for name, value in document.items()
        if name not in _TOLD and name not in metrics and value is not None and value != ""
    }
    message = str(document.get("message", ""))
    if "route" in fields and "status" in fields:
        status, duration = fields.pop("status"), fields.pop("duration_ms", None)
        took = f" in {duration} ms" if duration is not None else ""
        message = f"{fields.pop('route')} → {status}{took}" + (f"  {message}" if message != "request" else "")
    elif not message and metrics:
        message, fields = "metrics", {**metrics, **fields}
    exception = fields.pop("exception", "")
    return _Reading(
        kind="handler",
        level=str(document.get("level", "INFO")),
        message=message,
        request_id=str(document.get("request_id") or ""),
        invocation_id=str(fields.pop("function_request_id", "") or document.get("requestId") or ""),
        trace_id=str(document.get("xray_trace_id") or ""),
        fields=fields,
        stack=tuple(_clean(str(exception)).splitlines()),
    )


def _metrics_in(document: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics that a line carries (CloudWatch user guide, "Embedded metric format"); a list of one is its value."""
    described = document.get("_aws")
    directives = described.get("CloudWatchMetrics", []) if isinstance(described, dict) else []
    names = [metric["Name"] for directive in directives for metric in directive.get("Metrics", [])]
    values = {name: document[name] for name in names if name in document}
    return {name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in values.items()}


def _read_text(message: str) -> _Reading:
    """Plain text: the platform's own lines, a time-out, an error with its stack, or whatever was printed."""
    lines = _clean(message).splitlines() or [""]
    request = _PLAIN_REQUEST.search(lines[0])
    invocation_id = request.group(1) if request else ""
    if _PLAIN_PLATFORM.match(message):
        text = lines[0].replace(f" RequestId: {invocation_id}", "").replace("\t", "  ")
        return _Reading(kind="platform", level="INFO", message=text.strip(), invocation_id=invocation_id)
    if _PLAIN_ERROR.search(lines[0]):
        words = lines[0].split()
        timed_out = "Task timed out" in lines[0]
        return _Reading(
            kind="error",
            level="ERROR",
            message=_PLAIN_ERROR.sub("", lines[0]),
            invocation_id=words[1] if timed_out else invocation_id,
            stack=tuple(lines[1:]),
        )
    return _Reading(kind="text", level="INFO", message=lines[0], invocation_id=invocation_id, stack=tuple(lines[1:]))


def _clean(text: str) -> str:
    """The Python runtime indents stacks with no-break spaces, so that nobody trims them."""
    return text.replace(_NO_BREAK_SPACE, " ").rstrip()
