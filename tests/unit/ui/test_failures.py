"""Errors in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tapgen.errors import ConfigError, DeploymentError, UsageError
from tapgen.model import Failure
from tapgen.ui.failures import format_error, format_failure

if TYPE_CHECKING:
    from tests.unit.ui.conftest import Compare

_FAILURE = Failure(
    stack="Compute",
    logical_id="ApiFunction",
    resource_type="AWS::Lambda::Function",
    status="UPDATE_FAILED",
    reason="Role is not authorized",
)


def test_error_says_what_why_and_what_next(matches_snapshot: Compare) -> None:
    """Three labelled parts; several reasons are indented below their word."""
    one = DeploymentError("the deployment failed and was rolled back", why="Compute.Api: no", hint="correct it")
    many = ConfigError("environments.yaml has 2 faults", why="a:1: x\na:2: y", hint="see the schema")
    bare = UsageError("there is nothing here")

    matches_snapshot("errors", "\n\n".join(map(format_error, (one, many, bare))) + "\n")


def test_colour_changes_no_words_of_an_error() -> None:
    """Only the labels are coloured."""
    error = DeploymentError("it failed", why="because", hint="correct it")

    colored = format_error(error, color=True)

    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == format_error(error)
    assert colored != format_error(error)


def test_failed_resource_is_named_once() -> None:
    """An error whose reason leaves the failed resource out gets it from the failure; another does not."""
    silent = DeploymentError("it failed", why="rolled back", failure=_FAILURE)
    telling = DeploymentError("it failed", why=format_failure(_FAILURE), failure=_FAILURE)

    assert format_error(silent).count("ApiFunction") == 1
    assert format_error(telling).count("ApiFunction") == 1


def test_failure_is_one_line() -> None:
    """Where, what, its status and why."""
    assert (
        format_failure(_FAILURE) == "Compute.ApiFunction (AWS::Lambda::Function) UPDATE_FAILED: Role is not authorized"
    )


def test_a_terminal_gets_lines_between_words() -> None:
    """Folded lines are indented, no name is cut, and nothing is lost."""
    arn = "arn:aws:cloudformation:eu-central-1:111122223333:stack/a-name-that-is-longer-than-the-terminal/5f1d8c2e"
    error = DeploymentError("the deployment failed and was rolled back", why=f"one\nthe stack {arn} was not updated")

    folded = format_error(error, width=40)

    assert arn in folded
    assert max(len(line) for line in folded.splitlines() if arn not in line) <= 40
    assert folded.split() == format_error(error).split()
