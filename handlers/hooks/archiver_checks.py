"""The archiver on trial: an empty batch proves that it imports, finds its settings, starts and answers.

It leaves nothing: what a batch with records would archive could not be taken back.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from handlers.hooks.verdict import CheckFailedError, excerpt

if TYPE_CHECKING:
    from handlers.hooks.invocations import Qualified
    from handlers.hooks.verdict import Log

EMPTY_BATCH: dict[str, Any] = {"Records": []}
_NO_FAILURES: dict[str, Any] = {"batchItemFailures": []}


def check_empty_batch(version: Qualified, log: Log) -> None:
    """Nothing to archive is archived without a failure.

    Raises:
        CheckFailedError: The version fails or answers anything else.
    """
    started = time.perf_counter()
    document = version.call("empty batch", EMPTY_BATCH).document
    if document != _NO_FAILURES:
        raise CheckFailedError("empty batch", expected="no batch item failures", got=excerpt(document))
    log.passed("empty batch", duration_ms=round((time.perf_counter() - started) * 1000))
