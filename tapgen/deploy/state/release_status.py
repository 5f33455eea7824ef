"""How a release stands: what its record says, or what the stack tells of one whose end nobody recorded. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tapgen.deploy.state.observed_state import History
    from tapgen.ledger.record import Record, Status

_UNWATCHED = "nobody watched it end; the next operation records it"
_CUT_OFF = "it was cut off; `tapgen adopt` with the same parts goes on"
_ENDS: dict[str, Literal["succeeded", "rolled-back"]] = {
    "EXECUTE_COMPLETE": "succeeded",
    "EXECUTE_FAILED": "rolled-back",
}


@dataclass(frozen=True, kw_only=True)
class ReleaseStatus:
    """One word, and what it means here."""

    word: Status | Literal["preparing", "running", "unfinished", "unknown"]
    note: str = ""
    recorded: bool = True
    """False when the record has no outcome yet."""


def status_of(record: Record, history: History) -> ReleaseStatus:
    """How the release stands now.

    A change set's execution status is CloudFormation's own word on how its execution ended (DescribeChangeSet, API
    reference); where the change set is gone, the release that the stack names decides.
    """
    if record.outcome:
        return ReleaseStatus(word=record.outcome.status, note=record.outcome.reason.partition("\n")[0])
    if record.execution is None:
        return _unexecuted_status(record, history)
    return _executed_status(record, record.execution.change_set_id, history)


def find_orphans(history: History) -> tuple[str, ...]:
    """Change sets that tapgen made, that were never executed, and that nobody keeps on purpose.

    One that ``--no-execute-changeset`` prepared is kept; so is every change set of somebody else.
    """
    kept = {
        record.intent.change_set_name
        for record in history.records
        if record.outcome and record.outcome.status == "prepared"
    }
    ours = {record.intent.change_set_name for record in history.records if not record.is_adoption} - kept
    return tuple(item.change_set_id for item in history.change_sets if item.pending and item.name in ours)


def find_unsettled(history: History) -> tuple[int, ...]:
    """Releases without an outcome of which it is known how they ended."""
    return tuple(
        record.sequence
        for record in history.records
        if record.outcome is None and status_of(record, history).word not in {"running", "preparing"}
    )


def _unexecuted_status(record: Record, history: History) -> ReleaseStatus:
    busy = history.lock is not None and not history.lock.ended
    if busy and record == history.records[-1]:
        return ReleaseStatus(word="preparing", note="it holds the lock", recorded=False)
    note = _CUT_OFF if record.is_adoption else "it ended before its change set was executed"
    return ReleaseStatus(word="unfinished", note=note, recorded=False)


def _executed_status(record: Record, change_set_id: str, history: History) -> ReleaseStatus:
    status = {item.change_set_id: item.execution_status for item in history.change_sets}.get(change_set_id, "")
    root = history.root
    last = [each for each in history.records if each.execution][-1]
    if record == last and root and root.status.endswith("_FAILED"):
        return ReleaseStatus(word="failed", note=f"the stack is in {root.status}", recorded=False)
    if status in _ENDS:
        return ReleaseStatus(word=_ENDS[status], note=_UNWATCHED, recorded=False)
    if root and root.in_progress and record == last and status in {"", "EXECUTE_IN_PROGRESS"}:
        return ReleaseStatus(word="running", note=root.status, recorded=False)
    if status:
        note = "the execution was announced, and CloudFormation has not begun it"
        return ReleaseStatus(word="unfinished", note=note, recorded=False)
    if root and record == last and not root.in_progress:
        word: Status = "succeeded" if history.live_release == record.release_id else "rolled-back"
        return ReleaseStatus(word=word, note=_UNWATCHED, recorded=False)
    return ReleaseStatus(word="unknown", note="neither the record nor the stack tells how it ended", recorded=False)
