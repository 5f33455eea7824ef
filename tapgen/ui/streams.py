"""Writes lines to a stream whose reader may leave, or may not know every character. Never raises for either."""

from __future__ import annotations

import io
import os
from typing import TextIO


class LineWriter:
    """Whole lines, each flushed, so that a reader can follow.

    A deployment must not stop half-way because somebody closed the pager: once the reader has gone, lines are dropped.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._abandoned = False

    def write(self, line: str) -> None:
        """Write one line; characters that the stream's encoding lacks become ``?``."""
        if self._abandoned:
            return
        encoding = self._stream.encoding or "utf-8"
        try:
            self._stream.write(line.encode(encoding, "replace").decode(encoding) + "\n")
            self._stream.flush()
        except BrokenPipeError:
            self._abandon()

    def _abandon(self) -> None:
        """Let what is still buffered go nowhere: the interpreter flushes at exit and would fail there."""
        self._abandoned = True
        try:
            descriptor = self._stream.fileno()
        except io.UnsupportedOperation:
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
