"""Calls that lead a root stack out of a state that it does not leave by itself. Each may be sent twice.

An answer that was lost makes botocore send the call again, and CloudFormation refuse it because the operation runs
already: what was asked for is under way, and that is no failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tapgen.aws import stacks
from tapgen.aws.failures import error_code, translated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_cloudformation import CloudFormationClient


def continue_rollback(client: CloudFormationClient, stack: str, *, skip: Sequence[str] = ()) -> None:
    """Continue a rollback that failed; ``skip`` names resources, ``NestedStackName.LogicalId`` or ``LogicalId``."""
    with translated(f"continue the rollback of {stack}"):
        try:
            if skip:
                client.continue_update_rollback(StackName=stack, ResourcesToSkip=list(skip))
            else:
                client.continue_update_rollback(StackName=stack)
        except ClientError as error:
            if not _is_under_way(client, stack, error, "UPDATE_ROLLBACK_"):
                raise


def roll_back_stack(client: CloudFormationClient, stack: str) -> None:
    """Return a stack whose update failed with rollback disabled to its last stable state."""
    with translated(f"roll {stack} back"):
        try:
            client.rollback_stack(StackName=stack)
        except ClientError as error:
            if not _is_under_way(client, stack, error, "UPDATE_ROLLBACK_"):
                raise


def _is_under_way(client: CloudFormationClient, stack: str, error: ClientError, prefix: str) -> bool:
    if error_code(error) != "ValidationError":
        return False
    state = stacks.describe_stack(client, stack)
    return state is not None and state.status.startswith(prefix) and not state.status.endswith("_FAILED")
