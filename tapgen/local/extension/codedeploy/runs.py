"""A deployment that is under way in this process: how its thread is told to stop or to look again."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tapgen.local.extension.codedeploy.state import Deployment


@dataclass(frozen=True)
class StopRequest:
    """Somebody asked for the end of a deployment.

    Attributes:
        by: Who, in the words of the error message.
        roll_back: Whether to roll back; None leaves it to the deployment's own configuration.
    """

    by: str
    roll_back: bool | None


@dataclass
class Run:
    """A deployment that is being carried out.

    Attributes:
        deployment: Its records.
        done: Set when nothing more will happen, the rollback included.
        rollback: The rollback that followed it.
    """

    deployment: Deployment
    done: threading.Event = field(default_factory=threading.Event)
    rollback: Deployment | None = None
    _wake: threading.Event = field(default_factory=threading.Event)
    _stop: StopRequest | None = None

    @property
    def stop_request(self) -> StopRequest | None:
        """The first request to stop it, if there was one."""
        return self._stop

    def stop(self, request: StopRequest) -> None:
        """Ask for its end; a second request changes nothing."""
        self._stop = self._stop or request
        self._wake.set()

    def wake(self) -> None:
        """Look again: a hook has answered."""
        self._wake.set()

    def sleep(self, wall_s: float) -> None:
        """Wait until something happens, at most ``wall_s`` seconds."""
        self._wake.wait(wall_s)
        self._wake.clear()
