"""The live board as lines, without a terminal."""

from __future__ import annotations

from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

import pytest

from tapgen.events import ChangesPlanned, ShiftProgressed, StepStarted
from tapgen.model import Change, GuardAlarm
from tapgen.ui.board import MAX_LINES, Moment, board_lines
from tapgen.ui.progress import Progress
from tests.unit.ui.conftest import NOW, created, event, failed_update, shift, upload

if TYPE_CHECKING:
    from tapgen.events import Event
    from tests.unit.ui.conftest import Compare

_EXECUTE = StepStarted(step="execute", text="Executing the change set")


def _draw(*events: Event, width: int = 80, height: int = 50, elapsed_s: float = 84.3) -> list[str]:
    progress = Progress()
    for each in events:
        progress.note(each)
    moment = Moment(now=NOW, elapsed_s=elapsed_s)
    return [line.text for line in board_lines(progress, width=width, height=height, moment=moment)]


def _while_rolling_back() -> list[Event]:
    """The failed update up to the function's way back, with a shift beside it."""
    return [*failed_update()[:-3], event(5, "Compute", "ApiFunction", "UPDATE_IN_PROGRESS"), _stopped_shift()]


def _stopped_shift() -> Event:
    red = GuardAlarm(name="shop-api-errors-v4", state="ALARM", reason="5 > 1")
    return ShiftProgressed(shift=shift(status="Stopped", alarms=(red,)))


def _large() -> list[Event]:
    """Thirty stacks, of which every third is through, and two shifts."""
    labels = [f"Stack{number:02}" for number in range(30)]
    planned = tuple(
        Change(
            action="Add",
            logical_id=label,
            resource_type="AWS::CloudFormation::Stack",
            children=(Change(action="Add", logical_id="Api", resource_type="AWS::Lambda::Function"),),
        )
        for label in labels
    )
    moves = [
        event(number, label, "Api", "CREATE_COMPLETE" if number % 3 == 0 else "CREATE_IN_PROGRESS")
        for number, label in enumerate(labels)
    ]
    shifts = [ShiftProgressed(shift=shift(deployment_id=f"d-{number}")) for number in range(2)]
    plan = ChangesPlanned(stack="shop", kind="CREATE", change_set_id="arn:x", changes=planned)
    return [plan, _EXECUTE, *moves, *shifts]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_board_of_a_rollback(width: int, matches_snapshot: Compare) -> None:
    """Each stack with its bar, counts and what moves; the shift with its guards; readable at any width."""
    lines = _draw(*_while_rolling_back(), width=width)

    matches_snapshot(f"board-{width}", "\n".join(lines) + "\n")
    assert max(map(len, lines)) <= width


def test_board_of_an_upload(matches_snapshot: Compare) -> None:
    """An upload is a bar with objects and bytes."""
    lines = _draw(*upload()[:3])

    matches_snapshot("board-upload", "\n".join(lines) + "\n")


def test_a_step_without_more_to_show_is_one_line() -> None:
    """A short step is named, and timed once it takes a second."""
    reading = StepStarted(step="preflight", text="Reading the stack")

    assert _draw(reading, elapsed_s=0.9) == ["Reading the stack"]
    (line,) = _draw(reading, elapsed_s=12.7)
    assert line.split() == ["Reading", "the", "stack", "12", "s"]


@pytest.mark.parametrize("width", [40, 80])
def test_of_a_long_name_the_end_is_kept(width: int) -> None:
    """Versions and share are never cut off, nor the part of a name that tells it from others."""
    named = ShiftProgressed(shift=shift(function="transactions-prod-pr-42-eu-central-1-archiver"))

    (line,) = [line for line in _draw(_EXECUTE, named, width=width) if line.startswith("shift")]

    assert line.endswith("-archiver  v3 -> v4 10%")
    assert len(line) <= width


@pytest.mark.parametrize("width", [40, 80])
def test_board_of_a_canary(width: int, matches_snapshot: Compare) -> None:
    """Versions, share, when all traffic moves, what was served, hooks, and each guard with rule and last datapoint."""
    red = GuardAlarm(name="shop-guard-api-5xx", state="ALARM", reason="", metric="Sum 5xx", condition=">= 1", last=3.0)
    running = shift()
    second = shift(deployment_id="d-2", function="shop-archiver", minute_s=0.6, alarms=(), hooks=(), next_step_at=None)
    lines = _draw(
        _EXECUTE,
        event(0, "root", "shop", "UPDATE_IN_PROGRESS"),
        ShiftProgressed(shift=shift(alarms=(*running.alarms, red))),
        ShiftProgressed(shift=second),
        width=width,
    )

    matches_snapshot(f"board-canary-{width}", "\n".join(lines) + "\n")
    assert max(map(len, lines)) <= width


def test_a_scaled_minute_is_shown_with_the_minute_of_aws() -> None:
    """Where minutes are shorter, both times are told."""
    scaled = shift(minute_s=0.6, next_step_at=NOW + timedelta(seconds=2.5))

    assert "more in 2.5 s (4 min 10 s on AWS)" in "\n".join(_draw(_EXECUTE, ShiftProgressed(shift=scaled)))


def test_nothing_is_drawn_between_steps() -> None:
    """When no step is under way, as during a question, there is no board."""
    assert _draw() == []
    assert _draw(*upload()) == []
    assert _draw(*failed_update()) == []


@pytest.mark.parametrize("height", [8, 12, 24, 60])
@pytest.mark.parametrize("width", [40, 80])
def test_board_never_grows_beyond_its_room(height: int, width: int) -> None:
    """However many stacks there are, the board fits the terminal and 24 lines, and keeps title and shifts."""
    lines = _draw(*_large(), width=width, height=height)

    assert len(lines) <= min(MAX_LINES, height - 1)
    assert max(map(len, lines)) <= width
    assert lines[0].startswith("Executing the change set")
    assert sum(line.startswith("shift shop-api") for line in lines) == 2


def test_stacks_that_are_left_out_are_counted() -> None:
    """Settled stacks go first, and the rest is said in a number."""
    lines = _draw(*_large(), height=60)
    shown = [line for line in lines if "creating Api" in line]

    assert not any("Stack00" in line for line in lines)
    assert f"  and {30 - len(shown)} more stacks" in lines


def test_progress_only_grows_in_a_create() -> None:
    """The number of finished resources on the board never falls, and ends at what was planned."""
    counts = []
    for events in accumulate([[each] for each in created()]):
        progress = Progress()
        for each in events:
            progress.note(each)
        counts.append(sum(stack.done for stack in progress.stacks.values()))

    assert counts == sorted(counts)
    assert counts[-1] == 3


def test_without_a_plan_no_share_is_pretended() -> None:
    """Who joins a running operation sees what is done, not a bar of what nobody announced."""
    lines = _draw(
        _EXECUTE,
        event(0, "root", "shop", "UPDATE_IN_PROGRESS"),
        event(1, "Compute", "ApiFunction", "UPDATE_COMPLETE"),
        event(2, "Compute", "ApiLiveAlias", "UPDATE_IN_PROGRESS"),
    )

    assert lines[1:] == ["  root     UPDATE_IN_PROGRESS", "  Compute  1 done  updating ApiLiveAlias"]
