"""Remembers on this machine that a release was begun whose end is not recorded.

A deploy that finds its release live makes two calls and no more; the marker tells it, without a call, that an earlier
run died before it could write down how it ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


def unsettled_folder(project: Path) -> Path:
    """Where a project keeps its markers, a file for each deployment."""
    return project / ".tapgen" / "unsettled"


class Marker(Protocol):
    """Whether something was begun here and not finished."""

    def is_set(self) -> bool:
        """Whether it was."""
        ...

    def set(self) -> None:
        """It begins."""
        ...

    def clear(self) -> None:
        """Its end is recorded."""
        ...


class NoMarker:
    """Remembers nothing: the next operation that takes the lock settles what was left."""

    def is_set(self) -> bool:
        """Never."""
        return False

    def set(self) -> None:
        """Nothing."""

    def clear(self) -> None:
        """Nothing."""


@dataclass(frozen=True)
class FileMarker:
    """An empty file."""

    path: Path

    def is_set(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    def set(self) -> None:
        """Make the file and the folder around it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()

    def clear(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)
