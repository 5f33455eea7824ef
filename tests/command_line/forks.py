"""Forks a process for each command line that ``tests.command_line`` sends; a program of its own, run by its path.

It has imported all of tapgen, makes no thread and reads no file of a project, so a fork of it is what ``python -m
tapgen`` is once its imports are done: a process with a folder, an environment, streams and an exit code of its own.

Each message is a JSON document of ``arguments``, ``folder``, ``environ`` and ``coverage``, with four descriptors:
standard input, output and error, and where the exit code goes. ``coverage`` is how coverage.py is told to measure a
process (its COVERAGE_PROCESS_CONFIG), empty for a command that is not measured.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import time
from typing import Any

import coverage

_MESSAGE_BYTES = 1_000_000
_COVERAGE = "COVERAGE_PROCESS_CONFIG"
# Programs of their own, and what runs in those.
_LEFT_OUT = {"__main__", "hook_runtime", "local", "pytest_plugin", "starters"}


def main(control: socket.socket) -> dict[str, Any] | None:
    """Serve until the other end closes; in a fork, the command that it must run.

    Forks leave the loop instead of running their command in it, so that they end as a program does: with their threads
    awaited, their streams flushed and their exit handlers run.
    """
    # As in every process that pytest-cov starts.
    measuring = coverage.Coverage.current()
    _import_all()
    if measuring:
        measuring.stop()
        measuring.save()
        # It wants to save once more when it is told to end; a fork is told by others, and for its own reasons.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # What is imported is never garbage: no fork looks through it.
    gc.freeze()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, _MESSAGE_BYTES, 4)
        if not message:
            return None
        if os.fork() == 0:
            control.close()
            _keep(descriptors)
            return _enter(json.loads(message), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        _reap()


def _import_all() -> None:
    import boto3

    import tapgen

    rooms = [room for room in pkgutil.iter_modules(tapgen.__path__) if room.name not in _LEFT_OUT]
    for room in rooms:
        package = importlib.import_module(f"tapgen.{room.name}")
        if room.ispkg:
            for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                importlib.import_module(module.name)
    importlib.import_module("tapgen.local.server")
    importlib.import_module("tapgen.starters")
    # What the first client of any service loads.
    boto3.session.Session(region_name="us-east-1").client("cloudformation")


def _keep(descriptors: list[int]) -> None:
    """Fork once more and return in the fork alone; the process that keeps it tells its exit code and ends."""
    command = os.fork()
    if command == 0:
        os.close(descriptors[3])
        return
    for descriptor in descriptors[:3]:
        os.close(descriptor)
    _, status = os.waitpid(command, 0)
    os.write(descriptors[3], f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _reap() -> None:
    """Forget who has ended, so that what they cost counts as this process's."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _enter(request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
    """Take the command's streams, folder and environment."""
    for stream, descriptor in enumerate(descriptors[:3]):
        os.dup2(descriptor, stream)
        os.close(descriptor)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environ"])
    time.tzset()
    if request["coverage"]:
        os.environ[_COVERAGE] = request["coverage"]
        coverage.process_startup(force=True)
    # The processes of its own are measured where they are started for it: an embedded AWS in the tests of it.
    os.environ.pop(_COVERAGE, None)
    sys.argv = ["tapgen", *request["arguments"]]
    # Where `python -m` finds modules first; those of tapgen are found already.
    sys.path[:0] = [request["folder"], *filter(None, request["environ"].get("PYTHONPATH", "").split(os.pathsep))]
    return request


if __name__ == "__main__" and main(socket.socket(fileno=int(sys.argv[1]))):
    from tapgen.__main__ import main as run

    run()
