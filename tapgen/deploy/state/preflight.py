"""Decides, from the root stack's state alone, what a deploy may do. Pure: no calls, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tapgen.aws.stacks import STABLE
from tapgen.engine.deployment import deployment_of
from tapgen.errors import AttentionError, RefusedError, TapgenError
from tapgen.naming import BREAK_GLASS_PARAMETER, RELEASE_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.model import Rendered, StackState

# Status → (what it means, what to do). The rows that `ready` does not handle.
_STUCK: dict[str, tuple[str, str]] = {
    "ROLLBACK_FAILED": (
        "the first create failed and so did its rollback",
        "`tapgen status {options}` names the resource; `tapgen recover {options}` clears the stack",
    ),
    "UPDATE_ROLLBACK_FAILED": (
        "an update failed and CloudFormation could not return to the state before it",
        "correct what `tapgen status {options}` names, then `tapgen recover {options}` continues the rollback",
    ),
    "CREATE_FAILED": (
        "the first create failed with rollback disabled",
        "`tapgen recover {options}` clears the stack where it holds no data, then deploy again",
    ),
    "UPDATE_FAILED": (
        "an update failed with rollback disabled",
        "`tapgen recover {options}` rolls it back, then deploy again",
    ),
    "DELETE_FAILED": (
        "a delete did not finish",
        "`tapgen destroy {options}` tries again and names what is in the way",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A change set of this kind may be made."""

    kind: Literal["CREATE", "UPDATE"]
    state: StackState | None


@dataclass(frozen=True, kw_only=True)
class NothingToDo:
    """The release is live already."""

    state: StackState


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """Nothing may be done; ``error`` says why and what to do instead."""

    error: TapgenError
    busy: bool = False
    """An operation is running, which may be this release's own."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a deploy wants to be live."""

    options: str
    """``--env X [--suffix Y]``, for hints."""
    release_id: str
    tags: Mapping[str, str]


def wanted_of(rendered: Rendered) -> Wanted:
    """A release as what should be live."""
    return Wanted(
        options=deployment_of(rendered).options,
        release_id=rendered.release_id,
        tags=rendered.tags,
    )


def find_obstacle(state: StackState, *, options: str) -> TapgenError | None:
    """Why nothing at all may be deployed now, and what to do instead; None when something may."""
    decision = decide(state, Wanted(options=options, release_id="", tags={}))
    return decision.error if isinstance(decision, Blocked) else None


def decide(state: StackState | None, wanted: Wanted) -> Ready | NothingToDo | Blocked:
    """What a deploy may do now."""
    # A change set that was made and never executed leaves REVIEW_IN_PROGRESS: CloudFormation takes another CREATE.
    if state is None or state.is_empty:
        return Ready(kind="CREATE", state=state)
    if state.in_progress:
        return Blocked(error=_busy(state, wanted), busy=True)
    if state.status == "ROLLBACK_COMPLETE":
        return Blocked(error=_never_created(state, wanted))
    if state.status not in STABLE:
        return Blocked(error=_stuck(state, wanted))
    live = state.parameters.get(RELEASE_PARAMETER) == wanted.release_id and dict(state.tags) == dict(wanted.tags)
    # A guard that one deployment went past is put back by the next one, even when nothing else changed.
    whole = state.parameters.get(BREAK_GLASS_PARAMETER, "false") == "false"
    return NothingToDo(state=state) if live and whole else Ready(kind="UPDATE", state=state)


def _busy(state: StackState, wanted: Wanted) -> TapgenError:
    return RefusedError(
        f"{state.name} is busy: {state.status}",
        why=state.status_reason or "another operation is running on the stack",
        hint=f"follow it with `tapgen attach {wanted.options}` and rerun when it is done",
        code="stack-busy",
    )


def _never_created(state: StackState, wanted: Wanted) -> TapgenError:
    return AttentionError(
        f"{state.name} is in ROLLBACK_COMPLETE: its first create failed, and CloudFormation cannot update such a stack",
        why=state.status_reason,
        hint=f"`tapgen recover {wanted.options}` removes the empty stack, then deploy again",
        code="first-create-failed",
    )


def _stuck(state: StackState, wanted: Wanted) -> TapgenError:
    meaning, hint = _STUCK.get(state.status, ("CloudFormation allows no deploy in this state", "look at the console"))
    return AttentionError(
        f"{state.name} is in {state.status}: {meaning}",
        why=state.status_reason,
        hint=hint.format(options=wanted.options),
        code="stack-stuck",
    )
