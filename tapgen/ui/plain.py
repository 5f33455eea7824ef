"""One calm line for each event worth one: for CI logs, pipes and screen readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from tapgen.events import (
    ChangesPlanned,
    Event,
    Noted,
    Result,
    ShiftProgressed,
    StackEvent,
    StepFinished,
    StepStarted,
    UploadProgressed,
)
from tapgen.ui.changes import change_lines
from tapgen.ui.shifts import shift_line
from tapgen.ui.style import paint, style_of

if TYPE_CHECKING:
    from tapgen.events import StackEvent as _StackEvent

_QUARTER = 25
_HEADINGS = {
    "done": "done",
    "unchanged": "nothing to do",
    "prepared": "prepared, not executed",
    "started": "started; `tapgen attach` joins it",
    "declined": "declined, nothing was changed",
    "failed": "failed",
}


class PlainListener:
    """Progress to one stream, the result to another.

    Args:
        stream: Where progress goes: standard error.
        results: Where outputs go: standard output.
        width: Columns of a line of the change tree.
        color: Colour the words that carry it.
    """

    def __init__(self, stream: TextIO, *, results: TextIO, width: int, color: bool) -> None:
        self._stream = stream
        self._results = results
        self._width = width
        self._color = color
        self._quarter = 0

    def __call__(self, event: Event) -> None:
        """Write what the event is worth."""
        match event:
            case StepFinished():
                self.write(f"{self._paint('ok', 'good')} {event.text} ({event.duration_s:.1f} s)")
            case Noted():
                self.write(self._note(event))
            case UploadProgressed():
                self._report_upload(event)
            case ChangesPlanned():
                self._show_changes(event)
            case StackEvent():
                self.write(self._stack_line(event))
            case ShiftProgressed():
                self.write(shift_line(event.shift))
            case StepStarted():
                if event.step in {"execute", "delete", "bootstrap"}:
                    self.write(f".. {event.text}")
            case Result():
                self._finish(event)
            case _:
                pass

    def write(self, line: str) -> None:
        """One line of progress."""
        self._stream.write(line + "\n")
        self._stream.flush()

    def _paint(self, text: str, style: str) -> str:
        return paint(text, style, color=self._color)

    def _note(self, event: Noted) -> str:
        label = "note" if event.level == "info" else self._paint("warning", "warn")
        return f"{label}: {event.text}" + (f"; {event.hint}" if event.hint else "")

    def _report_upload(self, event: UploadProgressed) -> None:
        quarter = 100 * event.done_bytes // max(event.total_bytes, 1) // _QUARTER
        if quarter <= self._quarter and event.done_objects < event.total_objects:
            return
        self._quarter = quarter
        self.write(f".. uploaded {event.done_objects} of {event.total_objects} objects, {event.done_bytes:,} bytes")

    def _show_changes(self, event: ChangesPlanned) -> None:
        verb = "created" if event.kind == "CREATE" else "updated"
        self.write(f"\n{event.stack} will be {verb}:")
        for line in change_lines(event.changes, width=self._width - 2):
            self.write("  " + self._paint(line.text, line.style))
        self.write("")

    def _stack_line(self, event: _StackEvent) -> str:
        status = self._paint(f"{event.status:<28}", style_of(event.status))
        place = f"{event.stack}.{event.logical_id}"
        reason = f"  {event.reason}" if event.reason and "FAILED" in event.status else ""
        return f"{event.timestamp:%H:%M:%S} {status} {place}{reason}"

    def _finish(self, event: Result) -> None:
        if event.status == "failed":
            return
        self.write(f"{event.operation} {event.deployment}: {_HEADINGS[event.status]}")
        if event.status in {"done", "unchanged"} and event.outputs:
            width = max(map(len, event.outputs))
            for name, value in sorted(event.outputs.items()):
                self._results.write(f"{name:<{width}}  {value}\n")
            self._results.flush()
