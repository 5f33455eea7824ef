"""Processes by identity: a pid together with the moment its process started, so that a recycled pid is never mistaken.

Knows nothing of what they run. ``/proc`` answers on Linux, ``ps`` elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_POLL_S = 0.01


class Process(NamedTuple):
    """A process that ran, or still runs.

    Attributes:
        pid: Its id, which the system may give to another process later.
        started: When it started, in the unit of the system that told it: never compared with anything but itself.
    """

    pid: int
    started: str

    def alive(self) -> bool:
        """Whether this very process runs; one that waits to be reaped does not."""
        return self.started != "" and start_identity(self.pid) == self.started

    def wait(self, *, timeout_s: float) -> bool:
        """Wait for the process to end; False when it still runs after ``timeout_s`` seconds."""
        deadline = time.monotonic() + timeout_s
        while self.alive():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_S)
        return True


def this_machine() -> str:
    """What tells this machine's processes from those of another, even of one with the same host name.

    Host name, boot and pid namespace where the system tells them: a pid means nothing in another container, or after a
    reboot.
    """
    import platform

    parts = [platform.node()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)


def start_identity(pid: int) -> str:
    """When the process ``pid`` started; empty when there is none, or only a dead one that waits to be reaped."""
    _reap(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _identity_from_ps(pid)
    # The command name stands in parentheses and may itself contain any of them: the fields are counted from the last.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" and not _has_threads(pid) else fields[19]


def _has_threads(pid: int) -> bool:
    """Whether a process that counts as dead still has threads, which hold its sockets for a moment longer."""
    with contextlib.suppress(OSError):
        return len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
    return False


def spawn(argv: list[str], *, environment: Mapping[str, str], log: int, inherited: Sequence[int]) -> int:
    """Start a process of its own and return its pid.

    ``posix_spawn`` rather than ``subprocess.Popen``: nobody holds a handle on a server that outlives its starter.

    Args:
        argv: The program's absolute path, then its arguments.
        environment: The whole environment of the process.
        log: The descriptor that takes its standard output and error.
        inherited: Further descriptors that it keeps, under the same numbers.
    """
    for descriptor in inherited:
        os.set_inheritable(descriptor, True)  # noqa: FBT003 - the standard library names no such parameter
    return os.posix_spawn(
        argv[0],
        argv,
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, log, 1),
            (os.POSIX_SPAWN_DUP2, log, 2),
        ],
    )


def terminate(process: Process, *, timeout_s: float) -> bool:
    """End a process that leads its own group: politely, and after ``timeout_s`` seconds with all its children by force.

    Returns:
        Whether it ended by itself.
    """
    if not process.alive():
        return True
    import signal

    os.kill(process.pid, signal.SIGTERM)
    if process.wait(timeout_s=timeout_s):
        return True
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout_s=timeout_s)
    return False


def _reap(pid: int) -> None:
    """Collect the exit status, when the process was started by this one."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _identity_from_ps(pid: int) -> str:
    import subprocess

    # The C locale fixes the date's form, so that two shells of one person agree on it.
    found = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)},
    )
    state, _, started = found.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else started.strip()
