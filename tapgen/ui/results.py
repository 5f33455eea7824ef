"""How an operation's result is shown at the end: a card to who sits at a terminal, all outputs to who reads a pipe."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

from tapgen.ui.card import end_card
from tapgen.ui.streams import LineWriter
from tapgen.ui.tables import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.events import Result


class OutputWriter:
    """Writes all outputs, aligned: for scripts and logs.

    Args:
        stream: Standard output.
    """

    def __init__(self, stream: TextIO) -> None:
        self._lines = LineWriter(stream)

    def __call__(self, result: Result) -> None:
        """Write them."""
        self._lines.write(table((), sorted(result.outputs.items())))


class CardWriter:
    """Writes the card.

    Args:
        stream: Standard output, a terminal.
        options: ``--env X [--suffix Y]``, for the commands on it.
        width: Columns.
        monotonic: Seconds on a clock that never goes back; the operation takes them from now on.
    """

    def __init__(
        self, stream: TextIO, *, options: str, width: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._lines = LineWriter(stream)
        self._options = options
        self._width = width
        self._monotonic = monotonic
        self._started_s = monotonic()

    def __call__(self, result: Result) -> None:
        """Write it."""
        took_s = self._monotonic() - self._started_s
        for line in end_card(result, options=self._options, took_s=took_s, width=self._width):
            self._lines.write(line)
