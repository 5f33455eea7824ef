"""A live board on a terminal: what is done stands as lines above it, what runs is one calm picture below.

The only module that imports rich. It knows when to draw; ``board`` knows what, ``plain`` writes the lines that stay.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, TextIO

from rich.console import Console, ConsoleDimensions
from rich.live import Live
from rich.text import Text

from tapgen.events import (
    AdoptionPlanned,
    Asked,
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
)
from tapgen.ui.board import Moment, board_lines
from tapgen.ui.progress import Progress, is_consequence, is_failure

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from tapgen.ui.plain import PlainListener

# CloudFormation tells of dozens of resources in one moment: a picture for each would flicker and cost time. What comes
# sooner than this after the last picture is on the next one, which the refresh brings.
_CALM_S = 0.1
_REFRESH_PER_S = 4
_STYLES = {"bad": "bold red", "warn": "yellow", "good": "green", "dim": "dim", "strong": "bold", "": ""}


class LiveListener:
    """Draws on a terminal; what is worth keeping goes through the plain listener above the board.

    The cursor stays visible, so that even a process that is killed leaves nothing to repair but its last picture.

    Args:
        stream: The terminal: standard error.
        plain: Writes the lines that stay.
        size: Columns and lines of the terminal as they are now.
        color: Colour the lines that carry it.
        monotonic: Seconds on a clock that never goes back.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        plain: PlainListener,
        size: Callable[[], tuple[int, int]],
        color: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = Console(
            file=stream, force_terminal=True, no_color=not color, highlight=False, markup=False, emoji=False
        )
        self._color = color
        self._plain = plain
        self._size = size
        self._monotonic = monotonic
        self._progress = Progress()
        # rich redraws from a thread of its own, which must not meet a model that changes.
        self._lock = threading.Lock()
        self._live: Live | None = None
        self._started_s = 0.0
        self._drawn_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def __call__(self, event: Event) -> None:
        """Take the event in, write what stays, and redraw what runs."""
        with self._lock:
            self._progress.note(event)
            if isinstance(event, StepStarted):
                self._started_s = self._monotonic()
        if _stays(event):
            # The board must not stand in the way of a line that stays, nor of a question that follows.
            self._clear()
            self._plain(event)
        if isinstance(event, Asked):
            self._clear()
        elif self._progress.step is not None:
            self._draw()

    def _draw(self) -> None:
        if self._live is None:
            self._live = Live(
                console=self._console,
                get_renderable=self._picture,
                transient=True,
                refresh_per_second=_REFRESH_PER_S,
                # Standard output is for results, wherever it leads; what others say on standard error goes above.
                redirect_stdout=False,
            )
            self._live.start()
            self._console.show_cursor(show=True)
        elif self._monotonic() - self._drawn_s < _CALM_S:
            return
        self._live.refresh()
        self._drawn_s = self._monotonic()

    def _clear(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _picture(self) -> Text:
        columns, lines = self._size()
        self._console.size = ConsoleDimensions(columns, lines)
        with self._lock:
            moment = Moment(now=datetime.now(UTC), elapsed_s=self._monotonic() - self._started_s)
            board = board_lines(self._progress, width=columns, height=lines, moment=moment)
        picture = Text(no_wrap=True, end="")
        for number, line in enumerate(board):
            picture.append("\n" if number else "")
            picture.append(line.text, style=_STYLES[line.style] if self._color else "")
        return picture


def _stays(event: Event) -> bool:
    """True for what a person wants to read afterwards; a failure's reason above all."""
    match event:
        case StackEvent():
            return is_failure(event) and not is_consequence(event)
        case ShiftProgressed():
            return event.shift.over
        case StepFinished() | ChangesPlanned() | CostsPlanned() | Noted() | ScenarioJudged() | Result():
            return True
        case AdoptionPlanned():
            return True
        case _:
            return False
