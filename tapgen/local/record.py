"""What parent and child agree on: where things lie under ``.tapgen/local``, and who is running::

server.json   the running child: pid, its start, port, when, MiniStack's version; gone when it has stopped
port          the port used last, so that URLs stay good over a restart
lock          held while somebody starts, stops or resets the child
server.log    what the child says; the log of the runs before is server.log.1
state/        what MiniStack knows: one JSON file per service, S3 objects under objects/; issuer.pem signs tokens
tmp/          unpacked function code; emptied at each start
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, NamedTuple

from tapgen.processes import Process

if TYPE_CHECKING:
    from pathlib import Path

OWN_PATHS = "/_tapgen/"
"""What paths begin with that the child answers itself."""
HEALTH_PATH = "/_tapgen/health"
"""Answered by the child itself with ``{"pid": …}``, before MiniStack sees the request."""
AUTHORIZATIONS_PATH = "/_tapgen/authorizations"
"""Answered by the child, too: IAM's decisions from the number in ``?since=`` on."""

TRIALS_PATH = "/_tapgen/trials"
"""Answered by the child, too: what the role of ``?role=&region=`` could not do, as ``tapgen.local.trials`` reads it."""

FIRE_PATH = "/_tapgen/fire"
"""Answered by the child, too: fires the schedule or the rule of ``?arn=`` now, as ``tapgen.local.firing`` reads it."""

MINUTE_VARIABLE = "TAPGEN_LOCAL_MINUTE_S"
"""The environment variable that tells the child how many seconds an AWS minute takes."""


SAVE_VARIABLE = "TAPGEN_LOCAL_SAVE"
"""The environment variable that tells the child when to save its state: at ``changes``, or at a ``stop`` alone."""


class Layout(NamedTuple):
    """The files of one embedded AWS."""

    root: Path

    @property
    def record(self) -> Path:
        """The running child."""
        return self.root / "server.json"

    @property
    def port(self) -> Path:
        """The port that was used last."""
        return self.root / "port"

    @property
    def lock(self) -> Path:
        """Held by whoever starts, stops or resets."""
        return self.root / "lock"

    @property
    def log(self) -> Path:
        """The child's output."""
        return self.root / "server.log"

    @property
    def state(self) -> Path:
        """What a restart finds again."""
        return self.root / "state"

    @property
    def objects(self) -> Path:
        """The contents of the S3 buckets."""
        return self.state / "objects"

    @property
    def temporary(self) -> Path:
        """Unpacked function code."""
        return self.root / "tmp"


class Record(NamedTuple):
    """A running child, as it describes itself.

    Attributes:
        pid: Its process id.
        started: Its start, for ``Process``.
        port: Where it listens on 127.0.0.1.
        started_at: The same start for people: ISO 8601, UTC.
        ministack_version: The installed release of MiniStack.
        minute_s: Seconds that an AWS minute takes.
    """

    pid: int
    started: str
    port: int
    started_at: str
    ministack_version: str
    minute_s: float

    @property
    def process(self) -> Process:
        """The child's process, alive or not."""
        return Process(self.pid, self.started)

    def write(self, path: Path) -> None:
        """Write the record at once or not at all."""
        write_atomically(path, json.dumps(self._asdict()).encode())

    @classmethod
    def read(cls, path: Path) -> Record | None:
        """The record at ``path``; None when there is none or it is not readable as one."""
        try:
            return cls(**json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None


def write_atomically(path: Path, content: bytes) -> None:
    """Replace the file at ``path``; a reader sees the old content or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
