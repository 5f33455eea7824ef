"""Removes artifacts, templates, reports and versions that nothing needs; ``decide`` says what.

A deploy of another deployment in the bucket could count on a file between the look and its removal, so gc does not run
beside one. Should one begin in that moment and miss a file, running it again uploads it.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen import object_keys
from tapgen.aws import functions, objects, stacks
from tapgen.aws.session import check_account
from tapgen.aws.stacks import STABLE
from tapgen.deploy.retention.decide import Facts, Function, decide_retention
from tapgen.deploy.state.observed_state import observe
from tapgen.engine.lock import hold_lock, read_lock
from tapgen.errors import ExitCode, RefusedError
from tapgen.events import Result
from tapgen.ledger.store import Ledger
from tapgen.naming import RELEASE_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    from tapgen.deploy.retention.decide import Decision
    from tapgen.deploy.state.observed_state import Situation
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.ledger.record import Record
    from tapgen.model import StackState

_FUNCTION, _VERSION = "AWS::Lambda::Function", "AWS::Lambda::Version"
_TEMPLATE_KEY = re.compile(r"templates/[a-z-]+/[0-9a-f]{32}\.json")
_ARTIFACT_KEY = re.compile(r"artifacts/[a-z-]+/[0-9a-f]{32}\.zip")


@dataclass(frozen=True, kw_only=True)
class GcRequest:
    """What to keep, and who is asked."""

    deployment: Deployment
    keep: int
    """So many of the releases that were live stay restorable."""
    show: Callable[[tuple[Decision, ...]], None]
    """Called with what stays and goes."""
    confirm: Callable[[], bool]
    """Asked once it was shown; False declines."""
    dry_run: bool = False
    wait: bool = False
    """Wait for the deployment's lock."""


def collect_garbage(context: Context, request: GcRequest) -> Result:
    """Show what stays and goes, ask, and remove.

    Returns:
        ``done``, ``unchanged`` when nothing goes, ``prepared`` for a dry run, or ``declined``.

    Raises:
        CredentialsError: The credentials are of another account.
        RefusedError: The stack is not stable, or somebody holds the lock.
    """
    deployment = request.deployment
    check_account(context.aws, environment=deployment.environment, account_id=deployment.account_id)
    lock = nullcontext() if request.dry_run else hold_lock(context, deployment.lock_request("gc", wait=request.wait))
    with lock:
        with context.step("survey", "Looking at records, stacks, aliases and the bucket") as step:
            situation = observe(context, deployment)
            _require_stable(situation, deployment)
            decisions = decide_retention(_look(context, deployment, situation), keep=request.keep)
            doomed = [decision for decision in decisions if not decision.keep]
            step.text = f"{len(doomed)} of {len(decisions)} templates, artifacts, reports and versions can go"
        request.show(decisions)
        if not doomed:
            return _result(request, "unchanged")
        if request.dry_run:
            return _result(request, "prepared")
        if not request.confirm():
            return _result(request, "declined", ExitCode.REFUSED)
        _require_quiet(context, deployment)
        with context.step("remove", f"Removing {len(doomed)}") as step:
            _remove(context, deployment, doomed)
            step.text = f"Removed {len(doomed)}; S3 keeps what was deleted for 30 days more"
    return _result(request, "done")


def _require_stable(situation: Situation, deployment: Deployment) -> None:
    root = situation.history.root
    if root and root.status not in STABLE:
        raise RefusedError(
            f"{root.name} is in {root.status}: nothing is removed while an operation runs or has failed",
            why="its rollback may need any earlier template, artifact or version",
            hint=f"`tapgen attach {deployment.options}` follows it, `tapgen recover {deployment.options}` repairs it",
            code="stack-not-stable",
        )


def _require_quiet(context: Context, deployment: Deployment) -> None:
    """Refuse while another deployment in the bucket is worked on."""
    listed = objects.list_objects(context.aws.client("s3"), deployment.bucket, f"{object_keys.LOCK_PREFIX}/")
    names = {item.key.split("/")[1].removesuffix(".json") for item in listed} - {deployment.name}
    for name in sorted(names):
        seen = read_lock(context, deployment.bucket, name)
        if seen and not seen.ended:
            raise RefusedError(
                f"{name}, which shares the bucket, is locked by a {seen.holder.title}",
                why="it may count on a file that would be removed",
                hint="run gc again when that is done",
                code="bucket-busy",
            )


def _look(context: Context, deployment: Deployment, situation: Situation) -> Facts:
    client, bucket = context.aws.client("s3"), deployment.bucket
    with ThreadPoolExecutor(4, thread_name_prefix="gc") as pool:
        files = [
            pool.submit(objects.list_objects, client, bucket, f"{prefix}/")
            for prefix in (object_keys.TEMPLATE_PREFIX, object_keys.ARTIFACT_PREFIX)
        ]
        others = pool.submit(_read_others, context, deployment)
        reports = pool.submit(objects.list_objects, client, bucket, object_keys.report_prefix(deployment.name))
        used = pool.submit(_read_stacks, context, deployment)
        return Facts(
            history=situation.history,
            objects=[item for future in files for item in future.result()],
            others=others.result(),
            stacks=used.result(),
            functions=list(_read_functions(context, situation)),
            reports=reports.result(),
        )


def _read_others(context: Context, deployment: Deployment) -> dict[str, tuple[Record, ...]]:
    """Every record of every other deployment in the bucket."""
    client, bucket = context.aws.client("s3"), deployment.bucket
    listed = objects.list_objects(client, bucket, f"{object_keys.RELEASE_PREFIX}/")
    names = {item.key.split("/")[1] for item in listed} - {deployment.name}
    return {name: Ledger(client=client, bucket=bucket, deployment=name).read_all() for name in sorted(names)}


def _read_stacks(context: Context, deployment: Deployment) -> dict[str, frozenset[str]]:
    """What each root stack of this account and region uses of the bucket, by the templates that are deployed."""
    client = context.aws.client("cloudformation")
    roots = [state for state in stacks.list_stacks(client) if RELEASE_PARAMETER in state.parameters]
    return {state.name: _used_keys(context, deployment, state) for state in roots}


def _used_keys(context: Context, deployment: Deployment, state: StackState) -> frozenset[str]:
    root = stacks.read_template(context.aws.client("cloudformation"), state.stack_id)
    templates = frozenset(_TEMPLATE_KEY.findall(root))
    bodies = objects.read_objects(context.aws.client("s3"), deployment.bucket, sorted(templates))
    artifacts = frozenset(key for body in bodies.values() for key in _ARTIFACT_KEY.findall(body.decode()))
    return templates | artifacts


def _read_functions(context: Context, situation: Situation) -> Iterator[Function]:
    client = context.aws.client("lambda")
    for stack in situation.survey.stacks if situation.survey else ():
        for resource in stack.resources:
            if resource.resource_type != _FUNCTION or not resource.physical_id:
                continue
            name = resource.physical_id
            in_stack = tuple(
                item.physical_id.rpartition(":")[2]
                for item in stack.resources
                if item.resource_type == _VERSION and f":function:{name}:" in item.physical_id
            )
            yield Function(
                name=name,
                versions=functions.list_versions(client, name),
                aliases=functions.list_aliases(client, name),
                in_stack=in_stack,
            )


def _remove(context: Context, deployment: Deployment, doomed: list[Decision]) -> None:
    """Versions first: a version whose code is gone from the bucket still runs, and can be deleted later."""
    client = context.aws.client("lambda")
    for decision in doomed:
        if decision.kind == "version":
            function, _, version = decision.name.rpartition(":")
            functions.delete_version(client, function=function, version=version)
    keys = [decision.name for decision in doomed if decision.kind != "version"]
    objects.delete_objects(context.aws.client("s3"), deployment.bucket, keys)


def _result(
    request: GcRequest,
    status: Literal["done", "unchanged", "prepared", "declined"],
    exit_code: ExitCode = ExitCode.DONE,
) -> Result:
    return Result(status=status, operation="gc", deployment=request.deployment.name, exit_code=exit_code)
