"""How releases stand whose end nobody recorded: each combination of record, change set, stack and lock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tapgen.aws.change_sets import ListedChangeSet
from tapgen.deploy.state.observed_state import History
from tapgen.deploy.state.release_status import status_of
from tapgen.engine.lock import Holder, Seen
from tapgen.ledger.record import Execution, Record
from tapgen.model import StackState
from tests.unit.ledger.conftest import make

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
A, B = "aaaa", "bbbb"


def _executed(sequence: int, release_id: str) -> Record:
    execution = Execution(change_set_id=f"cs-{sequence}", stack_id="s", who="ada", host="laptop", started_at=AT)
    return replace(make(sequence, release_id, None), execution=execution)


def _history(
    *records: Record, status: str = "UPDATE_COMPLETE", live: str = A, execution: str = "", lock: Seen | None = None
) -> History:
    listed = ListedChangeSet(
        change_set_id=f"cs-{records[-1].sequence}",
        name="release",
        status="CREATE_COMPLETE",
        execution_status=execution,
        created_at=AT,
    )
    return History(
        root=StackState(name="s", stack_id="s", status=status, parameters={"ReleaseId": live}),
        records=records,
        change_sets=(listed,) if execution else (),
        lock=lock,
    )


def _lock(*, age_s: float) -> Seen:
    holder = Holder(
        token="t",  # noqa: S106 - a name, not a secret
        who="ada",
        operation="deploy",
        host="h",
        machine="elsewhere",
        pid=1,
        process_started="1",
        started_at=AT,
        lease_s=60,
    )
    return Seen(holder=holder, etag="e", age_s=age_s)


@pytest.mark.parametrize(
    ("status", "live", "execution", "word"),
    [
        ("UPDATE_COMPLETE", B, "EXECUTE_COMPLETE", "succeeded"),
        ("UPDATE_ROLLBACK_COMPLETE", A, "EXECUTE_FAILED", "rolled-back"),
        ("UPDATE_ROLLBACK_FAILED", A, "EXECUTE_FAILED", "failed"),
        ("UPDATE_IN_PROGRESS", B, "EXECUTE_IN_PROGRESS", "running"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", A, "", "running"),
        ("UPDATE_COMPLETE", A, "AVAILABLE", "unfinished"),
        ("UPDATE_COMPLETE", B, "", "succeeded"),
        ("UPDATE_ROLLBACK_COMPLETE", A, "", "rolled-back"),
    ],
)
def test_executed_release_without_an_outcome(status: str, live: str, execution: str, word: str) -> None:
    """The change set's execution decides; where it is gone, the stack's state and the release that it names."""
    record = _executed(2, B)

    current = status_of(record, _history(make(1, A), record, status=status, live=live, execution=execution))

    assert (current.word, current.recorded) == (word, False)


def test_older_execution_without_any_trace_is_unknown() -> None:
    """A stack that went on since says nothing of an execution before its last one."""
    lost, last = _executed(1, A), _executed(2, B)

    assert status_of(lost, _history(lost, last, live=B, execution="EXECUTE_COMPLETE")).word == "unknown"


def test_release_that_was_not_executed_is_preparing_while_its_deploy_holds_the_lock() -> None:
    """The newest one while the lock lives; unfinished when the lease ended, or another record came after it."""
    first, second = make(1, A, None), make(2, B, None)

    assert status_of(second, _history(first, second, lock=_lock(age_s=5))).word == "preparing"
    assert status_of(first, _history(first, second, lock=_lock(age_s=5))).word == "unfinished"
    assert status_of(second, _history(first, second, lock=_lock(age_s=90))).word == "unfinished"
    assert status_of(second, _history(first, second)).word == "unfinished"


def test_recorded_outcome_counts() -> None:
    """What was recorded is not guessed again."""
    record = make(1, A, "declined")

    current = status_of(record, _history(record, status="UPDATE_IN_PROGRESS"))

    assert (current.word, current.recorded) == ("declined", True)


@pytest.mark.parametrize(
    ("status", "named", "live"),
    [
        ("REVIEW_IN_PROGRESS", B, ""),
        ("CREATE_IN_PROGRESS", B, ""),
        ("ROLLBACK_COMPLETE", B, ""),
        ("DELETE_IN_PROGRESS", A, ""),
        ("UPDATE_IN_PROGRESS", B, A),
        ("UPDATE_FAILED", B, A),
        ("UPDATE_ROLLBACK_IN_PROGRESS", A, A),
        ("UPDATE_ROLLBACK_COMPLETE", A, A),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", B, A),
        ("UPDATE_COMPLETE", B, B),
    ],
)
def test_what_a_stack_names_is_live_once_it_has_settled(status: str, named: str, live: str) -> None:
    """While an update runs or is stuck, what was live before serves; before a create has ended, nothing does."""
    first = make(1, A)
    second = _executed(2, B)
    second = replace(second, intent=replace(second.intent, previous=first.reference))

    history = _history(first, second, status=status, live=named)

    assert history.live_release == live
    assert (history.live.release_id if history.live else "") == live
