"""The record of an adoption in the ledger: who brought what under the deployment, and how it ended.

A run that was cut off leaves its record open. The same command, which goes on from there, closes that one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.deploy.records.release_record import Before, Journal, begin_journal
from tapgen.deploy.release.reconcile import tidy_up
from tapgen.engine.deployment import deployment_of
from tapgen.engine.reporting import NoReporter
from tapgen.ledger.consents import AdoptedResource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.deploy.adoption.candidates import Candidate
    from tapgen.deploy.request import DeployRequest
    from tapgen.engine.context import Context
    from tapgen.engine.lock import Lock
    from tapgen.model import Rendered, StackState


class AdoptionRecord:
    """The record of one adoption, for who holds the lock."""

    def __init__(self, context: Context, lock: Lock, rendered: Rendered, candidates: Sequence[Candidate]) -> None:
        self._context = context
        self._lock = lock
        self._rendered = rendered
        self._adopts = tuple(
            AdoptedResource(
                part=each.part.path,
                resource_type=each.part.resource_type,
                physical_id=each.existing.physical_id,
            )
            for each in candidates
        )
        self._journal = self._find_open()

    def open(self, release: DeployRequest, root: StackState | None) -> Journal:
        """Write what is about to be done, before the first step; an earlier run of the same has written it."""
        if self._journal is None:
            recent = tidy_up(self._context, deployment_of(self._rendered))
            purpose = replace(release.purpose(), operation="adopt", role_arn=release.role_arn, adopts=self._adopts)
            before = Before(state=root, recent=recent)
            self._journal = begin_journal(self._context, self._lock, self._rendered, before=before, purpose=purpose)
            # A step that fails leaves the steps before it: this did not end before anything was executed.
            self._journal.executed = True
        return self._journal

    def close(self) -> None:
        """Everything is in its stack."""
        if self._journal:
            self._journal.settle("adopted")

    def _find_open(self) -> Journal | None:
        """What an earlier run of the same command began and did not close."""
        ledger = deployment_of(self._rendered).ledger(self._context)
        for record in ledger.read_latest(1):
            if record.outcome is None and record.is_adoption and record.intent.adopts == self._adopts:
                return Journal.resume(self._context, ledger, record, NoReporter())
        return None
