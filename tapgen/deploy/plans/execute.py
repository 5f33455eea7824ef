"""Executes a sealed plan: exactly its change set, when everything is still as it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tapgen.aws import change_sets, stacks
from tapgen.aws.clock import read_time
from tapgen.aws.session import check_account
from tapgen.deploy.change_sets.gate_checks import check_change_set
from tapgen.deploy.plans.preconditions import bind
from tapgen.deploy.plans.staleness import require_timely, require_unmoved
from tapgen.deploy.records.release_record import Before, Planned, Purpose, begin_journal, open_journal
from tapgen.deploy.release.execute import check_guards, execute, guards_moved
from tapgen.deploy.release.reconcile import tidy_up
from tapgen.deploy.request import DeployRequest, result_of
from tapgen.deploy.state.live_templates import read_baseline
from tapgen.deploy.state.preflight import Blocked, Ready, decide, wanted_of
from tapgen.deploy.state.recorded_release import restore
from tapgen.engine.lock import hold_lock
from tapgen.engine.reporting import NoReporter
from tapgen.errors import ExitCode, RefusedError
from tapgen.events import ChangesPlanned
from tapgen.gates.allowances import Allowances
from tapgen.ledger.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tapgen.deploy.plans.document import SealedPlan
    from tapgen.deploy.probes import Probes
    from tapgen.deploy.records.markers import Marker
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.engine.lock import Lock
    from tapgen.engine.reporting import Reporter
    from tapgen.events import Result
    from tapgen.model import ChangeSet, Rendered


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """Which plan to execute, and how."""

    plan: SealedPlan
    deployment: Deployment
    confirm: Callable[[ChangeSet], bool]
    """Asked with the change set in hand; False declines, and the plan stays as it is."""
    marker: Marker
    detach: bool = False
    wait: bool = False
    probes: Callable[[], Probes | None] = lambda: None
    reporter: Reporter = field(default_factory=NoReporter)


def deploy_plan(context: Context, request: PlanRequest) -> Result:
    """Execute the plan's change set.

    Returns:
        ``done`` with outputs, ``declined``, or ``started`` when detached.

    Raises:
        RefusedError: The plan is of another deployment, was edited, has expired, was executed already, or something
            moved since it was made: what, with both values.
        CredentialsError, AttentionError, DeploymentError: As ``pipeline.deploy``.
    """
    deployment = request.deployment
    _require_same_place(request)
    check_account(context.aws, environment=deployment.environment, account_id=deployment.account_id)
    with hold_lock(context, deployment.lock_request("deploy", wait=request.wait)) as lock:
        with context.step("plan", "Comparing the plan with what is there") as step:
            _require_recorded(request.plan, deployment.ledger(context).read_all())
            require_timely(request.plan, read_time(context.aws))
            _require_unmoved(context, request)
            step.text = "Everything is as it was when the plan was made"
        result = _release(context, request, lock)
    if result.status not in {"started", "detached"}:
        request.marker.clear()
    if request.plan.intent.step:
        context.warn(
            "this was one of several updates of a release",
            hint="make the next plan: it goes on from here",
            code="one-of-several-updates",
        )
    return result


def _require_same_place(request: PlanRequest) -> None:
    """The plan's own names must be those of the deployment that was asked for."""
    settings, deployment = request.plan.settings, request.deployment
    pairs = {
        "deployment": (settings["deployment"], deployment.name),
        "account": (settings["account_id"], deployment.account_id),
        "stack": (settings["root_stack"], deployment.root_stack),
        "artifact bucket": (settings["artifact_bucket"], deployment.artifact_bucket),
    }
    differing = [
        f"{name}: the plan has {planned}, the command {now}" for name, (planned, now) in pairs.items() if planned != now
    ]
    if differing:
        raise RefusedError(
            f"the plan is of {settings['deployment']}, not of what the command names",
            why="\n".join(differing),
            hint="name the environment, suffix and region that the plan was made for",
            code="plan-mismatch",
        )


def _require_recorded(plan: SealedPlan, records: Sequence[Record]) -> None:
    """The ledger must know the plan by its seal, and no execution of it."""
    for record in records:
        planned = record.intent.planned
        if planned and planned.seal == plan.seal and record.execution:
            raise RefusedError(
                f"the plan was executed already, as release {record.sequence}",
                why=f"by {record.execution.who} at {record.execution.started_at:%Y-%m-%d %H:%M:%S} UTC",
                hint=f"`tapgen releases show {record.sequence}` says how it ended; make another plan for anything else",
                code="plan-executed",
            )
    made = next((record for record in records if record.sequence == plan.intent.sequence), None)
    sealed = made.outcome.seal if made and made.outcome else ""
    if made is None or made.intent != plan.intent or sealed != plan.seal:
        raise RefusedError(
            "the release records do not know this plan",
            why=f"release {plan.intent.sequence} has the seal {sealed or 'none'}, the plan {plan.seal}",
            hint="it was edited and sealed anew, or made for another bucket; make another plan",
            code="plan-unknown",
        )


def _require_unmoved(context: Context, request: PlanRequest) -> None:
    plan = request.plan
    now = bind(
        context,
        request.deployment,
        plan.intent,
        change_set_id=plan.plan.change_set_id,
        kind=plan.plan.kind,
    )
    require_unmoved(plan, now)


def _release(context: Context, request: PlanRequest, lock: Lock) -> Result:
    plan, deployment = request.plan, request.deployment
    rendered = restore(context, deployment, Record(intent=plan.intent), gradual=True)
    deploy_request = _deploy_request(request, rendered)
    decision = _decide(context, rendered)
    broken = check_guards(context, deploy_request, decision)
    if broken != plan.intent.break_glass:
        raise guards_moved(rendered)
    client = context.aws.client("cloudformation")
    change_set = change_sets.describe_change_set(client, plan.plan.change_set_id, kind=plan.plan.kind)
    passage = check_change_set(context, deploy_request, change_set, read_baseline(context, decision))
    _show(context, rendered, change_set)
    if not request.confirm(change_set):
        return result_of(rendered, "declined", exit_code=ExitCode.REFUSED)
    # People take their time to confirm.
    _require_unmoved(context, request)
    recent = tidy_up(context, deployment)
    purpose = Purpose(
        source=plan.intent.source,
        role_arn=plan.intent.role_arn,
        break_glass=plan.intent.break_glass,
        broadening=plan.intent.broadening,
        allowances=plan.intent.allowances,
        step=plan.intent.step,
        reporter=request.reporter,
        planned=Planned(intent=plan.intent, seal=plan.seal),
    )
    request.marker.set()
    journal = begin_journal(
        context, lock, rendered, before=Before(state=decision.state, recent=recent), purpose=purpose
    )
    with open_journal(journal):
        journal.plan(change_set, allowed=passage.allowed)
        return execute(context, deploy_request, passage, journal)


def _deploy_request(request: PlanRequest, rendered: Rendered) -> DeployRequest:
    glass, allowed = request.plan.intent.break_glass, request.plan.intent.allowances
    return DeployRequest(
        rendered=rendered,
        confirm=request.confirm,
        detach=request.detach,
        role_arn=request.plan.intent.role_arn,
        allowances=Allowances(replace=allowed.replace, public=allowed.public) if allowed else Allowances(),
        break_glass=glass.reason if glass else "",
        reporter=request.reporter,
        wait=request.wait,
        marker=request.marker,
        probes=request.probes,
    )


def _decide(context: Context, rendered: Rendered) -> Ready:
    state = stacks.describe_stack(context.aws.client("cloudformation"), rendered.root_stack)
    decision = decide(state, wanted_of(rendered))
    if isinstance(decision, Blocked):
        raise decision.error
    return decision if isinstance(decision, Ready) else Ready(kind="UPDATE", state=decision.state)


def _show(context: Context, rendered: Rendered, change_set: ChangeSet) -> None:
    context.emit(
        ChangesPlanned(
            stack=rendered.root_stack,
            kind=change_set.kind,
            change_set_id=change_set.change_set_id,
            changes=change_set.changes,
        )
    )
