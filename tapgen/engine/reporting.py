"""Who is told that a release is executed and how it ended, so that its report can be written. Nothing is drawn here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tapgen.ledger.record import Intent, Record


class Reporter(Protocol):
    """Takes what a report is made of; never raises, and never keeps the operation waiting for long."""

    def begin(self, intent: Intent) -> None:
        """The release with this record so far is about to be executed."""
        ...

    def end(self, record: Record) -> None:
        """The release was executed and its end is recorded."""
        ...


class NoReporter:
    """Writes no report."""

    def begin(self, intent: Intent) -> None:
        """Nothing."""

    def end(self, record: Record) -> None:
        """Nothing."""
