"""What a function did not catch, as a line of our own.

Python's runtime logs it, too, but up to September 2026 under ``log_level``. Lambda's log level filter knows ``level``
alone and takes a line without it for INFO (Lambda developer guide, "Log level filtering"; issues 202 and 220 of
aws/aws-lambda-python-runtime-interface-client): a function at WARN lost its tracebacks, and
queries by level missed them.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

LEVEL = "FATAL"
"""The one level that no setting of a function's log level filters out."""
MESSAGE = "uncaught exception"

# CloudWatch Logs cuts events; an endless recursion has a thousand frames.
_MAX_FRAMES, _MAX_MESSAGE = 100, 4000


class FailureLog:
    """A ``with`` block whose failures are logged, and raised on: Lambda counts them, callers and retries need them.

    The line has the fields of the runtime's own (``errorType``, ``errorMessage``, ``requestId``, ``stackTrace``).

    Args:
        context: Lambda's context of the invocation; None at init.
        write: Takes a line with its end; standard output when left out, whatever that is at the time.
    """

    def __init__(self, context: Any = None, *, write: Callable[[str], object] | None = None) -> None:
        self._context = context
        self._write = write

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Log what is raised."""
        if kind is None:
            return
        line = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "level": LEVEL,
            "message": MESSAGE,
            "errorType": kind.__name__,
            "errorMessage": str(error)[:_MAX_MESSAGE],
            "requestId": str(getattr(self._context, "aws_request_id", "")),
            "stackTrace": _frames(trace),
        }
        (self._write or sys.stdout.write)(json.dumps(line, separators=(",", ":")) + "\n")


def _frames(trace: TracebackType | None) -> list[str]:
    import traceback

    return traceback.format_list(traceback.extract_tb(trace, limit=-_MAX_FRAMES))
