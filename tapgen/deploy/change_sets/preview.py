"""CloudFormation's own view of a release: a change set that is made to be read, and deleted again.

Takes no lock and leaves no record: it decides nothing and executes nothing. What it uploads has the digest of its
content for a name, as a deploy would upload it.
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws import change_sets, storage
from tapgen.deploy.change_sets.change_set import await_change_set, change_set_failed, discard_empty_stack
from tapgen.deploy.change_sets.execution_role import with_execution_role
from tapgen.deploy.change_sets.upload import upload
from tapgen.deploy.state.preflight import Blocked, decide, wanted_of
from tapgen.engine.deployment import deployment_of
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.aws.change_sets import Kind
    from tapgen.deploy.request import DeployRequest
    from tapgen.engine.context import Context
    from tapgen.model import Change, Rendered, StackState


def preview(context: Context, request: DeployRequest, state: StackState | None) -> tuple[Change, ...]:
    """The changes that CloudFormation would make; none when it sees nothing to do.

    Args:
        context: Clients.
        request: What would be deployed.
        state: The root stack.

    Raises:
        UsageError: There is no stack yet: a change set would leave an empty one behind.
        RefusedError, AttentionError: The stack allows no change set now.
    """
    rendered = request.rendered
    decision = decide(state, wanted_of(rendered))
    if isinstance(decision, Blocked):
        raise decision.error
    if state is None or state.is_empty:
        raise UsageError(
            f"{rendered.root_stack} is not deployed, so there is nothing that a change set could change",
            hint="leave --change-set out: everything will be added",
            code="not-deployed",
        )
    upload(context, rendered)
    return _describe(context, with_execution_role(context, request))


def _describe(context: Context, request: DeployRequest) -> tuple[Change, ...]:
    temporary = TemporaryChangeSet(rendered=request.rendered, kind="UPDATE", role_arn=request.role_arn, purpose="diff")
    with temporary.made(context) as change_set_id:
        status = await_change_set(context, change_set_id)
        if status.empty:
            return ()
        if not status.ready:
            raise change_set_failed(context, change_set_id, status, rendered=request.rendered)
        client = context.aws.client("cloudformation")
        return change_sets.describe_change_set(client, change_set_id, kind="UPDATE").changes


@dataclass(frozen=True, kw_only=True)
class TemporaryChangeSet:
    """One that nobody will execute. Its templates are in the bucket."""

    rendered: Rendered
    kind: Kind
    role_arn: str | None
    purpose: str
    """Begins its name."""

    @contextmanager
    def made(self, context: Context) -> Iterator[str]:
        """Its id for as long as the block lasts; afterwards it is gone, and so is the empty stack of a first one."""
        client, rendered = context.aws.client("cloudformation"), self.rendered
        bucket = deployment_of(rendered).bucket
        change_set_id = change_sets.create_change_set(
            client,
            change_sets.ChangeSetRequest(
                stack=rendered.root_stack,
                name=f"{self.purpose}-{rendered.release_id}-{uuid.uuid4().hex[:8]}",
                kind=self.kind,
                template_url=storage.object_url(context.aws.client("s3"), bucket, rendered.root.key),
                parameters=rendered.parameters,
                tags=rendered.tags,
                role_arn=self.role_arn,
            ),
        )
        try:
            yield change_set_id
        finally:
            change_sets.delete_change_set(client, change_set_id)
            if self.kind == "CREATE":
                discard_empty_stack(context, rendered.root_stack)
