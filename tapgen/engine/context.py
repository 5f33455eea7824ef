"""What every operation is given: clients, a listener, a clock, an operator. Holds no state of its own."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tapgen.engine.interrupts import NoInterrupts
from tapgen.events import Noted, StepFinished, StepStarted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.aws.session import Aws
    from tapgen.engine.interrupts import Interrupts
    from tapgen.events import Listener


AWS_MINUTE_S = 60.0
"""Seconds of a minute, where nothing scales it."""


class Clock(Protocol):
    """Time as operations see it; tests bring their own."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block this thread."""
        time.sleep(seconds)


@dataclass
class Step:
    """A step under way; its ``text`` becomes the closing line."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Context:
    """Clients, listener, clock and operator of one operation."""

    aws: Aws
    emit: Listener
    clock: Clock = field(default_factory=SystemClock)
    interrupts: Interrupts = field(default_factory=NoInterrupts)
    minute_s: float = AWS_MINUTE_S
    """Seconds that a minute of AWS's waits takes at the target: fewer on the embedded AWS."""

    @contextmanager
    def step(self, name: str, text: str) -> Iterator[Step]:
        """Report a step's start and, unless it raises, its end with what came of it."""
        started_s = self.clock.monotonic()
        self.emit(StepStarted(step=name, text=text))
        step = Step(text)
        yield step
        self.emit(StepFinished(step=name, text=step.text, duration_s=self.clock.monotonic() - started_s))

    def tell(self, text: str, *, code: str) -> None:
        """Report a fact."""
        self.emit(Noted(code=code, level="info", text=text))

    def warn(self, text: str, *, code: str, hint: str = "") -> None:
        """Report a fact that the user should look at."""
        self.emit(Noted(code=code, level="warning", text=text, hint=hint))
