"""Who is told that a release is executed and how it ended, so that its report can be written. Nothing is drawn here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tapgen.deploy.live import Templates
    from tapgen.ledger.record import Intent, Record


class Reporter(Protocol):
    """Takes what a report is made of; never raises, and never keeps the operation waiting for long."""

    def begin(self, intent: Intent, live: Templates | None) -> None:
        """The release is about to be executed.

        Args:
            intent: Its record so far.
            live: Templates of what is live; empty when nothing is, None when they are not known.
        """
        ...

    def end(self, record: Record) -> None:
        """The release was executed and its end is recorded."""
        ...


class NoReporter:
    """Writes no report."""

    def begin(self, intent: Intent, live: Templates | None) -> None:
        """Nothing."""

    def end(self, record: Record) -> None:
        """Nothing."""
