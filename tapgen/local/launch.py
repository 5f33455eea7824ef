"""Bringing the child up: a socket that is bound before anything else runs, a process, and its report over a pipe.

Decides nothing: whether a child should run, and who may start one, is ``server``'s business.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tapgen._version import __version__
from tapgen.errors import LocalError
from tapgen.local.record import HEALTH_PATH, Layout, Record
from tapgen.processes import Process, spawn, start_identity, terminate

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from pathlib import Path

HOST = "127.0.0.1"
"""The only address that the embedded AWS listens on."""

_START_S = 30.0
_HEALTH_S = 2.0
_BACKLOG = 128
_SAY_RELEASE = "from tapgen._version import __version__; print(__version__)"
_LOG_LIMIT = 5_000_000
PYTHON_VARIABLE = "TAPGEN_LOCAL_PYTHON"
"""Names the Python of an environment of the embedded AWS alone: MiniStack pins botocore, nobody else has to."""
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "VIRTUAL_ENV")
_INHERITED_PREFIXES = ("PYTHON", "COVERAGE_", "TAPGEN_LOCAL_")


def launch(layout: Layout, *, port: int, remembered: int, parent: int, settings: Mapping[str, str]) -> Record:
    """Start a child and wait until it is ready.

    Args:
        layout: Its files.
        port: Where it must listen; 0 when any port will do.
        remembered: The port to prefer when any will do; 0 when there is none.
        parent: The process that it must not outlive; 0 for none.
        settings: Variables of its environment that win over this process's own.

    Raises:
        LocalError: The port is in use, or the child did not become ready.
    """
    _rotate(layout.log)
    reader, writer = os.pipe()
    with contextlib.closing(_listener(port, remembered)) as listener, layout.log.open("ab") as log:
        descriptors = (f"--listener={listener.fileno()}", f"--report={writer}")
        pid = spawn(
            [_python(), "-m", "tapgen.local.child", f"--root={layout.root}", f"--parent={parent}", *descriptors],
            environment={**_environment(), **settings},
            log=log.fileno(),
            inherited=(listener.fileno(), writer),
        )
    os.close(writer)
    _await_report(layout, reader, Process(pid, start_identity(pid)))
    record = Record.read(layout.record)
    if record is None:
        raise _crash(layout, pid, "it left no record")
    return record


def health_fault(record: Record) -> str:
    """What is wrong with the child's answer to a health check; empty when nothing is."""
    import socket

    request = f"GET {HEALTH_PATH} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((HOST, record.port), timeout=_HEALTH_S) as connection:
            connection.sendall(request.encode("ascii"))
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
    except OSError as error:
        return str(error)
    body = answer.partition(b"\r\n\r\n")[2]
    return "" if body == json.dumps({"pid": record.pid}).encode() else "something else answers there"


def last_lines(log: Path, *, lines: int) -> tuple[str, ...]:
    """The last ``lines`` lines of a log, oldest first; none when there is no log."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ()
    return tuple(text.splitlines()[-lines:]) if lines > 0 else ()


def _listener(port: int, remembered: int) -> socket.socket:
    """A listening socket, so that no other program can take the port before the child serves on it."""
    try:
        return _bound(port or remembered)
    except OSError as error:
        if port:
            raise LocalError(
                f"port {port} is not available for the embedded AWS",
                why=error.strerror or str(error),
                hint="Name another one with --port, or none to take a free one",
                code="local-port-in-use",
            ) from error
        return _bound(0)


def _bound(port: int) -> socket.socket:
    import socket

    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _python() -> str:
    """The interpreter that has ``tapgen[local]``: this one, or the one that the user names.

    Raises:
        LocalError: There is no such program, or its tapgen is another release than this one.
    """
    named = os.environ.get(PYTHON_VARIABLE, "")
    if not named or named == sys.executable:
        return sys.executable
    hint = f"make one with `python -m venv DIR` and `DIR/bin/pip install 'tapgen[local]=={__version__}'`"
    try:
        done = subprocess.run(
            [named, "-c", _SAY_RELEASE],
            capture_output=True,
            text=True,
            check=True,
            timeout=_START_S,
            env=_environment(),
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = (
            error.stderr.strip().splitlines()[-1:] if isinstance(error, subprocess.CalledProcessError) else [str(error)]
        )
        raise LocalError(
            f"{PYTHON_VARIABLE}={named} has no tapgen to run", why="".join(said), hint=hint, code="local-python"
        ) from error
    if done.stdout.strip() != __version__:
        raise LocalError(
            f"{PYTHON_VARIABLE}={named} has tapgen {done.stdout.strip()}, and this is {__version__}",
            why="the two speak to each other",
            hint=hint,
            code="local-python",
        )
    return named


def _environment() -> dict[str, str]:
    """What the child inherits: never the developer's AWS credentials, profile or endpoint."""
    return {
        name: value for name, value in os.environ.items() if name in _INHERITED or name.startswith(_INHERITED_PREFIXES)
    }


def _await_report(layout: Layout, reader: int, process: Process) -> None:
    import select

    with open(reader, "rb", buffering=0) as pipe:
        ready, _, _ = select.select([pipe], [], [], _START_S)
        report = pipe.read() if ready else None
    if report is None:
        terminate(process, timeout_s=1.0)
        raise _crash(layout, process.pid, f"it was not ready after {_START_S:.0f} s")
    if not report:
        raise _crash(layout, process.pid, "it ended before it was ready")
    failure = json.loads(report)
    if failure:
        raise LocalError(failure["what"], why=failure["why"], hint=failure["hint"], code=failure["code"])


def _crash(layout: Layout, pid: int, why: str) -> LocalError:
    last = "\n".join(f"  {line}" for line in last_lines(layout.log, lines=10))
    return LocalError(
        f"the embedded AWS did not start: {why} (process {pid})",
        why=f"its last words in {layout.log}:\n{last}" if last else f"it wrote nothing to {layout.log}",
        hint="If its state is damaged, start afresh: tapgen local reset",
        code="local-crashed",
    )


def _rotate(log: Path) -> None:
    """Keep one earlier log, so that both stay of a size that a person can still open."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > _LOG_LIMIT:
            log.replace(log.with_name(f"{log.name}.1"))
