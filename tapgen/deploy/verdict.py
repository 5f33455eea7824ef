"""What the end of a followed operation means: success, or an error with the first real cause and what to do. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.deploy.diagnosis import find_cause
from tapgen.errors import AttentionError, DeploymentError

if TYPE_CHECKING:
    from tapgen.deploy.follow import Followed
    from tapgen.model import Failure

_SUCCESS = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


def require_success(followed: Followed, *, environment: str, stack: str) -> None:
    """Go on only when the root stack ended well.

    Raises:
        DeploymentError: It was rolled back; ``why`` is the first real cause, and why a shift was stopped.
        AttentionError: It is in a state that CloudFormation does not leave by itself.
    """
    status = followed.status
    if status in _SUCCESS:
        return
    cause = find_cause(followed.events)
    why = _explain(cause) if cause else f"{stack} ended in {status}"
    if followed.shifts:
        why = f"{why}\n{followed.shifts}"
    hint = cause.hint if cause else ""
    if status == "UPDATE_ROLLBACK_COMPLETE":
        hint = hint or "the release before it is live; correct the cause and deploy again"
        raise DeploymentError("the deployment failed and was rolled back", why=why, hint=hint, failure=cause)
    if status == "ROLLBACK_COMPLETE":
        clear = f"`tapgen destroy --env {environment}` removes the empty stack, then deploy again"
        hint = f"{hint}; {clear}" if hint else clear
        raise DeploymentError("the first deployment failed and was rolled back", why=why, hint=hint, failure=cause)
    raise AttentionError(
        f"the deployment failed and the stack is in {status}",
        why=why,
        hint=f"`tapgen status --env {environment}` says what to do",
        code="stack-stuck",
        failure=cause,
    )


def _explain(cause: Failure) -> str:
    return f"{cause.stack}.{cause.logical_id} ({cause.resource_type}) {cause.status}: {cause.reason}"
