"""A live board on a terminal: finished steps as lines above, and one calm picture of what runs below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table

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
from tapgen.ui.progress import Progress
from tapgen.ui.shifts import shift_cells

if TYPE_CHECKING:
    from types import TracebackType

    from tapgen.ui.plain import PlainListener
    from tapgen.ui.progress import StackProgress

_BAR_CELLS = 20
_MAX_STACKS = 12
_MAX_FAILURES = 4
_REFRESH_PER_S = 8


class LiveListener:
    """Draws on a terminal; what is worth keeping goes through the plain listener above the board.

    Args:
        stream: The terminal: standard error.
        plain: Writes finished lines.
        width: Columns.
    """

    def __init__(self, stream: TextIO, *, plain: PlainListener, width: int) -> None:
        self._console = Console(file=stream, width=width, highlight=False)
        self._plain = plain
        self._progress = Progress()
        self._live: Live | None = None
        self._doing = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def __call__(self, event: Event) -> None:
        """Take the event in and redraw."""
        self._progress.note(event)
        match event:
            case StepStarted():
                self._doing = event.text
                self._draw(self._board() if event.step in {"execute", "delete"} else self._doing)
            case UploadProgressed():
                share = event.done_bytes / max(event.total_bytes, 1)
                self._draw(f"{_bar(share)}  {event.done_objects} of {event.total_objects} objects")
            case StackEvent() | ShiftProgressed():
                self._draw(self._board())
            case StepFinished() | ChangesPlanned() | Noted() | Result():
                # A board must not stand in the way of a line that stays, nor of a question.
                self._clear()
                self._plain(event)
            case _:
                pass

    def _draw(self, picture: str | Table) -> None:
        if self._live is None:
            self._live = Live(console=self._console, transient=True, refresh_per_second=_REFRESH_PER_S)
            self._live.start()
        self._live.update(picture)

    def _clear(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _board(self) -> Table:
        table = Table.grid(padding=(0, 2))
        table.title = self._doing
        table.title_justify = "left"
        for label, stack in list(self._progress.stacks.items())[:_MAX_STACKS]:
            table.add_row(label, _bar(len(stack.settled) / max(stack.total, 1)), _count(stack), _now(stack))
        for shift in self._progress.shifts.values():
            table.add_row(shift.function, _bar(shift.target_weight), *shift_cells(shift))
        for failure in self._progress.failures[:_MAX_FAILURES]:
            table.add_row("failed", failure.stack, failure.logical_id, failure.reason)
        return table


def _bar(share: float) -> str:
    full = round(share * _BAR_CELLS)
    return "#" * full + "." * (_BAR_CELLS - full)


def _count(stack: StackProgress) -> str:
    return f"{len(stack.settled)}/{stack.total}"


def _now(stack: StackProgress) -> str:
    moving = next(iter(stack.moving.items()), None)
    return f"{moving[0]} {moving[1]}" if moving else stack.status
