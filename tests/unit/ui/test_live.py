"""The live board on a real pseudo-terminal."""

from __future__ import annotations

import io
import os
import pty
import sys
import termios
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tapgen.events import Noted, ScenarioJudged, ShiftProgressed, StepFinished, StepStarted
from tapgen.ui.live import LiveListener
from tapgen.ui.plain import PlainListener
from tapgen.ui.results import OutputWriter
from tapgen.ui.terminal import choose_listener
from tests.unit.ui.conftest import created, event, failed_update, shift, upload
from tests.unit.ui.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from typing import TextIO

    from tapgen.events import Listener

_EXECUTE = StepStarted(step="execute", text="Executing the change set")


@dataclass
class _Terminal:
    """Both ends of a pseudo-terminal; everything written is read at once, so that no writer blocks."""

    stream: TextIO
    leader: int
    written: bytearray = field(default_factory=bytearray)

    def read_all(self) -> None:
        """Until the other end is closed."""
        while True:
            try:
                chunk = os.read(self.leader, 65536)
            except OSError:
                # Linux answers EIO when the last writer has gone.
                return
            if not chunk:
                return
            self.written += chunk

    @property
    def text(self) -> str:
        """Everything written, once the block has been left."""
        return self.written.decode()

    @property
    def screen(self) -> Screen:
        """What a person sees, once the block has been left."""
        screen = Screen()
        screen.feed(self.text)
        return screen


@contextmanager
def _terminal(*, columns: int = 80, lines: int = 30) -> Iterator[_Terminal]:
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (lines, columns))
    with os.fdopen(follower, "w", encoding="utf-8") as stream:
        terminal = _Terminal(stream, leader)
        reader = threading.Thread(target=terminal.read_all)
        reader.start()
        yield terminal
    reader.join()
    os.close(leader)


def _live(terminal: _Terminal, *, color: bool = False) -> LiveListener:
    plain = PlainListener(terminal.stream, results=OutputWriter(io.StringIO()), width=80, color=color)
    # A clock on which every look is long after the one before, so that each event is drawn.
    clock = count()
    return LiveListener(
        terminal.stream, plain=plain, size=lambda: (80, 30), color=color, monotonic=lambda: float(next(clock))
    )


def test_what_stays_is_what_is_done() -> None:
    """After a deploy the screen holds the plain lines alone: no board, no blank rows, a visible cursor."""
    with _terminal() as terminal, _live(terminal) as live:
        for each in created():
            live(each)

    text = terminal.screen.text
    assert terminal.screen.cursor_visible
    assert "Executing the change set" in terminal.text
    assert "Executing the change set" not in text
    assert text.endswith("ok shop is CREATE_COMPLETE (12 s)\ndeploy shop-prod: done")


def test_the_first_cause_stays_on_the_screen() -> None:
    """Of a failed update the failure with its reason stays, and none of its consequences."""
    with _terminal() as terminal, _live(terminal) as live:
        for each in failed_update():
            live(each)

    text = terminal.screen.text
    assert "!! UPDATE_FAILED               Compute.ApiFunction: Role is not authorized" in text
    assert "cancelled" not in text
    assert "Embedded stack" not in text


def test_judgements_stay_on_the_screen() -> None:
    """What a rehearsal found stands above the board when the next scenario runs."""
    with _terminal() as terminal, _live(terminal) as live:
        live(ScenarioJudged(scenario="throws", passed=True, text="the errors guard turned red"))
        live(_EXECUTE)

    assert "ok throws: the errors guard turned red" in terminal.screen.text


def test_board_is_there_while_work_goes_on() -> None:
    """Before the end the screen holds the board, below the lines that stay."""
    screen = Screen()
    with _terminal() as terminal, _live(terminal) as live:
        live(StepFinished(step="preflight", text="The stack will be updated", duration_s=0.2))
        live(_EXECUTE)
        live(event(1, "Compute", "ApiFunction", "UPDATE_IN_PROGRESS"))
        live(Noted(code="look", level="warning", text="look"))
        terminal.stream.flush()
        # What follows the last line that stays is the board as it is drawn again.
    screen.feed(terminal.text[: terminal.text.rindex("updating ApiFunction") + len("updating ApiFunction")])

    *above, title, stack = screen.text.splitlines()
    assert above == ["ok The stack will be updated (0.2 s)", "warning: look"]
    assert title.startswith("Executing the change set  ")
    assert stack == "  Compute  0 done  updating ApiFunction"


def test_a_burst_of_events_is_one_picture() -> None:
    """Events of one moment do not make a picture each: the terminal is not flooded."""
    with _terminal() as terminal:
        plain = PlainListener(terminal.stream, results=OutputWriter(io.StringIO()), width=80, color=False)
        with LiveListener(
            terminal.stream, plain=plain, size=lambda: (80, 30), color=False, monotonic=lambda: 5.0
        ) as live:
            live(_EXECUTE)
            for number in range(200):
                live(event(1, "Compute", f"Resource{number}", "CREATE_IN_PROGRESS"))

    assert 1 <= terminal.text.count("Executing the change set") < 50


def test_upload_is_drawn_as_a_bar() -> None:
    """On a terminal an upload is a bar that is gone when it is done."""
    with _terminal() as terminal, _live(terminal) as live:
        for each in upload():
            live(each)

    assert "[##########......]" in terminal.text
    assert terminal.screen.text == "ok Uploaded 3 of 8 objects: compute, root, api (1.5 s)"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_any_exit_puts_the_terminal_back(error: type[BaseException]) -> None:
    """Whatever breaks off an operation, the board is taken away and standard error is the process's own again."""
    before = sys.stderr
    with _terminal() as terminal:
        with pytest.raises(error):
            _break_off(terminal, error)
        after = sys.stderr

    assert after is before
    assert terminal.screen.text == ""
    assert terminal.screen.cursor_visible


def _break_off(terminal: _Terminal, error: type[BaseException]) -> None:
    with _live(terminal) as live:
        live(_EXECUTE)
        live(event(1, "Compute", "ApiFunction", "UPDATE_IN_PROGRESS"))
        raise error


def test_a_killed_process_leaves_a_visible_cursor() -> None:
    """The cursor is shown again as soon as the board stands: nobody could show it after SIGKILL."""
    with _terminal() as terminal, _live(terminal) as live:
        live(_EXECUTE)
        # Where a process that is killed now would leave the terminal.
        terminal.stream.flush()
        live(event(1, "Compute", "ApiFunction", "UPDATE_IN_PROGRESS"))

    screen = Screen()
    screen.feed(terminal.text[: terminal.text.index("updating ApiFunction")])
    assert screen.cursor_visible


def test_results_on_standard_output_are_left_alone() -> None:
    """A board on standard error does not take standard output over."""
    before = sys.stdout
    with _terminal() as terminal, _live(terminal) as live:
        live(_EXECUTE)
        during = sys.stdout

    assert during is before


def test_a_shift_that_is_over_stays() -> None:
    """A shift is drawn on the board while it runs and becomes a line when it is over."""
    with _terminal() as terminal, _live(terminal) as live:
        live(_EXECUTE)
        live(ShiftProgressed(shift=shift()))
        live(ShiftProgressed(shift=shift(status="Succeeded", target_weight=1.0)))

    assert "v3 -> v4 10%" in terminal.text
    assert terminal.screen.text == "shift    shop-api  v3 -> v4 100%  Succeeded; 41 requests, 0 errors; 2 guards OK"


def test_no_color_draws_in_plain_letters() -> None:
    """NO_COLOR holds on the board, too."""
    sequences = [
        Noted(code="look", level="warning", text="look"),
        _EXECUTE,
        event(1, "Data", "Table", "CREATE_FAILED", "no"),
    ]
    with _terminal() as plain, _chosen({"NO_COLOR": "1"}, plain) as listener:
        for each in sequences:
            listener(each)
    with _terminal() as colored, _chosen({}, colored) as listener:
        for each in sequences:
            listener(each)

    assert plain.screen.text == colored.screen.text
    assert "\x1b[3" not in plain.text
    assert "\x1b[1" not in plain.text.replace("\x1b[1A", "")
    assert "\x1b[1m" in colored.text


def test_a_terminal_without_room_gets_lines() -> None:
    """A board needs 40 columns and 8 lines; below that, and in CI, plain lines are written."""
    kinds = []
    for columns, lines, environ in (
        (80, 24, {}),
        (39, 24, {}),
        (80, 7, {}),
        (80, 24, {"CI": "1"}),
        (80, 24, {"TERM": "dumb"}),
    ):
        with (
            _terminal(columns=columns, lines=lines) as terminal,
            _chosen(environ, terminal) as listener,
        ):
            kinds.append(type(listener))

    assert kinds == [LiveListener, *[PlainListener] * 4]


def _chosen(environ: dict[str, str], terminal: _Terminal) -> AbstractContextManager[Listener]:
    return choose_listener(environ, stdout=io.StringIO(), stderr=terminal.stream, as_json=False, options="--env dev")
