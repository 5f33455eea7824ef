"""Everything that a plan is made against, read from AWS: stacks, live aliases, guards, bucket, change set.

Read the same way when a plan is made and when it is executed, so that two readings can be compared value by value.
"""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import TYPE_CHECKING

from tapgen.aws import change_sets, objects, stacks
from tapgen.deploy.plans import staleness
from tapgen.deploy.records.changes import walk_changes
from tapgen.deploy.state.observed_state import observe
from tapgen.errors import AwsError
from tapgen.naming import RELEASE_PARAMETER

if TYPE_CHECKING:
    from typing import Literal

    from tapgen.deploy.plans.document import Bound
    from tapgen.deploy.state.observed_state import Situation
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.ledger.record import Intent, StoredFile

_GONE = "ChangeSetNotFound"
_ROOT = "root"


def bind(
    context: Context, deployment: Deployment, intent: Intent, *, change_set_id: str, kind: Literal["CREATE", "UPDATE"]
) -> Bound:
    """How everything is now.

    Args:
        context: Clients.
        deployment: Where it is.
        intent: Names templates and artifacts.
        change_set_id: The root's change set.
        kind: Of the change set.
    """
    with ThreadPoolExecutor(4, thread_name_prefix="bind") as pool:
        change_set = pool.submit(_bind_change_set, context, change_set_id, kind)
        templates = pool.submit(_bind_files, context, deployment, intent.templates)
        artifacts = pool.submit(_bind_files, context, deployment, intent.artifacts)
        situation = observe(context, deployment)
        return {
            **_bind_stacks(context, situation),
            staleness.ALIAS: _bind_aliases(situation),
            staleness.GUARD: {guard.name: guard.state for group in situation.groups for guard in group.guards},
            staleness.TEMPLATE: templates.result(),
            staleness.ARTIFACT: artifacts.result(),
            staleness.CHANGE_SET: change_set.result(),
        }


def _bind_stacks(context: Context, situation: Situation) -> Bound:
    """Each stack with its id, its status and when it was updated last: whatever was executed on it moves that."""
    root = situation.history.root
    if root is None or situation.survey is None:
        return {}
    client = context.aws.client("cloudformation")
    nested = {stack.label: stack.stack_id for stack in situation.survey.stacks if stack.label != _ROOT}
    with ThreadPoolExecutor(8, thread_name_prefix="bind") as pool:
        states = dict(
            zip(nested, pool.map(lambda name: stacks.describe_stack(client, name), nested.values()), strict=True)
        )
    described = {_ROOT: root, **{label: state for label, state in states.items() if state}}
    return {
        staleness.RELEASE: {"live": root.parameters.get(RELEASE_PARAMETER, "none")},
        staleness.STACK: {
            label: f"{state.status} since {state.last_updated or 'ever'} ({state.stack_id.rpartition('/')[2]})"
            for label, state in described.items()
        },
        staleness.PARAMETER: dict(root.parameters),
        staleness.TAG: dict(root.tags),
    }


def _bind_aliases(situation: Situation) -> dict[str, str]:
    return {
        alias.path: f"version {alias.state.version}"
        + (f" and {dict(alias.state.weights)}" if alias.state.weights else "")
        for alias in situation.aliases
        if alias.state
    }


def _bind_files(context: Context, deployment: Deployment, files: tuple[StoredFile, ...]) -> dict[str, str]:
    """The bytes that CloudFormation and Lambda would read: nothing but their keys is in the change set."""
    bodies = objects.read_objects(context.aws.client("s3"), deployment.bucket, [file.key for file in files])
    return {file.key: _hash(bodies[file.key]) for file in files if file.key in bodies}


def _bind_change_set(context: Context, change_set_id: str, kind: Literal["CREATE", "UPDATE"]) -> dict[str, str]:
    client = context.aws.client("cloudformation")
    try:
        status = change_sets.get_change_set_status(client, change_set_id)
        found = change_sets.describe_change_set(client, change_set_id, kind=kind)
    except AwsError as error:
        if error.code != _GONE:
            raise
        return {}
    nested = {path: change.change_set_id for path, change in walk_changes(found.changes) if change.change_set_id}
    changes = json.dumps([asdict(change) for change in found.changes], sort_keys=True)
    return {
        _ROOT: found.change_set_id,
        **nested,
        "stack": found.stack_id,
        "made at": found.created_at.isoformat(),
        "status": f"{status.status} {status.execution_status}",
        "changes": _hash(changes.encode()),
        **{f"parameter {name}": value for name, value in status.parameters.items()},
    }


def _hash(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
