"""Log lines for people: one line each, a stack below it, the date once a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.ui.style import paint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from tapgen.telemetry.log_lines import LogLine

_STYLES = {"ERROR": "bad", "CRITICAL": "bad", "FATAL": "bad", "WARN": "warn", "WARNING": "warn", "DEBUG": "dim"}
_LEVEL_WIDTH = 5
_SOURCE_WIDTH = 12
_STACK_INDENT = " " * 8
# Of a request in the access log; --json has them.
_UNSEEN = {"integrationStatus", "responseLength", "routeKey", "userAgent"}


class LogPrinter:
    """Remembers the last line's date.

    Args:
        color: Whether styles become colours.
    """

    def __init__(self, *, color: bool) -> None:
        self._color = color
        self._date: date | None = None

    def format(self, line: LogLine) -> Iterator[str]:
        """The terminal lines of one log line; times are UTC, as in every log."""
        if self._date != line.time.date():
            self._date = line.time.date()
            yield self._paint(f"── {self._date:%Y-%m-%d} UTC ──", "dim")
        source = f"{line.source}:{line.version}" if line.version else line.source
        # What the platform says of itself is background, unless it went wrong.
        quiet = "dim" if line.kind == "platform" else ""
        style = _STYLES.get(line.level, quiet)
        level = self._paint(f"{line.level:<{_LEVEL_WIDTH}}", style)
        head = self._paint(f"{line.time:%H:%M:%S}.{line.time.microsecond // 1000:03d}", "dim")
        yield " ".join(
            part
            for part in (
                head,
                level,
                f"{source:<{_SOURCE_WIDTH}}",
                self._paint(line.message, style),
                self._paint(" ".join(_facts(line)), "dim"),
            )
            if part
        ).rstrip()
        for text in line.stack:
            yield self._paint(_STACK_INDENT + text, "dim")

    def _paint(self, text: str, style: str) -> str:
        return paint(text, style, color=self._color) if text else ""


def _facts(line: LogLine) -> Iterator[str]:
    # The metrics of a platform record are in its message already.
    for name, value in line.fields.items() if line.kind != "platform" else ():
        if line.kind != "access" or name not in _UNSEEN:
            yield f"{name}={_value(value)}"
    for name, value in (("req", line.request_id), ("inv", line.invocation_id), ("trace", line.trace_id)):
        if value:
            yield f"{name}={value}"


def _value(value: Any) -> str:
    text = "true" if value is True else "false" if value is False else str(value)
    return f'"{text}"' if " " in text else text
