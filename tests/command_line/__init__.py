"""tapgen's command line in a process of its own that need not import anything: a fork of one that has (``forks``).

What a process is born with, its imports, its start under a signal, its interpreter's options, is not to be seen here: a
test of that starts ``python -m tapgen``.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_COVERAGE = "COVERAGE_PROCESS_CONFIG"
_MEASURED_RUNS = 20
_runs: Counter[tuple[str, ...]] = Counter()
_FORKS = Path(__file__).with_name("forks.py")


def run_command(*arguments: str, folder: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command line of tapgen to its end; threads may run some at once.

    Args:
        arguments: What follows ``tapgen``.
        folder: Its working directory.
        environ: Its whole environment.
    """
    request = {
        "arguments": arguments,
        "folder": str(folder),
        "environ": dict(environ),
        "coverage": _coverage_of(arguments),
    }
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors, Path(os.devnull).open("rb") as nothing:
        code = _exit_code(
            request,
            (nothing.fileno(), output.fileno(), errors.fileno()),
        )
        texts = [_text(stream.fileno()) for stream in (output, errors)]
    return subprocess.CompletedProcess(["tapgen", *arguments], code, *texts)


def user_environment(**variables: str) -> dict[str, str]:
    """The environment of a user without AWS settings, with some variables more."""
    # A process that is started pays half as much again when it is measured, most of it for imports.
    left_out = ("AWS_", "COVERAGE_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return inherited | variables


def measured() -> dict[str, str]:
    """What tells a process to measure its coverage, when this one's is measured."""
    return {_COVERAGE: os.environ[_COVERAGE]} if _COVERAGE in os.environ else {}


def _coverage_of(arguments: tuple[str, ...]) -> str:
    """How to measure a command, empty for not at all: each is measured some times, and runs hundreds of times."""
    command = tuple(itertools.takewhile(lambda word: not word.startswith("-"), arguments))[:2]
    _runs[command] += 1
    return os.environ.get(_COVERAGE, "") if _runs[command] <= _MEASURED_RUNS else ""


def _exit_code(request: Mapping[str, object], streams: tuple[int, int, int]) -> int:
    reader, writer = os.pipe()
    with os.fdopen(reader, encoding="ascii") as report:
        try:
            socket.send_fds(_server(), [json.dumps(request).encode()], [*streams, writer])
        finally:
            os.close(writer)
        code = report.read()
    assert code, f"the processes that fork commands have ended: see the standard error of {_FORKS.name}"
    return int(code)


def _text(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(descriptor, encoding="utf-8", closefd=False) as stream:
        return stream.read()


@functools.cache
def _server() -> socket.socket:
    """Messages to the process that forks; it ends with this one, as its end of the socket is closed then."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        # Not the current folder: what lies in it must not be imported before a command names its own.
        command = [sys.executable, "-P", str(_FORKS), str(theirs.fileno())]
        environ = user_environment() | measured()
        process = subprocess.Popen(command, env=environ, pass_fds=(theirs.fileno(),), cwd="/")
    atexit.register(_end, process, ours)
    return ours


def _end(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    control.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
