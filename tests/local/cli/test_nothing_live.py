"""Where nothing is live, nothing says so: a first change set that waits, a first create that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.local.cli.conftest import Project


def test_a_change_set_that_was_never_executed_is_no_release(project: Project) -> None:
    """Outputs say that nothing is live and fail, the list has no arrow, diff compares with nothing deployed."""
    project.run("deploy", "--env", "local", "--no-execute-changeset")

    outputs = project.start("outputs", "--env", "local")
    assert outputs.returncode == 2
    assert outputs.stdout == ""
    assert "nothing is live" in outputs.stderr
    assert "REVIEW_IN_PROGRESS" in outputs.stderr
    (release,) = project.run_text_json("releases", "--env", "local")["releases"]
    assert release["status"] == "prepared"
    assert release["live"] is False
    assert "→" not in project.run("releases", "--env", "local")
    assert "nothing deployed" in project.run("diff", "--env", "local")
    assert project.run_text_json("status", "--env", "local")["release_id"] == ""
