"""Finds the role that CloudFormation assumes: the request's own, or the one that bootstrap has made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.errors import UsageError
from tapgen.naming import EXECUTION_ROLE_OUTPUT

if TYPE_CHECKING:
    from tapgen.deploy.request import DeployRequest
    from tapgen.engine.context import Context


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
