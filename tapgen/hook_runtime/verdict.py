"""What a hook says: a failed check as an error, and structured lines for whoever reads the log.

One line for each check and one for the outcome. ``{"message": "hook failed", "check", "expected", "got"}`` is read by
tools and keeps its shape. What an answer's fields hold does not get into it, whatever a version answers.
"""

from __future__ import annotations

import json
import sys
import traceback
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

_MAX_MESSAGE = 4000


class CheckFailedError(Exception):
    """A version is not fit for traffic.

    Args:
        check: The check's name, e.g. ``replace``.
        expected: What it wanted.
        got: What there was instead.
    """

    def __init__(self, check: str, *, expected: str, got: str) -> None:
        super().__init__(f"{check}: expected {expected}, got {got}")
        self.check = check
        self.expected = expected
        self.got = got


class Log:
    """Lines of JSON in the form that Lambda's log level filter understands (``level`` and ``timestamp``).

    Args:
        facts: What every line says, e.g. the deployment's id.
        stream: Where to; standard output, which Lambda sends to the function's log group, when left out.
    """

    def __init__(self, facts: dict[str, str], *, stream: TextIO | None = None) -> None:
        self._facts = facts
        self._stream = stream

    def add(self, **facts: str) -> None:
        """Say these, too, from now on."""
        self._facts = {**self._facts, **facts}

    def passed(self, check: str, **fields: Any) -> None:
        """A check's line."""
        self._write("INFO", "check passed", check=check, **fields)

    def hook_passed(self, **fields: Any) -> None:
        """The outcome of a hook that found nothing wrong."""
        self._write("INFO", "hook passed", **fields)

    def hook_failed(self, failed: CheckFailedError, **fields: Any) -> None:
        """The outcome of a hook with a failed check."""
        self._write("ERROR", "hook failed", check=failed.check, expected=failed.expected, got=failed.got, **fields)

    def note(self, message: str, **fields: Any) -> None:
        """Something that changes no outcome."""
        self._write("WARN", message, **fields)

    def broke(self, error: BaseException) -> None:
        """What nobody caught. FATAL is the one level that no setting of the function's log level filters out."""
        parts = {"errorType": type(error).__name__, "errorMessage": str(error)[:_MAX_MESSAGE]}
        self._write("FATAL", "uncaught exception", **parts, stackTrace=traceback.format_tb(error.__traceback__))

    def _write(self, level: str, message: str, **fields: Any) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"timestamp": now, "level": level, "message": message, **self._facts, **fields}
        stream = self._stream or sys.stdout
        stream.write(json.dumps(line) + "\n")
        stream.flush()


@contextmanager
def telling_failures() -> Iterator[None]:
    """Log what the block raises, and raise it on: the runtime's own line is one that a log level may filter out."""
    try:
        yield
    except BaseException as error:
        Log({}).broke(error)
        raise
