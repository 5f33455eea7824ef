"""How an operation looks in a log, as JSON, and on a terminal."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.errors import ConfigError, DeploymentError
from tapgen.events import ShiftProgressed
from tapgen.model import Change, GuardAlarm, Shift
from tapgen.ui.changes import change_lines, summarise
from tapgen.ui.failures import format_error
from tapgen.ui.live import LiveListener
from tapgen.ui.ndjson import NdjsonListener
from tapgen.ui.plain import PlainListener
from tapgen.ui.progress import Progress
from tests.unit.ui.conftest import changes, failed_update, finished_deploy

if TYPE_CHECKING:
    from tests.unit.ui.conftest import Compare


def _plain(*, color: bool = False, width: int = 80) -> tuple[PlainListener, io.StringIO, io.StringIO]:
    progress, results = io.StringIO(), io.StringIO()
    return PlainListener(progress, results=results, width=width, color=color), progress, results


def test_failed_update_reads_as_calm_lines(matches_snapshot: Compare) -> None:
    """A CI log has one line for each thing that happened, the change tree, and the failure with its reason."""
    listener, progress, results = _plain()

    for event in failed_update():
        listener(event)

    matches_snapshot("failed-update", progress.getvalue())
    assert results.getvalue() == ""


def test_outputs_are_the_only_thing_on_the_results_stream(matches_snapshot: Compare) -> None:
    """A finished deploy writes outputs, aligned, to results and the rest to progress."""
    listener, progress, results = _plain()

    for event in finished_deploy():
        listener(event)

    matches_snapshot("finished-deploy", results.getvalue())
    assert "shop-prod: done" in progress.getvalue()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_change_tree_fits_its_width(width: int, matches_snapshot: Compare) -> None:
    """The tree is readable without colour at any width, and a replaced table stands out in words."""
    lines = [line.text for line in change_lines(changes(), width=width)]

    matches_snapshot(f"changes-{width}", "\n".join(lines) + "\n")
    assert any("REPLACED: WHAT IT HOLDS IS LOST" in line for line in lines)
    assert lines[-1] == "1 to add, 3 to modify (1 replaced, 1 perhaps replaced), 1 to remove"


def test_summary_counts_resources_and_not_stacks() -> None:
    """Nested stacks are containers: only what is in them counts."""
    stack = Change(action="Add", logical_id="Data", resource_type="AWS::CloudFormation::Stack")

    assert summarise((stack,)) == "0 to add, 0 to modify, 0 to remove"


def test_colour_changes_no_words() -> None:
    """The same lines with colour codes removed are the plain ones."""
    plain, plain_stream, _ = _plain()
    colored, colored_stream, _ = _plain(color=True)

    for event in failed_update():
        plain(event)
        colored(event)

    assert "\x1b[" in colored_stream.getvalue()
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored_stream.getvalue()) == plain_stream.getvalue()


def test_json_lines_are_the_events() -> None:
    """Each line is one event with its type; times are ISO 8601, the last line is the result with the error."""
    stream = io.StringIO()
    listener = NdjsonListener(stream)

    for event in failed_update():
        listener(event)

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["type"] for line in lines[:2]] == ["step-started", "step-finished"]
    failed = next(line for line in lines if line.get("status") == "UPDATE_FAILED")
    assert failed["timestamp"] == "2026-11-24T12:00:03+00:00"
    assert lines[-1]["type"] == "result"
    assert (lines[-1]["status"], lines[-1]["exit_code"], lines[-1]["error"]) == ("failed", 4, {"code": "x"})


def test_progress_counts_planned_moving_and_settled() -> None:
    """The model knows of each stack what is planned, what moves and what is done, and keeps failures."""
    progress = Progress()

    for event in failed_update():
        progress.note(event)

    compute = progress.stacks["Compute"]
    assert compute.total == 4
    assert compute.settled == {"ApiFunction": "UPDATE_FAILED"}
    assert compute.moving == {}
    assert compute.status == "UPDATE_IN_PROGRESS"
    assert [failure.logical_id for failure in progress.failures] == ["ApiFunction"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "shift    shop-api  v3 → v4 10%  AllowTraffic InProgress; 2 guards OK"),
        ({"status": "Succeeded", "target_weight": 1.0}, "shift    shop-api  v3 → v4 100%  Succeeded; 2 guards OK"),
        (
            {"status": "Stopped", "alarms": (GuardAlarm(name="shop-guard", state="ALARM", reason="red"),)},
            "shift    shop-api  v3 → v4 10%  Stopped; shop-guard ALARM",
        ),
    ],
)
def test_shift_is_one_line(changes: dict[str, Any], expected: str) -> None:
    """Versions, weight, step and guards on one line; an alarm that is not OK is named."""
    guards = tuple(GuardAlarm(name=name, state="OK", reason="") for name in ("a", "b"))
    shift = Shift(
        deployment_id="d-1",
        status="InProgress",
        function="shop-api",
        alias="live",
        current_version="3",
        target_version="4",
        target_weight=0.1,
        steps=(("BeforeAllowTraffic", "Succeeded"), ("AllowTraffic", "InProgress"), ("AfterAllowTraffic", "Pending")),
        alarms=guards,
    )
    listener, stream, _ = _plain()

    listener(ShiftProgressed(shift=replace(shift, **changes)))

    assert stream.getvalue() == expected + "\n"


def _drain(descriptor: int) -> str:
    text = b""
    while select.select([descriptor], [], [], 0.3)[0]:
        try:
            chunk = os.read(descriptor, 65536)
        except OSError:
            break
        if not chunk:
            break
        text += chunk
    return text.decode()


def test_live_board_leaves_the_terminal_clean() -> None:
    """On a terminal the board is drawn and taken away; what stays are the plain lines, and the cursor is shown."""
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as terminal:
        plain = PlainListener(terminal, results=io.StringIO(), width=80, color=False)
        with LiveListener(terminal, plain=plain, width=80) as live:
            for event in failed_update():
                live(event)
        terminal.flush()
        text = _drain(leader)
    os.close(leader)

    assert "The stack will be updated" in text
    assert "ApiFunction" in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h")
    assert all(len(line) <= 200 for line in text.splitlines())


def test_error_says_what_why_and_what_next(matches_snapshot: Compare) -> None:
    """Three labelled parts; several reasons are indented below their word."""
    one = DeploymentError("the deployment failed and was rolled back", why="Compute.Api: no", hint="correct it")
    many = ConfigError("environments.yaml has 2 faults", why="a:1: x\na:2: y", hint="see the schema")

    matches_snapshot("errors", f"{format_error(one)}\n\n{format_error(many)}\n")
    assert "\x1b[" in format_error(one, color=True)
