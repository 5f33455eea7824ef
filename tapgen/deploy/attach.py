"""Joins an operation that runs already, from anywhere: the same view, the same verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.aws.session import check_account
from tapgen.deploy.evidence import judge_shifts, report_shifts
from tapgen.deploy.follow import Operation, follow
from tapgen.deploy.preflight import RELEASE_PARAMETER
from tapgen.deploy.verdict import require_success
from tapgen.errors import ExitCode, UsageError
from tapgen.events import Result

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from tapgen.deploy.context import Context
    from tapgen.deploy.probes import Probes
    from tapgen.model import ShiftPolicy, StackState


@dataclass(frozen=True, kw_only=True)
class AttachRequest:
    """Which deployment to join."""

    deployment: str
    environment: str
    account_id: str
    root_stack: str
    policy: ShiftPolicy
    """What counts as proof for its shifts."""
    probes: Callable[[], Probes | None]
    """Makes the synthetic callers of a shift, where the configuration wants some."""


def attach(context: Context, request: AttachRequest) -> Result:
    """Follow the running operation to its end.

    Returns:
        ``done`` with outputs, or ``unchanged`` when nothing runs.

    Raises:
        CredentialsError: The credentials are of another account.
        UsageError: Nothing is deployed.
        DeploymentError, AttentionError: The operation failed, as ``deploy`` says it.
    """
    check_account(context.aws, environment=request.environment, account_id=request.account_id)
    client = context.aws.client("cloudformation")
    state = stacks.describe_stack(client, request.root_stack)
    if state is None:
        raise UsageError(
            f"{request.root_stack} is not deployed",
            hint=f"`tapgen deploy --env {request.environment}` deploys it",
            code="not-deployed",
        )
    if not state.in_progress:
        return _result(request, "unchanged", state)
    with context.step("execute", f"Following {request.root_stack}, {state.status}") as step:
        # The stack was last updated when the running operation began, by CloudFormation's own clock.
        since = state.last_updated or datetime.min.replace(tzinfo=UTC)
        probes = request.probes() if request.policy.probes_per_min else None
        running = Operation(stack_id=state.stack_id, since=since, policy=request.policy, probes=probes)
        followed = follow(context, running)
        if followed.detached:
            step.text = "Left running"
            return replace(_result(request, "detached", state), exit_code=ExitCode.INTERRUPTED)
        step.text = f"{request.root_stack} is {followed.status}"
        outcomes = judge_shifts(context, followed, request.policy)
        require_success(followed, outcomes, environment=request.environment, stack=request.root_stack)
    report_shifts(context, outcomes)
    settled = stacks.describe_stack(client, state.stack_id) or state
    return replace(_result(request, "done", settled), shifts=outcomes)


def _result(request: AttachRequest, status: Literal["done", "unchanged", "detached"], state: StackState) -> Result:
    return Result(
        status=status,
        operation="attach",
        deployment=request.deployment,
        exit_code=ExitCode.DONE,
        release_id=state.parameters.get(RELEASE_PARAMETER, ""),
        outputs=dict(state.outputs),
    )
