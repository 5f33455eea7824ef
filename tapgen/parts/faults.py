"""Faults of a service's definition: gathered while ``config/service.py`` is read, raised at once elsewhere.

A fault carries the line of the user's file that called into tapgen, however deep the call went.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.parts.part import NOWHERE, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = str(Path(__file__).parents[1])
_gathered: ContextVar[list[Fault] | None] = ContextVar("gathered", default=None)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with the definition."""

    place: Place
    text: str


class DefinitionError(ValueError):
    """A fault of a definition that no loader gathers: a test or a script builds the service."""


def tell(text: str, *, place: Place | None = None) -> None:
    """Tell of a fault; the definition goes on where faults are gathered.

    Raises:
        DefinitionError: Nobody gathers faults.
    """
    found = Fault(place or calling_place(), text)
    gathered = _gathered.get()
    if gathered is None:
        raise DefinitionError(f"{found.place}: {text}" if found.place is not NOWHERE else text)
    gathered.append(found)


def check_range(name: str, value: int | None, lowest: int, highest: int) -> None:
    """Tell of an option that is no whole number between two bounds; None is an option that was left out."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        tell(f"{name}={value!r}: a whole number from {lowest:,} to {highest:,} is allowed")


@contextmanager
def gather() -> Iterator[list[Fault]]:
    """Gather the faults that are told meanwhile."""
    found: list[Fault] = []
    token = _gathered.set(found)
    try:
        yield found
    finally:
        _gathered.reset(token)


def calling_place() -> Place:
    """The innermost line outside of tapgen that led here."""
    frame = sys._getframe(1)  # noqa: SLF001 - inspect.stack() reads every source file of the stack
    while frame is not None:
        if not frame.f_code.co_filename.startswith(_PACKAGE):
            return Place(frame.f_code.co_filename, frame.f_lineno)
        if frame.f_back is None:
            break
        frame = frame.f_back
    return NOWHERE
