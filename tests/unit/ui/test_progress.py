"""What is known of a running operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.events import ShiftProgressed, StepFinished, StepStarted
from tapgen.ui.progress import Progress
from tests.unit.ui.conftest import created, event, failed_update, shift, upload

if TYPE_CHECKING:
    from tapgen.events import Event


def _after(*events: Event) -> Progress:
    progress = Progress()
    for each in events:
        progress.note(each)
    return progress


def test_counts_of_a_failed_update() -> None:
    """Planned, moving and settled resources of each stack, its own status and the last reason."""
    compute = _after(*failed_update()).stacks["Compute"]

    assert compute.total == 4
    assert compute.settled == {"ApiFunction": "UPDATE_COMPLETE", "ApiVersion2": "CREATE_FAILED"}
    assert (compute.done, compute.failed, compute.moving) == (1, 1, {})
    assert compute.status == "UPDATE_FAILED"
    assert compute.reason.startswith("Embedded stack")


def test_failures_are_causes_and_not_consequences() -> None:
    """What was cancelled, and a parent of what failed, is no failure of its own."""
    assert [failure.logical_id for failure in _after(*failed_update()).failures] == ["ApiFunction"]


def test_a_joined_operation_keeps_the_stacks_apart() -> None:
    """Without a plan, as in attach, a child's status is the child's and not the root's."""
    progress = _after(
        event(1, "root", "shop", "UPDATE_IN_PROGRESS"),
        event(2, "root", "Compute", "UPDATE_IN_PROGRESS"),
        event(3, "Compute", "shop-Compute-1ABC", "UPDATE_COMPLETE"),
    )

    assert {label: stack.status for label, stack in progress.stacks.items()} == {
        "root": "UPDATE_IN_PROGRESS",
        "Compute": "UPDATE_COMPLETE",
    }


def test_everything_is_done_at_the_end_of_a_create() -> None:
    """All that was planned is counted once, in its own stack."""
    progress = _after(*created())

    assert {label: (stack.done, stack.total) for label, stack in progress.stacks.items()} == {
        "root": (0, 0),
        "Data": (2, 2),
        "Compute": (1, 1),
    }
    assert progress.result is not None
    assert progress.result.status == "done"


def test_a_plan_begins_a_new_picture() -> None:
    """The stack of a bootstrap that ran before is not mixed with the deployment's."""
    progress = _after(event(0, "root", "shop-bootstrap", "CREATE_COMPLETE"), *created()[:1])

    assert progress.stacks["root"].status == ""


def test_steps_may_lie_within_each_other() -> None:
    """An upload that bootstraps first is still under way when the bootstrap is done."""
    outer, *sent, end = upload()
    inner = StepStarted(step="bootstrap", text="Bringing shop-bootstrap up to date")
    done = StepFinished(step="bootstrap", text="done", duration_s=1.0)

    progress = _after(outer, inner)
    assert progress.step == inner

    progress = _after(outer, inner, done, *sent)
    assert progress.step == outer
    assert progress.upload == sent[-1]

    progress = _after(outer, inner, done, *sent, end)
    assert progress.step is None
    assert progress.steps == [done, end]


def test_the_last_look_at_a_shift_counts() -> None:
    """A shift is known by its deployment; a later look replaces the one before."""
    progress = _after(ShiftProgressed(shift=shift()), ShiftProgressed(shift=shift(target_weight=1.0)))

    assert [each.target_weight for each in progress.shifts.values()] == [1.0]
