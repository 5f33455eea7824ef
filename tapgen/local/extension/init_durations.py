"""How long an execution environment took to start, told apart from how long the function took.

Source: Lambda Developer Guide, "Types of metrics for Lambda functions": Duration is the time that the code spends
processing an event; what a cold start takes before that is logged as Init Duration and is no part of it.
"""

from __future__ import annotations

import contextvars
import functools
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.local.extension.settings import Settings

_WORKER_CLASS = Seam(
    module="ministack.core.lambda_runtime",
    attribute="_worker_class_for",
    parameters=("config",),
    gap="a worker is started inside the invocation that needs it, and nobody can tell how long that took",
)
SEAMS = (_WORKER_CLASS,)

_init_s: contextvars.ContextVar[list[float] | None] = contextvars.ContextVar("tapgen_init_s", default=None)
"""Seconds of the starts that the invocation of this context has waited for."""


def install(settings: Settings) -> None:
    """Measure each start of a worker."""
    del settings
    replace(_WORKER_CLASS, _measuring(original(_WORKER_CLASS)))


@contextmanager
def collected() -> Iterator[list[float]]:
    """The seconds of each start inside the block, which must stay on one thread."""
    spent: list[float] = []
    token = _init_s.set(spent)
    try:
        yield spent
    finally:
        _init_s.reset(token)


def _measuring(class_for: Callable[[dict[str, Any]], type]) -> Callable[[dict[str, Any]], type]:
    @functools.wraps(class_for)
    def class_for_measured(config: dict[str, Any]) -> type:
        return _measured(class_for(config))

    return class_for_measured


@functools.cache
def _measured(worker: Any) -> type:
    class MeasuredWorker(worker):  # type: ignore[misc]  # MiniStack ships no types
        def _spawn(self) -> None:
            started = time.monotonic()
            try:
                super()._spawn()
            finally:
                spent = _init_s.get()
                if spent is not None:
                    spent.append(time.monotonic() - started)

    return MeasuredWorker
