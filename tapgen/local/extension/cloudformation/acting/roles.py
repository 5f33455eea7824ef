"""Which role a stack's operations are carried out with, and the check of one of them.

A nested stack has its root's. A role stays with the stack until a request names another one (CloudFormation API
reference, ``RoleARN`` of UpdateStack and DeleteStack).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.acting.calls import calls_of
from tapgen.local.extension.cloudformation.acting.needs import ALIAS, SHIFT_POLICY
from tapgen.local.extension.cloudformation.acting.place import Place
from tapgen.local.extension.cloudformation.acting.session import RoleSession
from tapgen.local.extension.cloudformation.stack_operations.operation import current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.extension.cloudformation.acting.calls import Call
    from tapgen.local.extension.cloudformation.acting.operations import Operation
    from tapgen.local.extension.cloudformation.acting.session import Refusal


def role_of(stack_name: str) -> str:
    """The role's ARN; empty where the stack has none and acts as its caller."""
    stack = cfn.stacks().get(stack_name)
    return str(cfn.root(stack).get(cfn.OPTIONS, {}).get("RoleARN", "")) if stack else ""


def authorize(operation: Operation) -> None:
    """Refuse an operation that the stack's role may not carry out.

    Raises:
        ValueError: The role may not make one of the calls; the text is that of the resource's event.
    """
    role = role_of(operation.stack_name)
    if not role:
        return
    refused = next(check(operation, role), None)
    if refused is not None:
        raise ValueError(refused.message)


def check(operation: Operation, role_arn: str) -> Iterator[Refusal]:
    """Every call of an operation that a role may not make."""
    session = RoleSession(role_arn, place())
    for call in calls(operation, role_arn):
        refused = session.refusal(call)
        if refused is not None:
            yield refused


def calls(operation: Operation, role_arn: str) -> Iterator[Call]:
    """Every call of an operation."""
    yield from calls_of(replace(operation, policy=_update_policy(operation)), place(), role_arn)


def place() -> Place:
    """Account and region of the request under way."""
    from ministack.core.responses import get_account_id, get_region

    return Place(account=get_account_id(), region=get_region())


def _update_policy(operation: Operation) -> dict[str, Any]:
    """The alias' UpdatePolicy as the running update has it, or as the last one had it: a rollback runs no shift."""
    if operation.resource_type != ALIAS or operation.verb != "update":
        return {}
    if operation.utmost:
        return dict(operation.policy)
    running = current(operation.stack_name)
    if running is None:
        return {}
    found = running.definition(operation.logical_id).get("UpdatePolicy") or {}
    return {key: value for key, value in running.resolve(found).items() if key == SHIFT_POLICY and value}
