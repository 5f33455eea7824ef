"""Streams whose readers leave or know few characters."""

from __future__ import annotations

import io
import os

from tapgen.ui.streams import LineWriter


def test_a_reader_that_leaves_does_not_stop_the_writer() -> None:
    """After the pipe is closed lines are dropped, nothing raises, and nothing is left for the exit to trip over."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        lines = LineWriter(stream)
        lines.write("one")
        seen = os.read(reading, 100)
        os.close(reading)

        lines.write("two")
        lines.write("three")
        # Would raise BrokenPipeError, were "two" still on its way to the pipe.
        stream.flush()

    assert seen == b"one\n"


def test_characters_that_the_stream_lacks_are_replaced() -> None:
    """An ASCII log gets a question mark, not a crash in the middle of a deployment."""
    raw = io.BytesIO()
    lines = LineWriter(io.TextIOWrapper(raw, encoding="ascii"))

    lines.write("Größe → klein")

    assert raw.getvalue() == b"Gr??e ? klein\n"


class _Closed(io.StringIO):
    """A pipe without a descriptor, as a test harness or an embedding program may give."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(text)


def test_a_stream_without_a_descriptor_may_break_too() -> None:
    """There is nothing to redirect then; the writer goes on all the same."""
    stream = _Closed()
    lines = LineWriter(stream)

    lines.write("one")
    lines.write("two")

    assert stream.getvalue() == ""
