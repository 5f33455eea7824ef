"""One change of a queue at a time.

MiniStack takes messages from requests on one thread and hands them to functions on another; each replaces a queue's
list of messages, so that a message which arrives in between is lost. SQS stores a message before it answers.
"""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_SQS = "ministack.services.sqs"
LOCK = Seam(module=_SQS, attribute="_queues_lock", parameters=None, gap="Held by the mappings of functions alone.")
HANDLERS = Seam(
    module=_SQS, attribute="_HANDLERS", parameters=None, gap="Requests change queues without holding the lock."
)
_STEPS = tuple(
    Seam(module=_SQS, attribute=name, parameters=parameters, gap="A step of ReceiveMessage, which holds no lock.")
    for name, parameters in (
        ("_expire_retained", ("q",)),
        ("_dlq_sweep", ("q",)),
        ("_collect_msgs", ("q", "max_n", "vis_timeout")),
    )
)
SEAMS = (LOCK, HANDLERS, *_STEPS)

_WAITS = "ReceiveMessage"
"""The one action that waits for messages; it must not hold the lock meanwhile."""


def install(settings: Settings) -> None:
    """Hold the lock, which whoever holds it may take again."""
    del settings
    lock = threading.RLock()
    replace(LOCK, lock)
    for seam in _STEPS:
        replace(seam, locked(original(seam)))
    handlers = original(HANDLERS)
    handlers.update({action: locked(handle) for action, handle in handlers.items() if action != _WAITS})


def locked(change: Callable[..., Any]) -> Callable[..., Any]:
    """The same, while nobody else changes a queue."""

    @functools.wraps(change)
    def change_alone(*args: Any, **options: Any) -> Any:
        with original(LOCK):
            return change(*args, **options)

    return change_alone
