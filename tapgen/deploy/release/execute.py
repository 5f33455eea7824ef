"""From what is in the bucket to a verdict: change set, confirmation, execution. For who holds the deployment's lock."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from tapgen.aws import change_sets, stacks
from tapgen.aws.stacks import STABLE
from tapgen.deploy.change_sets.change_set import describe_passed, discard, plan
from tapgen.deploy.change_sets.costs import tell_costs
from tapgen.deploy.change_sets.gate_checks import check_change_set
from tapgen.deploy.change_sets.stack_policies import lenient_policies, set_standing_policies
from tapgen.deploy.drift.overwriting import find_overwritten
from tapgen.deploy.drift.reports import read_report
from tapgen.deploy.request import result_of
from tapgen.deploy.shifts.guard_check import check_shift_preflight
from tapgen.deploy.shifts.shift_outcomes import judge_shifts, report_shifts
from tapgen.deploy.shifts.shift_preflight import Judgement
from tapgen.deploy.shifts.verdict import require_success
from tapgen.deploy.watch.stack_watcher import Operation, follow
from tapgen.engine.deployment import deployment_of
from tapgen.engine.patience import patiently
from tapgen.errors import ExitCode, RefusedError, TapgenError

if TYPE_CHECKING:
    from tapgen.deploy.change_sets.gate_checks import ApprovedChangeSet
    from tapgen.deploy.records.release_record import Journal
    from tapgen.deploy.request import DeployRequest
    from tapgen.deploy.state.live_templates import Baseline
    from tapgen.deploy.state.preflight import Ready
    from tapgen.engine.context import Context, Step
    from tapgen.events import Result
    from tapgen.ledger.consents import BrokenGlass
    from tapgen.model import ChangeSet, Rendered


def ship(context: Context, request: DeployRequest, decision: Ready, journal: Journal, baseline: Baseline) -> Result:
    """Take what is in the bucket live: change set, gates, confirmation, guards again, execution, verdict.

    Args:
        context: Clients.
        request: What to ship.
        decision: What may be done with the stack.
        journal: Takes what happens down.
        baseline: What is live now.

    Raises:
        RefusedError: A gate refuses, or a guard that was OK when the operation began is in ALARM now.
        DeploymentError, AttentionError: As ``pipeline.deploy``.
    """
    rendered = request.rendered
    change_set = plan(context, request, decision, journal)
    if change_set is None:
        journal.settle("unchanged")
        return result_of(rendered, "unchanged", outputs=decision.state.outputs if decision.state else {})
    try:
        approved = check_change_set(context, request, change_set, baseline)
    except TapgenError:
        discard(context, change_set, decision)
        raise
    journal.plan(change_set, allowed=approved.allowed)
    tell_costs(context, rendered, baseline)
    _warn_of_drift(context, request, decision, change_set)
    if not request.execute:
        journal.settle("prepared", seal=request.seal(journal.intent, change_set) if request.seal else "")
        return result_of(rendered, "prepared")
    if not request.confirm(change_set):
        discard(context, change_set, decision)
        journal.settle("declined")
        return result_of(rendered, "declined", exit_code=ExitCode.REFUSED)
    # People take their time to confirm: a guard that was OK may be in ALARM now.
    if describe_passed(_judge(context, request, decision), request) != journal.intent.break_glass:
        raise guards_moved(rendered)
    return execute(context, request, approved, journal)


def _warn_of_drift(context: Context, request: DeployRequest, decision: Ready, change_set: ChangeSet) -> None:
    """Say what somebody changed by hand and this deploy changes, as far as the last look knows: one read."""
    if decision.state is None or decision.kind == "CREATE":
        return
    report = read_report(context, deployment_of(request.rendered))
    for text in find_overwritten(change_set.changes, report, updated_at=decision.state.last_updated):
        context.warn(text, hint="`tapgen drift` compares everything anew", code="drift-known")


def execute(context: Context, request: DeployRequest, approved: ApprovedChangeSet, journal: Journal) -> Result:
    """Execute a change set that was let through and confirmed, and follow it unless the request is to leave."""
    rendered, change_set = request.rendered, approved.change_set
    with context.step("execute", "Executing the change set") as step:
        with lenient_policies(context, approved):
            journal.execute(change_set)
            change_sets.execute_change_set(context.aws.client("cloudformation"), change_set)
        if request.detach:
            step.text = "CloudFormation executes the change set"
            return result_of(rendered, "started")
        operation = Operation(
            stack_id=change_set.stack_id, since=change_set.created_at, options=deployment_of(rendered).options
        )
        return watch(context, request, journal, operation, step)


def watch(context: Context, request: DeployRequest, journal: Journal, operation: Operation, step: Step) -> Result:
    """Follow the execution to its verdict."""
    rendered = request.rendered
    probes = request.probes() if rendered.shift.probes_per_min else None
    followed = follow(context, replace(operation, policy=rendered.shift, probes=probes))
    if followed.detached:
        step.text = "Left running"
        return result_of(rendered, "detached", exit_code=ExitCode.INTERRUPTED)
    step.text = f"{rendered.root_stack} is {followed.status}"
    if followed.status in STABLE:
        patiently(context, lambda: set_standing_policies(context, operation.stack_id))
    outcomes = judge_shifts(context, followed, rendered.shift)
    journal.judge({"shifts": [asdict(outcome) for outcome in outcomes]})
    require_success(followed, outcomes, environment=rendered.environment, stack=rendered.root_stack)
    report_shifts(context, outcomes)
    state = patiently(context, lambda: stacks.describe_stack(context.aws.client("cloudformation"), operation.stack_id))
    outputs = state.outputs if state else {}
    if state and state.termination_protection != rendered.stack_protection:
        patiently(context, lambda: protect(context, rendered))
    journal.settle("succeeded", outputs=outputs)
    result = result_of(rendered, "done", outputs=outputs)
    return replace(result, shifts=outcomes, sequence=journal.intent.sequence)


def protect(context: Context, rendered: Rendered) -> None:
    """Bring the termination protection of the root stack to what the configuration says."""
    client = context.aws.client("cloudformation")
    stacks.set_termination_protection(client, rendered.root_stack, enabled=rendered.stack_protection)


def check_guards(context: Context, request: DeployRequest, decision: Ready) -> BrokenGlass | None:
    """What the first look says; the warnings are for people who can still decline.

    Returns:
        What the record says of guards that the operation goes past; None when there are none.
    """
    judgement = _judge(context, request, decision)
    for warning in judgement.warnings:
        context.warn(warning.text, hint=warning.hint, code=warning.code)
    if judgement.passed:
        context.warn(f"going past {', '.join(judgement.passed)} this once: {request.break_glass}", code="glass-broken")
    return describe_passed(judgement, request)


def _judge(context: Context, request: DeployRequest, decision: Ready) -> Judgement:
    if decision.state is None or decision.kind == "CREATE":
        return Judgement()
    with context.step("guards", "Looking at live aliases and guard alarms") as step:
        judgement = check_shift_preflight(
            context, request.rendered, stack_id=decision.state.stack_id, break_glass=request.break_glass
        )
        step.text = "Aliases and guards are ready"
    return judgement


def guards_moved(rendered: Rendered) -> RefusedError:
    """The error of a change set that was made to go past other guards."""
    return RefusedError(
        "the guards changed while the change set was waiting",
        why="the change set goes past other guards than those that are in ALARM now",
        hint=f"rerun `tapgen deploy {deployment_of(rendered).options}`",
        code="guards-moved",
    )
