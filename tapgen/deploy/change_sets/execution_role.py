"""Finds what bootstrap has made for a release: the role that CloudFormation assumes, and policies that are wide enough.

Before anything is executed: a release that needs more than bootstrap let is refused with the difference, instead of an
AccessDenied in the middle of it, or of a request.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.errors import RefusedError, TapgenError, UsageError
from tapgen.iam.needs import EXECUTION, POLICIES_OUTPUT, find_lacking
from tapgen.naming import EXECUTION_ROLE_OUTPUT

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

    from tapgen.deploy.request import DeployRequest
    from tapgen.engine.context import Context
    from tapgen.model import StackState

_SHOWN = 20


def with_execution_role(context: Context, request: DeployRequest) -> DeployRequest:
    """The request with bootstrap's execution role, unless it names one.

    The stack's outputs answer it in one call; its template is read where its policies are others than this release's.

    Raises:
        UsageError: Bootstrap has not made the roles yet, whose boundary every role of the service needs.
        RefusedError: Its policies do not let the release do what it needs.
    """
    if not request.bootstrap_stack:
        return request
    client = context.aws.client("cloudformation")
    state = stacks.describe_stack(client, request.bootstrap_stack)
    obstacle = _find_obstacle(client, request, state)
    if obstacle and request.create_bucket:
        request.create_bucket()
        state = stacks.describe_stack(client, request.bootstrap_stack)
        obstacle = _find_obstacle(client, request, state)
    if obstacle:
        raise obstacle
    found = state.outputs[EXECUTION_ROLE_OUTPUT] if state else None
    return replace(request, role_arn=request.role_arn or found)


def _find_obstacle(
    client: CloudFormationClient, request: DeployRequest, state: StackState | None
) -> TapgenError | None:
    command = f"tapgen bootstrap --env {request.rendered.environment}"
    if not state or EXECUTION_ROLE_OUTPUT not in state.outputs:
        return UsageError(
            f"{request.bootstrap_stack} has no execution role",
            why="an older release of tapgen made it, or nobody did",
            hint=f"run `{command}`; it changes nothing that is deployed",
            code="not-bootstrapped",
        )
    needs = request.needs() if request.needs else None
    if needs is None or state.outputs.get(POLICIES_OUTPUT) == needs.digest:
        return None
    # A role of the caller's own is his to widen.
    needs = needs.without(EXECUTION) if request.role_arn else needs
    lacking = find_lacking(needs, json.loads(stacks.read_template(client, state.stack_id)))
    if not lacking:
        return None
    more = [f"… and {len(lacking) - _SHOWN} more"] if len(lacking) > _SHOWN else []
    return RefusedError(
        f"{request.bootstrap_stack} does not let {request.rendered.deployment} do what this release needs",
        why="\n".join([*lacking[:_SHOWN], *more]),
        hint=f"run `{command}`, then deploy again; it changes nothing that is deployed",
        code="bootstrap-stale",
    )
