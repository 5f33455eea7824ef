"""One calm line for each event worth one: for CI logs, pipes and screen readers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

from tapgen.events import (
    AdoptionPlanned,
    ChangesPlanned,
    CostsPlanned,
    Event,
    Noted,
    Result,
    ScenarioJudged,
    ShiftProgressed,
    StackEvent,
    StepFinished,
    StepStarted,
    UploadProgressed,
)
from tapgen.ui.adoption import adoption_lines
from tapgen.ui.changes import change_lines
from tapgen.ui.costs import describe_delta
from tapgen.ui.progress import (
    NESTED_STACK,
    ROOT,
    Progress,
    is_about_own_stack,
    is_consequence,
    is_failure,
    meaning_of,
)
from tapgen.ui.shifts import shift_line, telling, with_short_names
from tapgen.ui.streams import LineWriter
from tapgen.ui.style import mark_of, paint, style_of
from tapgen.ui.tables import human_duration, human_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.model import Shift

_QUARTER = 25
# A shift in which nothing happens is worth a line now and then, so that nobody takes the log for dead.
_HEARTBEAT_S = 30.0
# Steps that may take long enough for a reader of a log to wonder.
_SLOW_STEPS = frozenset({"bootstrap", "change-set", "execute", "delete", "baseline", "calm", "rehearse", "adopt"})
_HEADINGS = {
    "done": "done",
    "unchanged": "nothing to do",
    "prepared": "prepared, not executed",
    "started": "started; `tapgen attach` joins it",
    "declined": "declined, nothing was changed",
    "detached": "left running; `tapgen attach` joins it",
}


class PlainListener:
    """Progress to one stream, the result to another.

    Args:
        stream: Where progress goes: standard error.
        results: Shows the result where there are outputs: on standard output.
        width: Columns of a line of the change tree.
        color: Colour the words that carry it.
        monotonic: Seconds on a clock that never goes back.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        results: Callable[[Result], None],
        width: int,
        color: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lines = LineWriter(stream)
        self._show_result = results
        self._width = width
        self._color = color
        self._progress = Progress()
        self._quarter = 0
        self._monotonic = monotonic
        self._told: dict[str, tuple[tuple[object, ...], float]] = {}

    def __call__(self, event: Event) -> None:
        """Write what the event is worth."""
        match event:
            case StepStarted():
                self._start(event)
            case StepFinished():
                self.write(f"{self._paint('ok', 'good')} {event.text} ({human_duration(event.duration_s)})")
            case Noted() | ScenarioJudged():
                self.write(self._note(event))
            case UploadProgressed():
                self._report_upload(event)
            case ChangesPlanned() | CostsPlanned() | AdoptionPlanned():
                self._show_plan(event)
            case StackEvent():
                if not self._progress.is_repeat(event):
                    self.write(self._stack_line(event))
            case ShiftProgressed():
                self._report_shift(event.shift)
            case Result():
                self._finish(event)
            case _:
                pass
        self._progress.note(event)

    def write(self, line: str) -> None:
        """One line of progress."""
        self._lines.write(line)

    def _paint(self, text: str, style: str) -> str:
        return paint(text, style, color=self._color)

    def _start(self, event: StepStarted) -> None:
        self._quarter = 0
        if event.step in _SLOW_STEPS:
            self.write(f".. {event.text}")

    def _note(self, event: Noted | ScenarioJudged) -> str:
        if isinstance(event, ScenarioJudged):
            mark = self._paint("ok", "good") if event.passed else self._paint("NOT", "bad")
            return f"{mark} {event.scenario}: {event.text}"
        label = "note" if event.level == "info" else self._paint("warning", "warn")
        return f"{label}: {event.text}" + (f"; {event.hint}" if event.hint else "")

    def _report_upload(self, event: UploadProgressed) -> None:
        quarter = 100 * event.done_bytes // max(event.total_bytes, 1) // _QUARTER
        if quarter <= self._quarter:
            return
        self._quarter = quarter
        size = f"{human_size(event.done_bytes)} of {human_size(event.total_bytes)}"
        self.write(f".. uploaded {quarter * _QUARTER} %, {event.done_objects} of {event.total_objects} objects, {size}")

    def _report_shift(self, shift: Shift) -> None:
        """A line when something happened; and now and then one that shows that it goes on."""
        now_s, told = self._monotonic(), telling(shift)
        before = self._told.get(shift.deployment_id)
        if before and before[0] == told and now_s - before[1] < _HEARTBEAT_S:
            return
        self._told[shift.deployment_id] = (told, now_s)
        self.write(shift_line(with_short_names(shift, self._progress.short)))

    def _show_plan(self, event: ChangesPlanned | CostsPlanned | AdoptionPlanned) -> None:
        if isinstance(event, AdoptionPlanned):
            for line in adoption_lines(event):
                self.write(self._paint(line.text, line.style))
            return
        if isinstance(event, CostsPlanned):
            self.write(f"  {describe_delta(event)}\n")
            return
        verb = "created" if event.kind == "CREATE" else "updated"
        self.write(f"\n{event.stack} will be {verb}:")
        for line in change_lines(event.changes, width=self._width - 2):
            self.write("  " + self._paint(line.text, line.style))
        self.write("")

    def _stack_line(self, event: StackEvent) -> str:
        """Time, mark, status, place and, when it says more than the status, the reason."""
        if is_failure(event) and is_consequence(event):
            mark, style = "--", "dim"
        else:
            mark, style = mark_of(event.status), style_of(event.status)
        reason = meaning_of(event)
        status = self._paint(f"{mark} {event.status:<27}", style)
        return f"{event.timestamp:%H:%M:%S} {status} {_place(event)}" + (f": {reason}" if reason else "")

    def _finish(self, event: Result) -> None:
        """How it ended; of a failure the command line tells, with what to do next."""
        if event.status == "failed":
            return
        self.write(f"{event.operation} {event.deployment}: {_HEADINGS[event.status]}")
        if event.status in {"done", "unchanged"} and event.outputs:
            self._show_result(event)


def _place(event: StackEvent) -> str:
    """A stack by its name or, where it is nested, by its place; a resource by its stack and logical id."""
    if is_about_own_stack(event) and event.stack != ROOT:
        return event.stack
    if event.resource_type == NESTED_STACK:
        return event.logical_id
    return f"{event.stack}.{event.logical_id}"
