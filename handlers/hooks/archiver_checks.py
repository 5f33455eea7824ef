"""The archiver on trial: an empty batch proves that it imports, finds its settings, starts and answers.

It leaves nothing: what a batch with records would archive could not be taken back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.hooks.verdict import CheckFailedError, excerpt

if TYPE_CHECKING:
    from handlers.hooks.invocations import Qualified

_EMPTY_BATCH: dict[str, Any] = {"Records": []}
_NO_FAILURES: dict[str, Any] = {"batchItemFailures": []}


def call_with_nothing(check: str, version: Qualified) -> str:
    """Nothing to archive is archived without a failure; answers which version executed it.

    Raises:
        CheckFailedError: The version fails or answers anything else.
    """
    invocation = version.call(check, _EMPTY_BATCH)
    if invocation.document != _NO_FAILURES:
        raise CheckFailedError(check, expected="no batch item failures", got=excerpt(invocation.document))
    return invocation.executed_version
