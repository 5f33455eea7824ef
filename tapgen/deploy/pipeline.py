"""The deploy operation: state → preflight → lock → record → upload → change set → confirmation → execution → verdict.

::

    Rendered ─► identity ∥ stack state ─► decide ─┬─► NothingToDo ─► done, two AWS calls
                                                  ├─► Blocked ─► error with the way out
                                                  └─► Ready ─► lock ─► decide again ─► guards ─► record the intent
                                                        ─► upload what is absent ─► change set, nested included
                                                        ─► confirm ─► guards ─► execute ─► follow ─► verdict
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from tapgen.aws import change_sets, stacks, storage
from tapgen.aws.session import check_account
from tapgen.deploy.deployment import deployment_of
from tapgen.deploy.evidence import judge_shifts, report_shifts
from tapgen.deploy.follow import Operation, follow
from tapgen.deploy.guards import check_rollout
from tapgen.deploy.journal import Before, Journal, Purpose, begin_journal, open_journal
from tapgen.deploy.lock import hold_lock
from tapgen.deploy.markers import NoMarker
from tapgen.deploy.pacing import Ticker
from tapgen.deploy.preflight import Blocked, NothingToDo, Ready, Wanted, decide
from tapgen.deploy.resume import find_running
from tapgen.deploy.rollout import Judgement
from tapgen.deploy.settlement import settle_unwatched, tidy_up
from tapgen.deploy.verdict import require_success
from tapgen.errors import AwsError, ExitCode, RefusedError, UsageError
from tapgen.events import ChangesPlanned, Noted, Result, UploadProgressed
from tapgen.naming import BREAK_GLASS_PARAMETER, EXECUTION_ROLE_OUTPUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, Literal

    from tapgen.deploy.context import Context, Step
    from tapgen.deploy.lock import Lock
    from tapgen.deploy.markers import Marker
    from tapgen.deploy.probes import Probes
    from tapgen.model import ChangeSet, Rendered, StackState


@dataclass(frozen=True, kw_only=True)
class DeployRequest:
    """What to deploy and how."""

    rendered: Rendered
    confirm: Callable[[ChangeSet], bool]
    """Asked with the change set in hand; False declines."""
    execute: bool = True
    """False stops after the change set: ``--no-execute-changeset``."""
    detach: bool = False
    """True leaves when the execution has started: ``--detach``."""
    create_bucket: Callable[[], None] | None = None
    """Bootstraps when the artifact bucket or the roles are missing; None refuses with the way to do it."""
    role_arn: str | None = None
    """Service role that CloudFormation assumes; None takes the one that bootstrap has made."""
    bootstrap_stack: str = ""
    """Where bootstrap's roles are; empty looks for none."""
    break_glass: str = ""
    """Why this one deployment may go past a guard that is red before it begins: ``--break-glass --reason``."""
    wait: bool = False
    """Wait for the deployment's lock instead of refusing when somebody else holds it."""
    marker: Marker = field(default_factory=NoMarker)
    """Set while a release was begun from here whose end is not recorded."""
    purpose: Callable[[], Purpose] = field(default=Purpose)
    """What the record says beyond the release; called when there is something to record."""
    probes: Callable[[], Probes | None] = field(default=lambda: None)
    """Makes the synthetic callers of a shift, where the configuration wants some."""


def deploy(context: Context, request: DeployRequest) -> Result:
    """Bring the rendered release live.

    Returns:
        ``unchanged``, ``done`` with outputs, ``prepared`` (not executed), ``declined``, or ``started`` when detached.

    Raises:
        CredentialsError: The credentials are of another account.
        RefusedError: Another operation runs on the stack.
        AttentionError: The stack needs a person, before or after.
        DeploymentError: The deployment failed and was rolled back; ``why`` is the first real cause.
    """
    rendered = request.rendered
    with context.step("preflight", "Reading the stack") as step:
        decision = decide(_read_state(context, rendered), _wanted(rendered))
        step.text = _describe(decision)
    if isinstance(decision, Ready):
        with _hold_lock(context, request) as lock:
            reached = _decide_again(context, request, lock)
    else:
        reached = decision
    if isinstance(reached, Result):
        _clear_marker(request, reached)
        return reached
    if isinstance(reached, Blocked):
        return _join(context, request, reached)
    return _rest(context, request, reached)


def _decide_again(context: Context, request: DeployRequest, lock: Lock) -> Result | NothingToDo | Blocked:
    """What was read before the lock was ours may be old by now: look again, and release when it still may be."""
    decision = decide(_read_state(context, request.rendered), _wanted(request.rendered))
    if isinstance(decision, Ready):
        return release(context, with_execution_role(context, request), decision, lock)
    return decision


def _clear_marker(request: DeployRequest, result: Result) -> None:
    """Forget that something was begun, once its end is recorded and the lock given back."""
    if result.status not in {"started", "detached"}:
        request.marker.clear()


def _rest(context: Context, request: DeployRequest, decision: NothingToDo) -> Result:
    """Nothing to deploy; what an earlier run of this release left undone is done."""
    rendered, state = request.rendered, decision.state
    if request.marker.is_set():
        settle_unwatched(context, deployment_of(rendered))
        request.marker.clear()
    if state.termination_protection != rendered.stack_protection:
        _protect(context, rendered)
    return _result(rendered, "unchanged", outputs=state.outputs)


def _join(context: Context, request: DeployRequest, blocked: Blocked) -> Result:
    """Follow the running operation when it is this very release's; otherwise say what is in the way."""
    running = find_running(context, deployment_of(request.rendered)) if blocked.busy else None
    if running is None:
        if blocked.busy and _is_over(context, request.rendered):
            return deploy(context, request)
        raise blocked.error
    record, plan, mine = running.record, running.plan, running.is_of(request.rendered.release_id)
    if not mine:
        raise running.explain(blocked.error)
    text = f"Joining the execution of release {record.sequence} that {record.intent.who} began"
    context.emit(Noted(level="info", text=text))
    journal = Journal.resume(context, deployment_of(request.rendered).ledger(context), record)
    with open_journal(journal), context.step("execute", f"Following {request.rendered.root_stack}") as step:
        return _watch(context, request, journal, Operation(stack_id=plan.stack_id, since=plan.created_at), step)


def _is_over(context: Context, rendered: Rendered) -> bool:
    """Whether what was running when the stack was looked at has ended since."""
    state = stacks.describe_stack(context.aws.client("cloudformation"), rendered.root_stack)
    return state is None or not state.in_progress


def release(context: Context, request: DeployRequest, decision: Ready, lock: Lock) -> Result:
    """Record the release and take it live. For who holds the lock.

    Raises:
        RefusedError: An alias or a guard is not fit for a shift.
        DeploymentError, AttentionError: As ``deploy``.
    """
    broken = _check_guards(context, request, decision)
    purpose = replace(request.purpose(), break_glass=broken, role_arn=request.role_arn)
    before = Before(state=decision.state, recent=tidy_up(context, deployment_of(request.rendered)))
    request.marker.set()
    journal = begin_journal(context, lock, request.rendered, before=before, purpose=purpose)
    with open_journal(journal):
        _upload(context, request)
        return _ship(context, request, decision, journal)


def _ship(context: Context, request: DeployRequest, decision: Ready, journal: Journal) -> Result:
    """Take what is in the bucket live: change set, confirmation, execution, verdict."""
    rendered = request.rendered
    change_set = _plan(context, request, decision, journal)
    if change_set is None:
        journal.settle("unchanged")
        return _result(rendered, "unchanged", outputs=decision.state.outputs if decision.state else {})
    if not request.execute:
        journal.settle("prepared")
        return _result(rendered, "prepared")
    if not request.confirm(change_set):
        _discard(context, change_set, decision)
        journal.settle("declined")
        return _result(rendered, "declined", exit_code=ExitCode.REFUSED)
    # People take their time to confirm: what was calm may be red now.
    if _describe_passed(_judge(context, request, decision), request) != journal.intent.break_glass:
        raise _guards_moved(rendered)
    return _execute(context, request, change_set, journal)


@contextmanager
def _hold_lock(context: Context, request: DeployRequest) -> Iterator[Lock]:
    """Hold the deployment's lock; a missing bucket is made where that is allowed."""
    wanted = deployment_of(request.rendered).lock_request("deploy", wait=request.wait)
    with ExitStack() as held:
        try:
            lock = held.enter_context(hold_lock(context, wanted))
        except AwsError as error:
            if error.code != "NoSuchBucket":
                raise
            _create_bucket(request)
            lock = held.enter_context(hold_lock(context, wanted))
        yield lock


def _read_state(context: Context, rendered: Rendered) -> StackState | None:
    """The root stack's state, read while the caller's identity is checked."""
    with ThreadPoolExecutor(1, thread_name_prefix="identity") as pool:
        identity = pool.submit(
            check_account, context.aws, environment=rendered.environment, account_id=rendered.account_id
        )
        try:
            state = stacks.describe_stack(context.aws.client("cloudformation"), rendered.root_stack)
        finally:
            # The wrong account is the better explanation of whatever DescribeStacks answered.
            identity.result()
    return state


def _wanted(rendered: Rendered) -> Wanted:
    return Wanted(
        environment=rendered.environment,
        root_stack=rendered.root_stack,
        release_id=rendered.release_id,
        tags=rendered.tags,
    )


def _describe(decision: Ready | NothingToDo | Blocked) -> str:
    if isinstance(decision, NothingToDo):
        return "Nothing changed: this release is live"
    if isinstance(decision, Blocked):
        return "The stack cannot be deployed now"
    return "The stack will be created" if decision.kind == "CREATE" else "The stack will be updated"


def _check_guards(context: Context, request: DeployRequest, decision: Ready) -> Mapping[str, Any] | None:
    """What the first look says; the warnings are for people who can still decline.

    Returns:
        What the record says of guards that the operation goes past; None when there are none.
    """
    judgement = _judge(context, request, decision)
    for warning in judgement.warnings:
        context.warn(warning.text, hint=warning.hint)
    if judgement.passed:
        context.warn(f"going past {', '.join(judgement.passed)} this once: {request.break_glass}")
    return _describe_passed(judgement, request)


def _describe_passed(judgement: Judgement, request: DeployRequest) -> Mapping[str, Any] | None:
    return {"reason": request.break_glass, "alarms": list(judgement.passed)} if judgement.passed else None


def _broken_glass(journal: Journal) -> dict[str, str]:
    return {BREAK_GLASS_PARAMETER: "true"} if journal.intent.break_glass else {}


def _judge(context: Context, request: DeployRequest, decision: Ready) -> Judgement:
    if decision.state is None or decision.kind == "CREATE":
        return Judgement()
    with context.step("guards", "Looking at live aliases and guard alarms") as step:
        judgement = check_rollout(
            context, request.rendered, stack_id=decision.state.stack_id, break_glass=request.break_glass
        )
        step.text = "Aliases and guards are ready"
    return judgement


def _uploads(rendered: Rendered) -> list[storage.Upload]:
    templates = [
        storage.Upload(
            key=template.key, size_bytes=len(template.body), content_type="application/json", body=template.body
        )
        for template in rendered.templates
    ]
    zips = [
        storage.Upload(
            key=artifact.key, size_bytes=artifact.size_bytes, content_type="application/zip", body=artifact.path
        )
        for artifact in rendered.artifacts
    ]
    return templates + zips


def _upload(context: Context, request: DeployRequest) -> None:
    bucket = _bucket(request.rendered)
    client = context.aws.client("s3")
    uploads = _uploads(request.rendered)
    with context.step("upload", f"Looking at s3://{bucket.name}") as step:
        absent = storage.find_absent(client, bucket, uploads)
        total_bytes = sum(upload.size_bytes for upload in absent)

        def report(done_bytes: int, done_objects: int) -> None:
            context.emit(
                UploadProgressed(
                    done_bytes=done_bytes,
                    total_bytes=total_bytes,
                    done_objects=done_objects,
                    total_objects=len(absent),
                )
            )

        storage.put_all(client, bucket, absent, progress=report)
        step.text = _describe_uploads(absent, total=len(uploads))


def with_execution_role(context: Context, request: DeployRequest) -> DeployRequest:
    """The request with bootstrap's execution role, unless it names one.

    Raises:
        UsageError: Bootstrap has not made the roles yet, whose boundary every role of the service needs.
    """
    if not request.bootstrap_stack:
        return request
    client = context.aws.client("cloudformation")
    for attempt in range(2):
        state = stacks.describe_stack(client, request.bootstrap_stack)
        found = state.outputs.get(EXECUTION_ROLE_OUTPUT) if state else None
        if found:
            return replace(request, role_arn=request.role_arn or found)
        if attempt or request.create_bucket is None:
            break
        request.create_bucket()
    raise UsageError(
        f"{request.bootstrap_stack} has no execution role",
        why="an older release of tapgen made it, or nobody did",
        hint=f"run `tapgen bootstrap --env {request.rendered.environment}`; it changes nothing that is deployed",
        code="not-bootstrapped",
    )


def _create_bucket(request: DeployRequest) -> None:
    if request.create_bucket is None:
        raise UsageError(
            f"the artifact bucket {request.rendered.artifact_bucket} does not exist",
            hint=f"create it once with `tapgen bootstrap --env {request.rendered.environment}`",
            code="not-bootstrapped",
        )
    request.create_bucket()


def _describe_uploads(absent: list[storage.Upload], *, total: int) -> str:
    if not absent:
        return "Every artifact is in the bucket already"
    return f"Uploaded {len(absent)} of {total} objects: " + ", ".join(upload.key.split("/")[1] for upload in absent)


def _bucket(rendered: Rendered) -> storage.Bucket:
    return storage.Bucket(name=rendered.artifact_bucket, account_id=rendered.account_id)


def _guards_moved(rendered: Rendered) -> RefusedError:
    return RefusedError(
        "the guards changed while the change set was waiting",
        why="the change set goes past other guards than those that are red now",
        hint=f"rerun `tapgen deploy --env {rendered.environment}`",
        code="guards-moved",
    )


def _plan(context: Context, request: DeployRequest, decision: Ready, journal: Journal) -> ChangeSet | None:
    """The change set with its nested ones, or None when CloudFormation sees nothing to do."""
    rendered = request.rendered
    client = context.aws.client("cloudformation")
    with context.step("change-set", "Creating the change set") as step:
        change_set_id = change_sets.create_change_set(
            client,
            change_sets.ChangeSetRequest(
                stack=rendered.root_stack,
                name=journal.intent.change_set_name,
                kind=decision.kind,
                template_url=journal.intent.template_url,
                # Left out, the parameter takes its default: the next deploy puts the guard back.
                parameters={**rendered.parameters, **_broken_glass(journal)},
                tags=rendered.tags,
                role_arn=request.role_arn,
            ),
        )
        status = _await_change_set(context, change_set_id)
        if status.empty:
            change_sets.delete_change_set(client, change_set_id)
            step.text = "CloudFormation sees nothing to change"
            return None
        if not status.ready:
            raise _change_set_failed(status)
        change_set = change_sets.describe_change_set(client, change_set_id, kind=decision.kind)
        journal.plan(change_set)
        step.text = f"Change set ready: {change_set_id.split('/')[1]}"
    context.emit(
        ChangesPlanned(
            stack=rendered.root_stack, kind=decision.kind, change_set_id=change_set_id, changes=change_set.changes
        )
    )
    return change_set


def _await_change_set(context: Context, change_set_id: str) -> change_sets.ChangeSetStatus:
    client = context.aws.client("cloudformation")
    ticker = Ticker(context.clock)
    while True:
        status = change_sets.get_change_set_status(client, change_set_id)
        if status.ready or status.failed:
            return status
        ticker.wait()


def _change_set_failed(status: change_sets.ChangeSetStatus) -> AwsError:
    return AwsError(
        "CloudFormation refused the change set",
        why=status.reason,
        hint="correct what it names; `tapgen render` shows the templates",
        code="change-set-failed",
    )


def _discard(context: Context, change_set: ChangeSet, decision: Ready) -> None:
    """Leave nothing behind: not the change set, and not the empty stack that a CREATE change set makes."""
    client = context.aws.client("cloudformation")
    change_sets.delete_change_set(client, change_set.change_set_id)
    if decision.kind == "CREATE":
        stacks.delete_stack(client, change_set.stack_id)


def _execute(context: Context, request: DeployRequest, change_set: ChangeSet, journal: Journal) -> Result:
    client = context.aws.client("cloudformation")
    rendered = request.rendered
    with context.step("execute", "Executing the change set") as step:
        journal.execute(change_set)
        change_sets.execute_change_set(client, change_set)
        if request.detach:
            step.text = "CloudFormation executes the change set"
            return _result(rendered, "started")
        operation = Operation(stack_id=change_set.stack_id, since=change_set.created_at)
        return _watch(context, request, journal, operation, step)


def _watch(context: Context, request: DeployRequest, journal: Journal, operation: Operation, step: Step) -> Result:
    """Follow the execution to its verdict."""
    rendered = request.rendered
    probes = request.probes() if rendered.shift.probes_per_min else None
    followed = follow(context, replace(operation, policy=rendered.shift, probes=probes))
    if followed.detached:
        step.text = "Left running"
        return _result(rendered, "detached", exit_code=ExitCode.INTERRUPTED)
    step.text = f"{rendered.root_stack} is {followed.status}"
    outcomes = judge_shifts(context, followed, rendered.shift)
    journal.judge({"shifts": [asdict(outcome) for outcome in outcomes]})
    require_success(followed, outcomes, environment=rendered.environment, stack=rendered.root_stack)
    report_shifts(context, outcomes)
    state = stacks.describe_stack(context.aws.client("cloudformation"), operation.stack_id)
    outputs = state.outputs if state else {}
    if state and state.termination_protection != rendered.stack_protection:
        _protect(context, rendered)
    journal.settle("succeeded", outputs=outputs)
    return replace(_result(rendered, "done", outputs=outputs), shifts=outcomes)


def _protect(context: Context, rendered: Rendered) -> None:
    client = context.aws.client("cloudformation")
    stacks.set_termination_protection(client, rendered.root_stack, enabled=rendered.stack_protection)


def _result(
    rendered: Rendered,
    status: Literal["done", "unchanged", "prepared", "declined", "started", "detached"],
    *,
    outputs: Mapping[str, str] | None = None,
    exit_code: ExitCode = ExitCode.DONE,
) -> Result:
    return Result(
        status=status,
        operation="deploy",
        deployment=rendered.deployment,
        exit_code=exit_code,
        release_id=rendered.release_id,
        outputs=dict(outputs or {}),
    )
