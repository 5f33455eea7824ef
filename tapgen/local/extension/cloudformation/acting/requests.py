"""Requests that name a role: it must trust CloudFormation, and it stays with the stack.

CloudFormation API reference, ``RoleARN`` of CreateStack, DeleteStack and RollbackStack; user guide, "CloudFormation
service role". A stack keeps the roles of CreateStack, UpdateStack and change sets in ``change_sets``.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.answers import refusal
from tapgen.local.extension.delivery import roles
from tapgen.local.extension.delivery.roles import ServiceRole
from tapgen.local.extension.seams import original

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.cloudformation.answers import Answer

SEAMS = (cfn.ACTIONS, cfn.STACKS, *roles.SEAMS)

_NAMING = ("CreateChangeSet", "CreateStack", "UpdateStack")
_KEEPING = ("ContinueUpdateRollback", "DeleteStack", "RollbackStack")


def install() -> None:
    """Wrap the actions that take a role."""
    actions = original(cfn.ACTIONS)
    for name in (*_NAMING, *_KEEPING):
        actions[name] = _checking(actions[name], keeps=name in _KEEPING)


def _checking(act: Callable[[dict[str, Any]], Answer], *, keeps: bool) -> Callable[[dict[str, Any]], Answer]:
    @functools.wraps(act)
    def check_and_act(params: dict[str, Any]) -> Answer:
        role = str((params.get("RoleARN") or [""])[0])
        if role and not ServiceRole(arn=role, service="cloudformation").assumable():
            return refusal(f"Role {role} is invalid or cannot be assumed")
        stack = cfn.find(str((params.get("StackName") or [""])[0])) if role and keeps else None
        if stack is not None:
            stack[cfn.OPTIONS] = {**stack.get(cfn.OPTIONS, {}), "RoleARN": role}
        return act(params)

    return check_and_act
