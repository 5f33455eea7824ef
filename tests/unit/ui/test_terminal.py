"""What the terminal can do, from its environment alone."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from tapgen.ui.ndjson import NdjsonListener
from tapgen.ui.plain import PlainListener
from tapgen.ui.terminal import PLAIN, can_draw, choose_listener, is_ci, is_interactive, size_of, use_color, width_of


@pytest.mark.parametrize(
    ("environ", "expected"),
    [({}, False), ({"CI": "true"}, True), ({"CI": "false"}, False), ({"CI": ""}, False), ({"GITLAB_CI": "1"}, True)],
)
def test_ci_is_recognised(environ: dict[str, str], expected: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Any CI service's variable counts, an empty or false one does not."""
    assert is_ci(environ) is expected


@pytest.mark.parametrize(
    ("environ", "isatty", "expected"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"TERM": "dumb"}, True, False),
        ({"CLICOLOR": "0"}, True, False),
        ({"CLICOLOR": "1"}, False, False),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"CLICOLOR_FORCE": "0"}, False, False),
    ],
)
def test_color_follows_the_conventions(
    environ: dict[str, str],
    isatty: bool,  # noqa: FBT001 - a parameter of the test
    expected: bool,  # noqa: FBT001 - the same
) -> None:
    """NO_COLOR forbids, FORCE_COLOR forces, otherwise the terminal decides."""
    assert use_color(environ, isatty=isatty) is expected


def test_nobody_is_asked_in_ci_or_on_a_dumb_terminal() -> None:
    """A person is asked only on a terminal that can be redrawn, outside CI."""
    assert is_interactive({}, isatty=True)
    assert not is_interactive({"CI": "1"}, isatty=True)
    assert not is_interactive({"TERM": "dumb"}, isatty=True)
    assert not is_interactive({}, isatty=False)


def test_width_comes_from_columns_or_a_default() -> None:
    """COLUMNS counts where there is no terminal; nothing is narrower than 40."""
    assert width_of({"COLUMNS": "80"}, io.StringIO()) == 80
    assert width_of({"COLUMNS": "7"}, io.StringIO()) == 40
    assert width_of({"COLUMNS": "wide"}, io.StringIO()) == 100
    assert width_of({}, io.StringIO()) == 100
    assert size_of({"LINES": "30"}, io.StringIO()) == (100, 30)


def test_rich_is_imported_only_for_a_live_terminal() -> None:
    """JSON and plain lines cost nothing of rich, and no module of ui/ but the live one needs it."""
    program = """
import io, sys
from tapgen.ui import board, changes, failures, tables
from tapgen.ui.terminal import choose_listener
for as_json in (True, False):
    with choose_listener({}, stdout=io.StringIO(), stderr=io.StringIO(), as_json=as_json, options="--env dev"):
        pass
print("rich" in sys.modules)
"""

    answer = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert answer.stdout == "False\n"


def test_a_board_is_drawn_for_who_can_see_it() -> None:
    """On a terminal with room there is a board; TAPGEN_PLAIN, CI and a narrow window get lines."""
    master, slave = os.openpty()
    size = {"COLUMNS": "100", "LINES": "40", "TERM": "xterm"}
    with os.fdopen(master, "rb"), os.fdopen(slave, "w") as stream:
        assert can_draw(size, stream)
        assert not can_draw(size | {PLAIN: "1"}, stream)
        assert not can_draw(size | {"CI": "true"}, stream)
        assert not can_draw(size | {"COLUMNS": "30"}, stream)


def test_json_goes_to_stdout_and_lines_to_stderr() -> None:
    """The listener depends on --json and on the terminal."""
    out, err = io.StringIO(), io.StringIO()

    with choose_listener({}, stdout=out, stderr=err, as_json=True, options="--env dev") as listener:
        assert isinstance(listener, NdjsonListener)
    with choose_listener({}, stdout=out, stderr=err, as_json=False, options="--env dev") as listener:
        assert isinstance(listener, PlainListener)
