"""The table of rollbacks: every state of the root stack, and what is done."""

from __future__ import annotations

import pytest

from tapgen.deploy.rollback.decide import Await, CancelUpdate, Redeploy, Refuse, StopShifts, plan_rollback
from tapgen.errors import ExitCode
from tapgen.model import StackState


def _plan(status: str | None, *running: str) -> object:
    root = StackState(name="shop", stack_id="shop-id", status=status) if status else None
    return plan_rollback(root, running=running, options="--env dev --suffix pr-1")


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_stable_stack_gets_the_recorded_release(status: str) -> None:
    """Nothing runs: an earlier release is deployed again."""
    assert _plan(status) == Redeploy()


def test_running_shift_is_stopped_and_an_update_without_one_cancelled() -> None:
    """CodeDeploy returns the traffic at once; CloudFormation alone would wait for the shift."""
    assert _plan("UPDATE_IN_PROGRESS", "d-1", "d-2") == StopShifts(deployment_ids=("d-1", "d-2"))
    assert _plan("UPDATE_IN_PROGRESS") == CancelUpdate()


@pytest.mark.parametrize(
    "status",
    [
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "ROLLBACK_IN_PROGRESS",
    ],
)
def test_what_cannot_be_stopped_is_waited_for(status: str) -> None:
    """A stack that cleans up or rolls back already ends by itself."""
    assert _plan(status) == Await()


@pytest.mark.parametrize(
    ("status", "exit_code", "words"),
    [
        (None, ExitCode.USAGE, "tapgen deploy --env dev --suffix pr-1"),
        ("CREATE_IN_PROGRESS", ExitCode.REFUSED, "tapgen attach --env dev --suffix pr-1"),
        ("DELETE_IN_PROGRESS", ExitCode.REFUSED, "tapgen attach"),
        ("ROLLBACK_COMPLETE", ExitCode.NEEDS_HUMAN, "tapgen recover"),
        ("REVIEW_IN_PROGRESS", ExitCode.NEEDS_HUMAN, "tapgen recover"),
        ("UPDATE_ROLLBACK_FAILED", ExitCode.NEEDS_HUMAN, "tapgen recover"),
        ("UPDATE_FAILED", ExitCode.NEEDS_HUMAN, "tapgen recover"),
        ("DELETE_FAILED", ExitCode.NEEDS_HUMAN, "tapgen recover"),
    ],
)
def test_state_without_a_way_back_is_refused_with_the_way_out(
    status: str | None, exit_code: ExitCode, words: str
) -> None:
    """Never deployed, first create, stuck: each names the next command and exits as the documentation says."""
    plan = _plan(status)

    assert isinstance(plan, Refuse)
    assert plan.error.exit_code == exit_code
    assert words in plan.error.hint
