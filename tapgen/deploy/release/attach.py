"""Joins an operation that runs already, from anywhere: the same view, the same verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.aws.session import check_account
from tapgen.aws.stacks import STABLE
from tapgen.deploy.change_sets.stack_policies import set_standing_policies
from tapgen.deploy.records.release_record import Journal, open_journal
from tapgen.deploy.release.reconcile import clear_dead_lock, settle_unwatched
from tapgen.deploy.shifts.shift_outcomes import judge_shifts, report_shifts
from tapgen.deploy.shifts.verdict import require_success
from tapgen.deploy.state.running_release import find_running
from tapgen.deploy.watch.stack_watcher import Operation, follow
from tapgen.engine.patience import patiently
from tapgen.engine.reporting import NoReporter
from tapgen.errors import ExitCode, UsageError
from tapgen.events import Result
from tapgen.naming import RELEASE_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from tapgen.deploy.probes import Probes
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.engine.reporting import Reporter
    from tapgen.model import ShiftPolicy, StackState


@dataclass(frozen=True, kw_only=True)
class AttachRequest:
    """Which deployment to join."""

    deployment: Deployment
    policy: ShiftPolicy
    """What counts as proof for its shifts."""
    probes: Callable[[], Probes | None]
    """Makes the synthetic callers of a shift, where the configuration wants some."""
    reporter: Reporter = field(default_factory=NoReporter)
    """Told of the execution and of its end."""


def attach(context: Context, request: AttachRequest) -> Result:
    """Follow the running operation to its end.

    Returns:
        ``done`` with outputs, also for a release whose end nobody watched; ``unchanged`` when nothing runs.

    Raises:
        CredentialsError: The credentials are of another account.
        UsageError: Nothing is deployed.
        DeploymentError, AttentionError: The operation failed, as ``deploy`` says it.
    """
    deployment = request.deployment
    check_account(context.aws, environment=deployment.environment, account_id=deployment.account_id)
    state = stacks.describe_stack(context.aws.client("cloudformation"), deployment.root_stack)
    if state is None:
        raise UsageError(
            f"{deployment.root_stack} is not deployed",
            hint=f"`tapgen deploy {deployment.options}` deploys it",
            code="not-deployed",
        )
    if not state.in_progress:
        proved = settle_unwatched(context, deployment)
        return replace(_result(request, "done" if proved else "unchanged", state), shifts=proved)
    running = find_running(context, deployment)
    if running is None:
        return _follow(context, request, state, None)
    journal = Journal.resume(context, deployment.ledger(context), running.record, request.reporter)
    with open_journal(journal):
        return _follow(context, request, state, journal)


def _follow(context: Context, request: AttachRequest, state: StackState, journal: Journal | None) -> Result:
    """Follow to the verdict, and record it when the operation is a release's."""
    root_stack = request.deployment.root_stack
    with context.step("execute", f"Following {root_stack}, {state.status}") as step:
        # The stack was last updated when the running operation began, by CloudFormation's own clock.
        since = state.last_updated or datetime.min.replace(tzinfo=UTC)
        probes = request.probes() if request.policy.probes_per_min else None
        operation = Operation(
            stack_id=state.stack_id,
            since=since,
            policy=request.policy,
            probes=probes,
            options=request.deployment.options,
        )
        followed = follow(context, operation)
        if followed.detached:
            step.text = "Left running"
            return replace(_result(request, "detached", state), exit_code=ExitCode.INTERRUPTED)
        step.text = f"{root_stack} is {followed.status}"
        if journal and followed.status in STABLE:
            patiently(context, lambda: set_standing_policies(context, state.stack_id))
        outcomes = judge_shifts(context, followed, request.policy)
        if journal:
            journal.judge({"shifts": [asdict(outcome) for outcome in outcomes]})
        require_success(followed, outcomes, environment=request.deployment.environment, stack=root_stack)
    report_shifts(context, outcomes)
    client = context.aws.client("cloudformation")
    settled = patiently(context, lambda: stacks.describe_stack(client, state.stack_id)) or state
    if journal:
        journal.settle("succeeded", outputs=settled.outputs)
        clear_dead_lock(context, request.deployment)
    sequence = journal.intent.sequence if journal else 0
    return replace(_result(request, "done", settled), shifts=outcomes, sequence=sequence)


def _result(request: AttachRequest, status: Literal["done", "unchanged", "detached"], state: StackState) -> Result:
    return Result(
        status=status,
        operation="attach",
        deployment=request.deployment.name,
        exit_code=ExitCode.DONE,
        release_id=state.parameters.get(RELEASE_PARAMETER, ""),
        outputs=dict(state.outputs),
    )
