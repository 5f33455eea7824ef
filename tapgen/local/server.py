"""The embedded AWS seen from outside: start, stop, look, read the log, wipe.

Imports neither MiniStack nor an AWS SDK, so it costs a deploy nothing. The child process is a daemon that outlives the
command; everything known about it lies in its folder (``record``), and a lock there keeps two starters apart.
"""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from tapgen.errors import LocalError
from tapgen.local.launch import HOST, health_fault, last_lines, launch
from tapgen.local.record import MINUTE_VARIABLE, SAVE_VARIABLE, Layout, Record
from tapgen.processes import terminate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNT_ID = "000000000000"
"""The account that MiniStack serves to callers who name no other one."""

_STOP_S = 10.0
_DYING_S = 0.5


class Credentials(NamedTuple):
    """An access key of the embedded AWS."""

    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True, kw_only=True)
class LocalStatus:
    """The embedded AWS at one moment.

    Attributes:
        running: Whether the child process runs.
        pid: Its process id; None when it does not run.
        port: Where it listens on 127.0.0.1, or listened last; None before the first start.
        endpoint_url: What AWS clients take as ``endpoint_url``; empty before the first start.
        started_at: ISO 8601, UTC; empty when it does not run.
        log_path: The child's log, which may not exist yet.
        state_dir: Where its state is kept.
        ministack_version: The release of MiniStack that runs; empty when none does.
        minute_s: Seconds that an AWS minute takes in it; None when it does not run.
    """

    running: bool
    pid: int | None
    port: int | None
    endpoint_url: str
    started_at: str
    log_path: Path
    state_dir: Path
    ministack_version: str
    minute_s: float | None


class LocalAws:
    """One embedded AWS, identified by its folder.

    Args:
        root: The project's ``.tapgen/local`` folder; made when it is missing.
        lifetime: ``detached`` outlives this process until it is stopped; ``parent`` ends with this process.
        minute_s: Seconds that an AWS minute takes in a child that is started; what ``TAPGEN_LOCAL_MINUTE_S`` says when
            left out.
        save: When a child that is started saves its state: at ``changes``, so that a crash loses nothing, or at a
            ``stop`` alone, which costs it nothing meanwhile; what ``TAPGEN_LOCAL_SAVE`` says when left out.
    """

    def __init__(
        self,
        root: Path,
        *,
        lifetime: Literal["detached", "parent"] = "detached",
        minute_s: float | None = None,
        save: Literal["changes", "stop"] | None = None,
    ) -> None:
        self._layout = Layout(root.absolute())
        self._lifetime = lifetime
        told = {MINUTE_VARIABLE: minute_s, SAVE_VARIABLE: save}
        self._settings = {name: str(value) for name, value in told.items() if value is not None}

    @staticmethod
    def credentials(account_id: str = ACCOUNT_ID) -> Credentials:
        """The root user's access key of an account.

        MiniStack takes an access key id of twelve digits for the root user of that account. Other principals use keys
        from ``iam:CreateAccessKey`` or ``sts:AssumeRole``, and their policies are enforced.
        """
        return Credentials(account_id, "test")

    def status(self) -> LocalStatus:
        """What is known without asking the child."""
        return self._status(self._running())

    def ensure_running(self) -> LocalStatus:
        """Start the child unless it runs and answers.

        Raises:
            LocalError: It cannot be started, or it runs and does not answer.
        """
        record = self._running()
        if record is None:
            return self.start()
        if health_fault(record) and record.process.wait(timeout_s=_DYING_S):
            return self.start()
        self._require_health(record)
        return self._status(record)

    def require_running(self) -> None:
        """For whoever was talking to it and gets no answer.

        Raises:
            LocalError: It has ended.
        """
        if self._running():
            return
        raise LocalError(
            "the embedded AWS has ended during the operation",
            why=f"its process is gone; {self._layout.log} has its last words",
            hint="Start it again, then look: tapgen local start && tapgen status --env local",
            code="local-ended",
        )

    def start(self, *, port: int = 0) -> LocalStatus:
        """Start the child, or find it running.

        Args:
            port: Where to listen; 0 takes the port used last, or a free one when that is taken.

        Raises:
            LocalError: The port is in use, the child runs on another one, or it does not come up.
        """
        with self._locked():
            record = self._running() or self._launch(port)
        if port not in (0, record.port):
            raise LocalError(
                f"the embedded AWS does not listen on port {port}",
                why=f"it runs already, on port {record.port}, as process {record.pid}",
                hint="Stop it first: tapgen local stop",
                code="local-other-port",
            )
        self._require_health(record)
        return self._status(record)

    def stop(self, *, timeout_s: float = _STOP_S) -> LocalStatus:
        """Stop the child and the workers of its functions; nothing happens when it does not run.

        Args:
            timeout_s: How long it may take to save its state before it is ended by force.
        """
        with self._locked():
            self._terminate(timeout_s)
        return self.status()

    def reset(self) -> LocalStatus:
        """Forget all state, whether the child runs or not; it runs afterwards if it ran before."""
        import shutil

        with self._locked():
            ran = self._terminate(_STOP_S)
            shutil.rmtree(self._layout.state, ignore_errors=True)
            if ran:
                self._launch(0)
        return self.status()

    def logs(self, *, lines: int) -> tuple[str, ...]:
        """The last ``lines`` lines of the log, oldest first."""
        return last_lines(self._layout.log, lines=lines)

    def follow_logs(self, *, poll_s: float = 0.2) -> Iterator[str]:
        """Lines as they are written from now on, until the child has ended."""
        with contextlib.ExitStack() as stack:
            try:
                log = stack.enter_context(self._layout.log.open(encoding="utf-8", errors="replace"))
            except FileNotFoundError:
                return
            log.seek(0, os.SEEK_END)
            while True:
                running = self._running()
                yield from (line.rstrip("\n") for line in log)
                if running is None:
                    return
                time.sleep(poll_s)

    def _running(self) -> Record | None:
        record = Record.read(self._layout.record)
        return record if record and record.process.alive() else None

    def _status(self, record: Record | None) -> LocalStatus:
        port = record.port if record else self._remembered_port()
        return LocalStatus(
            running=record is not None,
            pid=record.pid if record else None,
            port=port,
            endpoint_url=f"http://{HOST}:{port}" if port else "",
            started_at=record.started_at if record else "",
            log_path=self._layout.log,
            state_dir=self._layout.state,
            ministack_version=record.ministack_version if record else "",
            minute_s=record.minute_s if record else None,
        )

    def _remembered_port(self) -> int | None:
        try:
            return int(self._layout.port.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        import fcntl

        self._layout.root.mkdir(parents=True, exist_ok=True)
        # State, log and the key that signs tokens are the owner's alone.
        self._layout.root.chmod(0o700)
        with self._layout.lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _terminate(self, timeout_s: float) -> bool:
        """End the child if it runs; whether it did."""
        record = self._running()
        if record:
            terminate(record.process, timeout_s=timeout_s)
        self._layout.record.unlink(missing_ok=True)
        return record is not None

    def _launch(self, port: int) -> Record:
        parent = os.getpid() if self._lifetime == "parent" else 0
        remembered = self._remembered_port() or 0
        return launch(self._layout, port=port, remembered=remembered, parent=parent, settings=self._settings)

    def _require_health(self, record: Record) -> None:
        fault = health_fault(record)
        if fault:
            raise LocalError(
                f"the embedded AWS on port {record.port} does not answer",
                why=f"{fault} (process {record.pid})",
                hint="Stop it and try again: tapgen local stop",
                code="local-unhealthy",
            )
