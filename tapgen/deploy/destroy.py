"""Deletes a deployment's stacks. Data that the templates retain is named, and stays unless its end is asked for."""

from __future__ import annotations

import shlex
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.aws.data import DELETERS
from tapgen.aws.session import check_account
from tapgen.deploy.state.stack_tree import RetainedResource, find_retained, survey
from tapgen.deploy.watch.stack_watcher import Operation, follow
from tapgen.engine.lock import hold_lock
from tapgen.engine.root_cause import find_cause
from tapgen.errors import AttentionError, AwsError, ExitCode, RefusedError
from tapgen.events import Noted, Result
from tapgen.gates.templates import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    from tapgen.deploy.state.stack_tree import Survey
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment


@dataclass(frozen=True, kw_only=True)
class DestroyRequest:
    """Which deployment to delete."""

    deployment: Deployment
    protected: bool
    """The configuration protects the environment: refuse."""
    confirm: Callable[[tuple[RetainedResource, ...]], bool]
    """Asked with the data that the templates retain; False declines."""
    delete_data: bool = False
    """Delete that data, too."""


def destroy(context: Context, request: DestroyRequest) -> Result:
    """Delete the stacks and follow to the end.

    Returns:
        ``done``, ``unchanged`` when there was nothing, ``declined``, or ``detached`` when the watcher left.

    Raises:
        CredentialsError: The credentials are of another account.
        RefusedError: The environment is protected, the stack is busy, or somebody holds the deployment's lock.
        AttentionError: A resource could not be deleted.
    """
    deployment = request.deployment
    check_account(context.aws, environment=deployment.environment, account_id=deployment.account_id)
    with _hold_lock(context, request):
        return _destroy(context, request)


@contextmanager
def _hold_lock(context: Context, request: DestroyRequest) -> Iterator[None]:
    """Hold the deployment's lock; where the artifact bucket is gone, nobody can deploy either."""
    with ExitStack() as held:
        try:
            held.enter_context(hold_lock(context, request.deployment.lock_request("destroy")))
        except AwsError as error:
            if error.code != "NoSuchBucket":
                raise
        yield


def _destroy(context: Context, request: DestroyRequest) -> Result:
    root_stack = request.deployment.root_stack
    with context.step("survey", "Reading the stacks") as step:
        found = survey(context, root_stack)
        step.text = f"{root_stack} is {found.root.status}" if found else "Nothing is deployed"
    if found is None:
        return _result(request, "unchanged")
    _check_allowed(request, found)
    retained = find_retained(context, found)
    if not request.confirm(retained):
        return _result(request, "declined", ExitCode.REFUSED)
    if not _delete(context, request, found):
        return _result(request, "detached", ExitCode.INTERRUPTED)
    if request.delete_data:
        _delete_data(context, retained)
    else:
        _name_what_stays(context, request, retained)
    return _result(request, "done")


def _check_allowed(request: DestroyRequest, found: Survey) -> None:
    if request.protected or found.root.termination_protection:
        reason = (
            "the configuration protects it (production or stack_protection)"
            if request.protected
            else "the stack has termination protection"
        )
        raise RefusedError(
            f"{request.deployment.name} is protected and will not be destroyed",
            why=reason,
            hint="set stack_protection: false and production: false, deploy that, then destroy",
            code="protected",
        )
    if found.root.in_progress:
        raise RefusedError(
            f"{request.deployment.root_stack} is busy: {found.root.status}",
            hint=f"rerun when `tapgen status {request.deployment.options}` says it is done",
            code="stack-busy",
        )


def _delete(context: Context, request: DestroyRequest, found: Survey) -> bool:
    """Delete the stacks; False when the watcher left before the end."""
    client = context.aws.client("cloudformation")
    stack_id = found.root.stack_id
    with context.step("delete", f"Deleting {request.deployment.root_stack}") as step:
        since = stacks.latest_event_time(client, stack_id) + timedelta(microseconds=1)
        stacks.delete_stack(client, stack_id)
        options = request.deployment.options
        followed = follow(context, Operation(stack_id=stack_id, since=since, options=options))
        if followed.detached:
            step.text = "Left running"
            return False
        if followed.status != "DELETE_COMPLETE":
            cause = find_cause(followed.events)
            raise AttentionError(
                f"{request.deployment.root_stack} is in {followed.status}",
                why=f"{cause.logical_id}: {cause.reason}" if cause else followed.events[-1].reason,
                hint=(cause.hint if cause else "") or "remove what is in the way and run destroy again",
                code="delete-failed",
                failure=cause,
            )
        step.text = f"{request.deployment.root_stack} is deleted"
    return True


def _delete_data(context: Context, retained: tuple[RetainedResource, ...]) -> None:
    for resource in retained:
        with context.step("delete-data", f"Deleting {resource.physical_id}") as step:
            DELETERS[resource.resource_type](context.aws, resource.physical_id)
            step.text = f"{resource.resource_type} {resource.physical_id} is deleted with its data"


def _name_what_stays(context: Context, request: DestroyRequest, retained: tuple[RetainedResource, ...]) -> None:
    for resource in retained:
        context.emit(
            Noted(
                level="info",
                text=f"{resource.resource_type} {resource.physical_id} stays with its data",
                code="data-stays",
            )
        )
    if retained:
        parts = [f"{path_of(item.stack, item.logical_id)}={item.physical_id}" for item in retained]
        command = " ".join(["tapgen adopt", request.deployment.options, *map(shlex.quote, parts)])
        text = "a deploy under the same names will find them taken"
        hint = f"`{command}` brings them back first; destroy with --delete-data where the data may go"
        context.emit(Noted(level="info", text=text, hint=hint, code="data-taken-back"))


def _result(
    request: DestroyRequest,
    status: Literal["done", "unchanged", "declined", "detached"],
    exit_code: ExitCode = ExitCode.DONE,
) -> Result:
    return Result(status=status, operation="destroy", deployment=request.deployment.name, exit_code=exit_code)
