"""Log events as Logs Insights sees them: with the fields that it discovers. Pure.

Source: CloudWatch Logs User Guide, "Supported logs and discovered fields". Discovered are the fields of a JSON event,
with dots for what lies deeper, and those of the lines that Lambda itself writes as text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tapgen.local.extension.logs.insights_functions import Value

_MOST_FIELDS = 200
_LAMBDA_LINE = re.compile(r"^(START|END|REPORT) RequestId: (\S+)")
_LAMBDA_FIGURES = {
    "@duration": re.compile(r"\tDuration: ([\d.]+) ms"),
    "@billedDuration": re.compile(r"\tBilled Duration: ([\d.]+) ms"),
    "@initDuration": re.compile(r"\tInit Duration: ([\d.]+) ms"),
}
_LAMBDA_SIZES = {
    "@memorySize": re.compile(r"\tMemory Size: (\d+) MB"),
    "@maxMemoryUsed": re.compile(r"\tMax Memory Used: (\d+) MB"),
}


@dataclass(frozen=True)
class Event:
    """One log event.

    Attributes:
        fields: All that can be asked for; moments in milliseconds since the epoch.
        pointer: ``@ptr``, which GetLogRecord takes.
    """

    fields: dict[str, Value]
    pointer: str = ""


def event(message: str, *, timestamp_ms: int, stream: str, log: str, pointer: str = "") -> Event:
    """An event with the fields that are discovered in it."""
    fields: dict[str, Value] = {
        "@timestamp": float(timestamp_ms),
        "@ingestionTime": float(timestamp_ms),
        "@message": message,
        "@logStream": stream,
        "@log": log,
    }
    fields |= _lambda_fields(message)
    fields |= _json_fields(message)
    return Event(fields, pointer)


def _json_fields(message: str) -> dict[str, Value]:
    """The fields of a JSON event; its first 200 (quota of CloudWatch Logs Insights)."""
    start = message.find("{")
    if start < 0:
        return {}
    try:
        document, _ = json.JSONDecoder().raw_decode(message, start)
    except ValueError:
        return {}
    found: dict[str, Value] = {}
    _flatten(document, "", found)
    return found


def _flatten(value: Any, path: str, found: dict[str, Value]) -> None:
    if len(found) >= _MOST_FIELDS:
        return
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            _flatten(inner, f"{path}.{key}" if path else str(key), found)
    elif value is not None:
        found[path] = float(value) if isinstance(value, int | float) else str(value)


def _lambda_fields(message: str) -> dict[str, Value]:
    line = _LAMBDA_LINE.match(message)
    if not line:
        return {}
    found: dict[str, Value] = {"@type": line.group(1), "@requestId": line.group(2)}
    for name, pattern in _LAMBDA_FIGURES.items():
        if figure := pattern.search(message):
            found[name] = float(figure.group(1))
    for name, pattern in _LAMBDA_SIZES.items():
        if size := pattern.search(message):
            found[name] = float(size.group(1)) * 1_000_000  # Insights has bytes where the line has megabytes
    return found
