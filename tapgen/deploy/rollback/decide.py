"""What a rollback does, from the observed state alone. Pure: the table of rollbacks in code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.stacks import STABLE
from tapgen.errors import AttentionError, RefusedError, TapgenError, UsageError

if TYPE_CHECKING:
    from tapgen.model import StackState


@dataclass(frozen=True, kw_only=True)
class StopShifts:
    """Traffic is moving: stop it with automatic rollback, and CloudFormation rolls the stack back."""

    deployment_ids: tuple[str, ...]


@dataclass(frozen=True)
class CancelUpdate:
    """An update runs and no traffic moves yet, or no more: cancel it."""


@dataclass(frozen=True)
class Await:
    """What runs cannot be stopped, and ends by itself: wait, then look again."""


@dataclass(frozen=True)
class Redeploy:
    """The stack is stable: take a recorded release live again."""


@dataclass(frozen=True, kw_only=True)
class Refuse:
    """Nothing can be rolled back; ``error`` says why and what to do instead."""

    error: TapgenError


Plan = StopShifts | CancelUpdate | Await | Redeploy | Refuse


def plan_rollback(root: StackState | None, *, running: tuple[str, ...], options: str) -> Plan:
    """What to do now.

    Args:
        root: The root stack.
        running: Shifts that are not over.
        options: ``--env X [--suffix Y]``, for hints.
    """
    if root is None:
        return Refuse(
            error=UsageError(
                "nothing is deployed, so there is nothing to roll back",
                hint=f"`tapgen deploy {options}` deploys it",
                code="not-deployed",
            )
        )
    if root.status == "UPDATE_IN_PROGRESS":
        return StopShifts(deployment_ids=running) if running else CancelUpdate()
    if root.status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" or (root.in_progress and "ROLLBACK" in root.status):
        return Await()
    if root.in_progress:
        return Refuse(error=_busy(root, options))
    if root.status in STABLE:
        return Redeploy()
    return Refuse(error=_unrecoverable(root, options))


def _busy(root: StackState, options: str) -> TapgenError:
    why = "a first create has nothing before it to go back to" if root.status.startswith("CREATE") else ""
    return RefusedError(
        f"{root.name} is in {root.status}",
        why=why,
        hint=f"`tapgen attach {options}` follows it",
        code="stack-busy",
    )


def _unrecoverable(root: StackState, options: str) -> TapgenError:
    return AttentionError(
        f"{root.name} is in {root.status}: there is no state to roll back from",
        why=root.status_reason,
        hint=f"`tapgen recover {options}` shows the one safe action and takes it",
        code="needs-recovery",
    )
