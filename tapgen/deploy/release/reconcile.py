"""Records how releases ended that nobody watched to their end."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tapgen.aws import change_sets
from tapgen.aws.stack_events import StackEventReader
from tapgen.aws.stacks import STABLE
from tapgen.deploy.change_sets.stack_policies import set_standing_policies
from tapgen.deploy.release.unwatched_shifts import judge_unwatched
from tapgen.deploy.shifts.shift_outcomes import report_shifts
from tapgen.deploy.state.observed_state import read_history
from tapgen.deploy.state.release_status import find_orphans, find_unsettled, status_of
from tapgen.engine.lock import break_lock, read_lock
from tapgen.engine.root_cause import find_cause
from tapgen.errors import AwsError
from tapgen.ledger.record import Outcome

if TYPE_CHECKING:
    from tapgen.deploy.state.observed_state import History
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.ledger.record import Record, Status
    from tapgen.model import Failure, ShiftOutcome

# So many of the newest records are looked at before each release: a dead one is among the last.
_RECENT = 3

_STATUSES: dict[str, Status] = {"succeeded": "succeeded", "rolled-back": "rolled-back", "failed": "failed"}


def tidy_up(context: Context, deployment: Deployment) -> tuple[Record, ...]:
    """Clear away what dead operations left, before a new release begins. For who holds the lock.

    Returns:
        The newest records, oldest first.
    """
    recent = deployment.ledger(context).read_latest(_RECENT)
    if all(record.outcome for record in recent):
        return recent
    # The lock is ours: nothing that is unfinished is on its way.
    history = replace(read_history(context, deployment), lock=None)
    delete_orphans(context, history)
    settle_records(context, deployment, history)
    return deployment.ledger(context).read_latest(_RECENT)


def settle_unwatched(context: Context, deployment: Deployment) -> tuple[ShiftOutcome, ...]:
    """Record how releases ended that nobody watched, unless somebody works on the deployment right now.

    A dead holder's lock goes with them.

    Returns:
        What the shifts of the live release proved, where its end was recorded just now.
    """
    history = read_history(context, deployment)
    outcomes: tuple[ShiftOutcome, ...] = ()
    if history.lock is None or history.lock.ended:
        outcomes = settle_records(context, deployment, replace(history, lock=None))
    if history.lock and history.lock.ended:
        break_lock(context, deployment.bucket, deployment.name, seen=history.lock)
    return outcomes


def clear_dead_lock(context: Context, deployment: Deployment) -> None:
    """Delete the lock of a holder that is dead; one that lives, or is not there, stays as it is."""
    seen = read_lock(context, deployment.bucket, deployment.name)
    if seen and seen.ended:
        break_lock(context, deployment.bucket, deployment.name, seen=seen)


def settle_records(context: Context, deployment: Deployment, history: History) -> tuple[ShiftOutcome, ...]:
    """Give each release an outcome of which it is known how it ended.

    Returns:
        What the shifts of the live release proved, where it is among them.
    """
    unsettled = set(find_unsettled(history))
    proved: tuple[ShiftOutcome, ...] = ()
    for record in history.records:
        if record.sequence in unsettled:
            outcomes = _settle(context, deployment, record, history)
            proved = outcomes if record.release_id == history.live_release else proved
    return proved


def delete_orphans(context: Context, history: History) -> None:
    """Delete the change sets that dead deploys left."""
    for change_set_id in find_orphans(history):
        change_sets.delete_change_set(context.aws.client("cloudformation"), change_set_id)


def _settle(context: Context, deployment: Deployment, record: Record, history: History) -> tuple[ShiftOutcome, ...]:
    current = status_of(record, history)
    status = _STATUSES.get(current.word, "abandoned")
    cause = _find_cause(context, record) if status in {"rolled-back", "failed"} else None
    if record.plan and history.root and history.root.status in STABLE:
        # What it was allowed to replace or delete, nobody else is.
        set_standing_policies(context, history.root.stack_id)
    live = status == "succeeded" and history.root is not None and history.live_release == record.release_id
    shifts = judge_unwatched(context, record) if status in {"succeeded", "rolled-back"} else ()
    if status == "succeeded":
        report_shifts(context, shifts)
    outcome = Outcome(
        status=status,
        finished_at=datetime.now(UTC),
        reason=f"{cause.stack}.{cause.logical_id}: {cause.reason}" if cause else _reason(status, current.note),
        failure=dataclasses.asdict(cause) if cause else None,
        outputs=dict(history.root.outputs) if live and history.root else {},
        verdict={"shifts": [dataclasses.asdict(shift) for shift in shifts]} if shifts else None,
        watched=False,
    )
    deployment.ledger(context).settle(record.sequence, outcome)
    return shifts


def _reason(status: Status, note: str) -> str:
    return "" if status == "succeeded" else note


def _find_cause(context: Context, record: Record) -> Failure | None:
    """The first real cause in the events of the operation, as far as CloudFormation still has them."""
    if record.plan is None:
        return None
    client = context.aws.client("cloudformation")
    reader = StackEventReader(client, stack_id=record.plan.stack_id, since=record.plan.created_at)
    try:
        return find_cause(reader.read_new())
    except AwsError:
        return None
