"""Ctrl-C while an operation is followed: the first one asks what to do, a second one leaves the operation running."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tapgen.cli.prompts import can_ask
from tapgen.events import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from tapgen.engine.interrupts import Choice
    from tapgen.events import Listener

_QUESTION = "Stop and roll back (s), leave it running (d), or watch on (enter)?"
_CHOICES: dict[str, Choice] = {"s": "stop", "d": "detach", "": "continue"}


class TerminalInterrupts:
    """Asks on the terminal; where nobody can answer, in CI or JSON mode, Ctrl-C leaves the operation running.

    Args:
        listener: Told before a question, so that the board makes room.
        as_json: True never asks.
    """

    def __init__(self, listener: Listener, *, as_json: bool) -> None:
        self._listener = listener
        self._as_json = as_json
        self._presses = 0

    @property
    def pressed(self) -> bool:
        """Whether Ctrl-C was pressed since ``choose`` answered last."""
        return self._presses > 0

    @contextmanager
    def caught(self) -> Iterator[None]:
        """While inside, Ctrl-C is counted and breaks nothing off in the middle."""
        if threading.current_thread() is not threading.main_thread():
            # Python delivers signals to the main thread alone, and lets no other one ask for them.
            yield
            return
        before = signal.signal(signal.SIGINT, self._count)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def choose(self) -> Choice:
        """What to do now; a second Ctrl-C, before the question or as its answer, is ``detach``."""
        presses, self._presses = self._presses, 0
        if presses > 1 or self._as_json or not can_ask():
            return "detach"
        self._listener(Asked(question=_QUESTION))
        counting = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return self._ask()
        except (KeyboardInterrupt, click.Abort):
            return "detach"
        finally:
            signal.signal(signal.SIGINT, counting)

    def _ask(self) -> Choice:
        while True:
            answer: str = click.prompt(_QUESTION, default="", show_default=False, err=True)
            if answer.strip().lower() in _CHOICES:
                return _CHOICES[answer.strip().lower()]

    def _count(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's signature
        self._presses += 1
