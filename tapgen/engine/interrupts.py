"""What an operator may do to an operation that is being followed: stop it, leave it running, or go on watching.

The engine asks; who answers is the command line's business.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

Choice = Literal["stop", "detach", "continue"]
Remedy = Literal["stop-shifts", "cancel-update", "none"]


class Interrupts(Protocol):
    """Ctrl-C as an operation sees it."""

    @property
    def pressed(self) -> bool:
        """Whether somebody wants something since ``choose`` answered last."""
        ...

    def caught(self) -> AbstractContextManager[None]:
        """While inside, Ctrl-C is noted and does not raise."""
        ...

    def choose(self) -> Choice:
        """Ask what to do; nobody to ask is ``detach``."""
        ...


class NoInterrupts:
    """Nobody interrupts: Ctrl-C raises KeyboardInterrupt as ever."""

    pressed = False

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Change nothing."""
        yield

    def choose(self) -> Choice:
        """Go on."""
        return "continue"


def choose_remedy(*, root_status: str, running: Sequence[str]) -> Remedy:
    """How a running operation is stopped.

    A shift is stopped in CodeDeploy, which returns the traffic at once and makes CloudFormation roll back. An update
    without one is cancelled; CloudFormation has no such call for a first create, nor for what already rolls back
    (CloudFormation API reference, CancelUpdateStack).
    """
    if root_status != "UPDATE_IN_PROGRESS":
        return "none"
    return "stop-shifts" if running else "cancel-update"
