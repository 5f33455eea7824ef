"""Creates or updates the bootstrap stack: the artifact bucket that every deploy of the environment uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.aws.session import check_account
from tapgen.deploy.watch.stack_watcher import Operation, follow
from tapgen.engine.root_cause import find_cause
from tapgen.errors import DeploymentError, ExitCode
from tapgen.events import Result

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from tapgen.engine.context import Context


@dataclass(frozen=True, kw_only=True)
class BootstrapRequest:
    """The bootstrap stack of one environment."""

    environment: str
    account_id: str
    stack: str
    template_body: str
    tags: Mapping[str, str]


def bootstrap(context: Context, request: BootstrapRequest) -> Result:
    """Bring the bootstrap stack up to date.

    Returns:
        ``done`` with the stack's outputs, ``unchanged``, or ``detached`` when the watcher left.

    Raises:
        CredentialsError: The credentials are of another account.
        DeploymentError: The stack could not be created or updated.
    """
    check_account(context.aws, environment=request.environment, account_id=request.account_id)
    client = context.aws.client("cloudformation")
    with context.step("bootstrap", f"Bringing {request.stack} up to date") as step:
        state = stacks.describe_stack(client, request.stack)
        since = datetime.min.replace(tzinfo=UTC)
        wanted = stacks.StackRequest(name=request.stack, template_body=request.template_body, tags=request.tags)
        if state is None:
            stack_id = stacks.create_stack(client, wanted)
        else:
            stack_id = state.stack_id
            since = stacks.latest_event_time(client, stack_id) + timedelta(microseconds=1)
            if not stacks.update_stack(client, wanted):
                step.text = f"{request.stack} is up to date"
                return _result(request, "unchanged", state.outputs)
        if not _follow(context, stack_id, since):
            step.text = "Left running"
            return _result(request, "detached", {}, exit_code=ExitCode.INTERRUPTED)
        step.text = f"{request.stack} is ready"
    ready = stacks.describe_stack(client, stack_id)
    return _result(request, "done", ready.outputs if ready else {})


def _follow(context: Context, stack_id: str, since: datetime) -> bool:
    """Follow to the end; False when the watcher left before it."""
    followed = follow(context, Operation(stack_id=stack_id, since=since))
    if followed.detached:
        return False
    if followed.status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        cause = find_cause(followed.events)
        raise DeploymentError(
            f"the bootstrap stack ended in {followed.status}",
            why=cause.reason if cause else followed.events[-1].reason,
            hint=(cause.hint if cause else "") or "correct the cause and run bootstrap again",
            failure=cause,
        )
    return True


def _result(
    request: BootstrapRequest,
    status: Literal["done", "unchanged", "detached"],
    outputs: Mapping[str, str],
    *,
    exit_code: ExitCode = ExitCode.DONE,
) -> Result:
    return Result(
        status=status,
        operation="bootstrap",
        deployment=request.stack,
        exit_code=exit_code,
        outputs=dict(outputs),
    )
