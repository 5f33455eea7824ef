"""One JSON object for each event, as it happens; the last one is the result."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

from tapgen.ui.streams import LineWriter

if TYPE_CHECKING:
    from tapgen.events import Event


class NdjsonListener:
    """Writes events to a stream and flushes each, so that a reader can follow."""

    def __init__(self, stream: TextIO) -> None:
        self._lines = LineWriter(stream)

    def __call__(self, event: Event) -> None:
        """Write one line, in ASCII, so that no encoding can spoil it."""
        self._lines.write(json.dumps(event.as_dict()))
