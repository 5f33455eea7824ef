"""A shift whose watcher is gone is judged by whoever comes next, and its policy is carried out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.local.cli.conftest import Project

_SLOW_S = 120


def _await_end(project: Project) -> None:
    """Until nothing runs on the stack."""
    client = project.client("cloudformation")
    deadline = time.monotonic() + _SLOW_S
    name = next(
        stack["StackName"]
        for stack in client.describe_stacks()["Stacks"]
        if not stack.get("ParentId") and "ReleaseId" in {item["ParameterKey"] for item in stack.get("Parameters", ())}
    )
    while client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"].endswith("_IN_PROGRESS"):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_quiet_shift_that_nobody_watched_is_taken_back(project: Project) -> None:
    """Left with --detach, all traffic moved to a version that nobody called: attach finds it, and goes back."""
    project.configure_canary("percentage: 10", "interval_min: 5", "inconclusive: fail")
    project.run("deploy", "--env", "local", "--yes")
    (first,) = project.run_text_json("releases", "--env", "local")["releases"]
    project.edit_api("a quiet one")
    project.run("deploy", "--env", "local", "--yes", "--detach")
    _await_end(project)

    result = project.run_json("attach", "--env", "local", expect=4)

    assert result["error"]["code"] == "taken-back"
    back, unwatched, _ = project.run_text_json("releases", "--env", "local")["releases"]
    assert [shift["outcome"] for shift in unwatched["verdict"]["shifts"]] == ["inconclusive"]
    assert back["live"] is True
    assert back["release_id"] == first["release_id"]


def test_a_verdict_that_only_warns_is_recorded(project: Project) -> None:
    """The next deploy of the same release finds nothing to do, and says what the shift has not proved."""
    project.configure_canary("percentage: 10", "interval_min: 5", "inconclusive: warn")
    project.edit_api("another quiet one")
    project.run("deploy", "--env", "local", "--yes", "--detach")
    _await_end(project)

    again = project.start("deploy", "--env", "local", "--yes")

    assert again.returncode == 0
    assert "prove nothing" in again.stderr
    newest, *_ = project.run_text_json("releases", "--env", "local")["releases"]
    assert [shift["outcome"] for shift in newest["verdict"]["shifts"]] == ["inconclusive"]
