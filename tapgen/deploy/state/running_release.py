"""Finds out whose operation runs on a stack: a release that was begun here or elsewhere, or something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.deploy.state.observed_state import read_history
from tapgen.deploy.state.release_status import status_of
from tapgen.errors import RefusedError

if TYPE_CHECKING:
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.engine.lock import Seen
    from tapgen.errors import TapgenError
    from tapgen.ledger.record import Plan, Record


@dataclass(frozen=True, kw_only=True)
class Running:
    """A release whose change set is being executed."""

    record: Record
    plan: Plan
    holder: Seen | None
    """The process that follows it, when one does."""

    def is_of(self, release_id: str) -> bool:
        """Whether it is this release that is on its way, and nobody else follows it already."""
        step = self.record.intent.step
        ours = self.record.release_id == release_id or (step is not None and step.of == release_id)
        return ours and self.record.intent.operation == "deploy" and not self.holder

    def explain(self, error: TapgenError) -> TapgenError:
        """The refusal, with what is running and since when."""
        intent = self.record.intent
        what = f"{intent.operation} of release {intent.sequence} ({intent.release_id}) by {intent.who} on {intent.host}"
        return RefusedError(
            error.what,
            why=f"a {what} is running since {intent.started_at:%Y-%m-%d %H:%M:%S} UTC",
            hint=error.hint,
            code=error.code,
        )


def find_running(context: Context, deployment: Deployment) -> Running | None:
    """The release that is on its way, or None when the records know nothing of the running operation."""
    history = read_history(context, deployment)
    for record in reversed(history.records):
        if record.execution and record.plan and status_of(record, history).word == "running":
            holder = history.lock if history.lock and not history.lock.ended else None
            return Running(record=record, plan=record.plan, holder=holder)
    return None
