"""A record of what is authorised: each time IAM decides for a role or a user.

It tells which actions on which resources a role is really used for, which no policy does. Kept in memory and bounded;
the child serves it under ``AUTHORIZATIONS_PATH``. Root users are authorised without a decision, so they do not appear.
It never changes one.
"""

from __future__ import annotations

import functools
import threading
from collections import deque
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_KEPT = 50_000

_EVALUATE = Seam(
    module="ministack.core.iam_evaluator",
    attribute="evaluate",
    parameters=("ctx", "policies"),
    gap="Decides without a trace; AWS tells what was called and refused in CloudTrail.",
)
_EVALUATE_RESOURCE_POLICY = Seam(
    module="ministack.core.iam_evaluator",
    attribute="evaluate_resource_policy",
    parameters=("doc", "ctx"),
    gap="Decides on a resource's policy with the same function, which is no decision on what the caller may do.",
)
SEAMS: tuple[Seam, ...] = (_EVALUATE, _EVALUATE_RESOURCE_POLICY)

_of_resource: ContextVar[bool] = ContextVar("tapgen_of_resource", default=False)


class Journal:
    """Decisions by number, the oldest forgotten first."""

    def __init__(self, *, kept: int = _KEPT) -> None:
        self._entries: deque[tuple[int, str, str, str, bool]] = deque(maxlen=kept)
        self._next = 0
        self._lock = threading.Lock()

    def add(self, principal: str, action: str, resource: str, *, allowed: bool) -> None:
        """Note one decision."""
        with self._lock:
            self._entries.append((self._next, principal, action, resource, allowed))
            self._next += 1

    def since(self, number: int) -> dict[str, Any]:
        """Decisions from ``number`` on: ``{"next": 7, "entries": [[6, principal, action, resource, allowed], …]}``."""
        with self._lock:
            return {"next": self._next, "entries": [list(entry) for entry in self._entries if entry[0] >= number]}


journal = Journal()
"""The child's own."""


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Note every decision on a principal's own policies, those for the roles of services included."""
    replace(_EVALUATE, _noting(original(_EVALUATE)))
    replace(_EVALUATE_RESOURCE_POLICY, _apart(original(_EVALUATE_RESOURCE_POLICY)))


def _noting(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(evaluate)
    def evaluate_and_note(ctx: Any, policies: Any, *limits: Any) -> Any:
        result = evaluate(ctx, policies, *limits)
        if not _of_resource.get():
            journal.add(ctx.principal_arn, ctx.action, ctx.resource_arn, allowed=result.decision == "Allow")
        return result

    return evaluate_and_note


def _apart(evaluate_resource_policy: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(evaluate_resource_policy)
    def evaluate_apart(*args: Any, **options: Any) -> Any:
        token = _of_resource.set(True)
        try:
            return evaluate_resource_policy(*args, **options)
        finally:
            _of_resource.reset(token)

    return evaluate_apart
