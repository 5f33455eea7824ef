"""Ctrl-C while traffic shifts, on a terminal: it asks first, stops or leaves as told; twice it leaves."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.local.cli.conftest import copy_project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.cli.conftest import Project

_QUESTION = "Stop and roll back (s), leave it running (d), or watch on (enter)?"
_TIMEOUT_S = 120.0


class Terminal:
    """A command on a terminal of 80 columns; reads what it writes there, and types."""

    def __init__(self, project: Project, *arguments: str) -> None:
        self._master, slave = pty.openpty()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and name != "CI"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tapgen", *arguments],
            cwd=project.folder,
            env=inherited | {"TERM": "xterm", "COLUMNS": "80", "LINES": "40", "NO_COLOR": "1"},
            stdin=slave,
            stdout=subprocess.DEVNULL,
            stderr=slave,
        )
        os.close(slave)
        self._text = ""

    def expect(self, text: str) -> None:
        """Wait until the text was written, after what was expected before."""
        deadline = time.monotonic() + _TIMEOUT_S
        while text not in self._text:
            assert time.monotonic() < deadline, f"{text!r} does not come:\n{self._text[-2000:]}"
            if not self._read():
                assert text in self._text, f"ended without {text!r}:\n{self._text[-2000:]}"
        self._text = self._text.partition(text)[2]

    def interrupt(self) -> None:
        """What the terminal's driver does on Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._master, f"{text}\n".encode())

    def wait(self) -> int:
        """Read to the end; the exit code."""
        deadline = time.monotonic() + _TIMEOUT_S
        while self._read():
            assert time.monotonic() < deadline, f"it does not end:\n{self._text[-2000:]}"
        return self._process.wait(timeout=_TIMEOUT_S)

    def close(self) -> None:
        """End what still runs."""
        self._process.kill()
        self._process.wait(timeout=_TIMEOUT_S)
        os.close(self._master)

    def _read(self) -> bool:
        """Take in what is there; False at the end."""
        if not select.select([self._master], [], [], 1.0)[0]:
            return self._process.poll() is None
        try:
            data = os.read(self._master, 65536)
        except OSError:
            # Linux says so when the last writer has gone.
            return False
        self._text += data.decode(errors="replace")
        return bool(data)


@pytest.fixture(name="project", scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Its embedded AWS is killed in a test, and comes back with what it held."""
    project = replace(copy_project(tmp_path_factory.mktemp("project")), save="changes")
    yield project
    project.run("local", "stop")


@pytest.fixture(name="live", scope="module")
def _live(project: Project) -> Project:
    """A first edition, whose next ones get a canary of nine seconds."""
    project.configure_canary("percentage: 10", "interval_min: 15")
    project.run("deploy", "--env", "local", "--yes")
    return project


@pytest.fixture(name="shifting")
def _shifting(live: Project) -> Iterator[Terminal]:
    """A deploy on a terminal whose canary has just begun."""
    live.edit_api(f"edition {time.monotonic_ns()}")
    terminal = Terminal(live, "deploy", "--env", "local", "--yes")
    terminal.expect("100% in")
    yield terminal
    terminal.close()


def test_stop_rolls_back(shifting: Terminal, project: Project) -> None:
    """The answer s stops the shift: exit 4, and the alias is whole again on the old version."""
    shifting.interrupt()
    shifting.expect(_QUESTION)
    shifting.type("s")

    assert shifting.wait() == 4
    alias = project.client("lambda").get_alias(FunctionName="transactions-local-us-east-1-api", Name="live")
    assert not alias.get("RoutingConfig", {}).get("AdditionalVersionWeights")
    shifting.expect("somebody stopped it")


def test_second_interrupt_leaves_it_running(shifting: Terminal, project: Project) -> None:
    """Enter watches on; a second Ctrl-C at the question leaves, exit 130, and attach sees the shift to its end."""
    shifting.interrupt()
    shifting.expect(_QUESTION)
    shifting.type("")
    shifting.expect("100% in")
    shifting.interrupt()
    shifting.expect(_QUESTION)
    # Python may miss a signal in the very moment in which it begins to read a line; a person presses once more.
    time.sleep(0.5)
    shifting.interrupt()

    assert shifting.wait() == 130
    shifting.expect("`tapgen attach` joins it")
    assert project.run_json("attach", "--env", "local")["status"] == "done"


def test_an_embedded_aws_that_dies_is_told_and_started_again(shifting: Terminal, project: Project) -> None:
    """The deploy ends with the reason instead of trying on, offers a start, and recover brings the service back."""
    functions = project.client("lambda")
    before = functions.get_alias(FunctionName="transactions-local-us-east-1-api", Name="live")["FunctionVersion"]
    os.kill(json.loads(project.run("local", "status", "--json"))["pid"], signal.SIGKILL)

    shifting.expect("the embedded AWS has ended; start it again? [Y/n]")
    shifting.type("")

    assert shifting.wait() == 2
    shifting.expect("it listens on http://127.0.0.1:")
    shifting.expect("error: the embedded AWS has ended during the operation")
    assert project.run_json("recover", "--env", "local", "--yes")["status"] == "done"
    alias = functions.get_alias(FunctionName="transactions-local-us-east-1-api", Name="live")
    assert (alias["FunctionVersion"], alias.get("RoutingConfig")) == (before, None)
