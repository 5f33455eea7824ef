"""The deploy operation: state → preflight → lock → record → upload → change set → confirmation → execution → verdict.

::

    Rendered ─► identity ∥ stack state ─► decide ─┬─► NothingToDo ─► done, two AWS calls
                                                  ├─► Blocked ─► error and how to fix it
                                                  └─► Ready ─► lock ─► decide again ─► guards ─► record the intent
                                                        ─► upload what is absent ─► change set, nested included
                                                        ─► confirm ─► guards ─► execute ─► follow ─► verdict

Two calls are over before Python has read what a release needs: that is imported where there is something to do.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.aws.session import check_account
from tapgen.deploy.request import result_of
from tapgen.deploy.state.preflight import Blocked, NothingToDo, Ready, decide, wanted_of
from tapgen.engine.deployment import deployment_of
from tapgen.engine.lock import hold_lock
from tapgen.errors import AwsError, DeploymentError, RefusedError, UsageError
from tapgen.events import Noted, Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.deploy.request import DeployRequest
    from tapgen.engine.context import Context
    from tapgen.engine.lock import Lock
    from tapgen.model import Rendered, ShiftOutcome, StackState


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
        decision = decide(_read_state(context, rendered), wanted_of(rendered))
        step.text = _describe(decision)
    if isinstance(decision, Ready):
        with _remembered(request), _settled_by_failure(request), hold_release_lock(context, request) as lock:
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
    from tapgen.deploy.change_sets.execution_role import with_execution_role
    from tapgen.deploy.release.release import release

    decision = decide(_read_state(context, request.rendered), wanted_of(request.rendered))
    return (
        release(context, with_execution_role(context, request), decision, lock)
        if isinstance(decision, Ready)
        else decision
    )


@contextmanager
def _remembered(request: DeployRequest) -> Iterator[None]:
    """Remember the lock before there is one: a process that dies with it is cleared away by the next deploy here.

    Where somebody else holds the lock, what was remembered before stays.
    """
    before = request.marker.is_set()
    request.marker.set()
    try:
        yield
    except RefusedError as error:
        if error.code == "locked" and not before:
            request.marker.clear()
        raise


@contextmanager
def _settled_by_failure(request: DeployRequest) -> Iterator[None]:
    """A release that was rolled back has ended, and its record says so."""
    try:
        yield
    except DeploymentError:
        request.marker.clear()
        raise


def _clear_marker(request: DeployRequest, result: Result) -> None:
    """Forget that something was begun, once its end is recorded and the lock given back."""
    if result.status not in {"started", "detached"}:
        request.marker.clear()


def _rest(context: Context, request: DeployRequest, decision: NothingToDo) -> Result:
    """Nothing to deploy; what an earlier run of this release left undone is done."""
    rendered, state = request.rendered, decision.state
    proved: tuple[ShiftOutcome, ...] = ()
    if request.marker.is_set():
        from tapgen.deploy.release.reconcile import settle_unwatched

        proved = settle_unwatched(context, deployment_of(rendered))
        request.marker.clear()
    if state.termination_protection != rendered.stack_protection:
        from tapgen.deploy.release.execute import protect

        protect(context, rendered)
    return replace(result_of(rendered, "unchanged", outputs=state.outputs), shifts=proved)


def _join(context: Context, request: DeployRequest, blocked: Blocked) -> Result:
    """Follow the running operation when it is this very release's; otherwise say what is in the way."""
    from tapgen.deploy.records.release_record import Journal, open_journal
    from tapgen.deploy.release.execute import watch
    from tapgen.deploy.state.running_release import find_running
    from tapgen.deploy.watch.stack_watcher import Operation

    running = find_running(context, deployment_of(request.rendered)) if blocked.busy else None
    if running is None:
        if blocked.busy and _is_over(context, request.rendered):
            return deploy(context, request)
        raise blocked.error
    record, plan, mine = running.record, running.plan, running.is_of(request.rendered.release_id)
    if not mine:
        raise running.explain(blocked.error)
    text = f"Joining the execution of release {record.sequence} that {record.intent.who} began"
    context.emit(Noted(level="info", text=text, code="joined"))
    journal = Journal.resume(context, deployment_of(request.rendered).ledger(context), record, request.reporter)
    with open_journal(journal), context.step("execute", f"Following {request.rendered.root_stack}") as step:
        operation = Operation(
            stack_id=plan.stack_id, since=plan.created_at, options=deployment_of(request.rendered).options
        )
        result = watch(context, request, journal, operation, step)
    if result.status != "detached":
        from tapgen.deploy.release.reconcile import clear_dead_lock

        # Who began the execution died with the lock; nobody who comes later must find it.
        clear_dead_lock(context, deployment_of(request.rendered))
        _clear_marker(request, result)
    # What ended was one of several updates: the others are left.
    return deploy(context, request) if record.intent.step and result.status == "done" else result


def _is_over(context: Context, rendered: Rendered) -> bool:
    """Whether what was running when the stack was looked at has ended since."""
    state = stacks.describe_stack(context.aws.client("cloudformation"), rendered.root_stack)
    return state is None or not state.in_progress


@contextmanager
def hold_release_lock(context: Context, request: DeployRequest, *, operation: str = "deploy") -> Iterator[Lock]:
    """Hold the deployment's lock; a missing bucket is made where that is allowed.

    Raises:
        RefusedError: Somebody else holds it.
        UsageError: There is no bucket, and none may be made.
    """
    wanted = deployment_of(request.rendered).lock_request(operation, wait=request.wait)
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


def _describe(decision: Ready | NothingToDo | Blocked) -> str:
    if isinstance(decision, NothingToDo):
        return "Nothing changed: this release is live"
    if isinstance(decision, Blocked):
        return "The stack cannot be deployed now"
    return "The stack will be created" if decision.kind == "CREATE" else "The stack will be updated"


def _create_bucket(request: DeployRequest) -> None:
    if request.create_bucket is None:
        raise UsageError(
            f"the artifact bucket {request.rendered.artifact_bucket} does not exist",
            hint=f"create it once with `tapgen bootstrap --env {request.rendered.environment}`",
            code="not-bootstrapped",
        )
    request.create_bucket()
