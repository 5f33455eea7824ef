"""What a deploy may do, for every state a stack can be in."""

from __future__ import annotations

import pytest

from tapgen.deploy.state.preflight import Blocked, NothingToDo, Ready, Wanted, decide
from tapgen.errors import AttentionError, RefusedError
from tapgen.model import StackState

WANTED = Wanted(
    options="--env dev",
    release_id="aaaa",
    tags={"Owner": "payments"},
)


def _state(status: str, *, release: str = "bbbb", tags: dict[str, str] | None = None) -> StackState:
    return StackState(
        name="shop-dev-eu-west-1-service",
        stack_id="arn:aws:cloudformation:eu-west-1:111122223333:stack/x/1",
        status=status,
        status_reason="as CloudFormation said",
        parameters={"ReleaseId": release},
        tags={"Owner": "payments"} if tags is None else tags,
    )


@pytest.mark.parametrize("state", [None, _state("DELETE_COMPLETE"), _state("REVIEW_IN_PROGRESS")])
def test_absent_or_only_reviewed_stack_is_created(state: StackState | None) -> None:
    """No stack, a deleted one, and one that holds only an unexecuted change set take a CREATE change set."""
    decision = decide(state, WANTED)

    assert isinstance(decision, Ready)
    assert decision.kind == "CREATE"


@pytest.mark.parametrize(
    "status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"]
)
def test_stable_stack_with_another_release_is_updated(status: str) -> None:
    """A stable stack whose release differs takes an UPDATE change set."""
    decision = decide(_state(status), WANTED)

    assert isinstance(decision, Ready)
    assert decision.kind == "UPDATE"


def test_live_release_is_nothing_to_do() -> None:
    """The same release with the same tags on a stable stack needs nothing."""
    decision = decide(_state("UPDATE_COMPLETE", release="aaaa"), WANTED)

    assert isinstance(decision, NothingToDo)


def test_changed_tags_are_a_change() -> None:
    """Tags are not part of the templates' digests, yet changing them must reach the stack."""
    decision = decide(_state("UPDATE_COMPLETE", release="aaaa", tags={"Owner": "others"}), WANTED)

    assert isinstance(decision, Ready)


@pytest.mark.parametrize(
    "status", ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "DELETE_IN_PROGRESS"]
)
def test_busy_stack_is_refused(status: str) -> None:
    """A stack that moves is refused with its status and the command that shows it."""
    decision = decide(_state(status), WANTED)

    assert isinstance(decision, Blocked)
    assert isinstance(decision.error, RefusedError)
    assert status in decision.error.what
    assert "tapgen attach --env dev" in decision.error.hint


def test_failed_first_create_names_the_way_out() -> None:
    """ROLLBACK_COMPLETE cannot be updated: the error says so and how to clear it."""
    decision = decide(_state("ROLLBACK_COMPLETE"), WANTED)

    assert isinstance(decision, Blocked)
    assert isinstance(decision.error, AttentionError)
    assert "ROLLBACK_COMPLETE" in decision.error.what
    assert "tapgen recover --env dev" in decision.error.hint


@pytest.mark.parametrize(
    ("status", "way_out"),
    [
        ("UPDATE_ROLLBACK_FAILED", "tapgen recover --env dev"),
        ("UPDATE_FAILED", "tapgen recover --env dev"),
        ("CREATE_FAILED", "tapgen recover --env dev"),
        ("ROLLBACK_FAILED", "tapgen recover --env dev"),
        ("DELETE_FAILED", "tapgen destroy --env dev"),
        ("IMPORT_ROLLBACK_FAILED", "console"),
    ],
)
def test_stuck_stack_needs_a_person(status: str, way_out: str) -> None:
    """A state that CloudFormation does not leave by itself is named with its way out, exit code 5."""
    decision = decide(_state(status), WANTED)

    assert isinstance(decision, Blocked)
    assert decision.error.exit_code == 5
    assert status in decision.error.what
    assert way_out in decision.error.hint
