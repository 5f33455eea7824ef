"""Stack policies that are held: what an update must not modify, replace or delete fails it.

MiniStack keeps a policy and answers it, and updates past it. AWS looks at it for each resource of an update: one that
is denied fails with the statement that denies it, and the stack rolls back. A policy says nothing of creations, of
rollbacks and of the deletion of the whole stack. AWS documentation: "Prevent updates to stack resources".
"""

from __future__ import annotations

import functools
import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.answers import refusal
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.local.extension.cloudformation.answers import Answer
    from tapgen.local.extension.settings import Settings

    Parameters = dict[str, Any]
    Action = Callable[[Parameters], Answer]

SEAMS: tuple[Seam, ...] = (cfn.ACTIONS,)

_POLICY = "_stack_policy"
"""MiniStack's key of a stack's policy."""
_OVERRIDE = "_tapgen_policy_during_update"
_OVERRIDE_PARAMETER = "StackPolicyDuringUpdateBody"


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Take the temporary policy of a direct update, and refuse policies that AWS refuses."""
    actions = original(cfn.ACTIONS)
    actions["UpdateStack"] = functools.wraps(actions["UpdateStack"])(_overriding(actions["UpdateStack"]))
    actions["SetStackPolicy"] = functools.wraps(actions["SetStackPolicy"])(_checking(actions["SetStackPolicy"]))


def denial(stack: cfn.Stack, logical_id: str, resource_type: str, action: str) -> str:
    """Why the stack's policy does not let an update do something; empty when it does.

    Args:
        stack: The record of the stack that is being updated.
        logical_id: Of the resource.
        resource_type: Of the resource.
        action: ``Update:Modify``, ``Update:Replace`` or ``Update:Delete``.
    """
    policy = stack.get(_OVERRIDE) or stack.get(_POLICY)
    if not policy:
        return ""
    statements = list(enumerate(_statements(json.loads(policy)), start=1))
    fitting = [item for item in statements if _fits(item[1], logical_id, resource_type, action)]
    denying = next((item for item in fitting if item[1]["Effect"] == "Deny"), None)
    if denying:
        return _denied(denying[0], action, denying[1].get("Resource", "*"))
    # With a policy, what it does not allow is denied.
    return "" if fitting else _denied(0, action, f"LogicalResourceId/{logical_id}")


def forget_override(stack: cfn.Stack) -> None:
    """The update is over, and with it the policy that was its own."""
    stack.pop(_OVERRIDE, None)


def _denied(number: int, action: str, resource: Any) -> str:
    named = ", ".join(resource) if isinstance(resource, list) else resource
    return f"Action denied by stack policy: Statement [#{number}] does not allow [{action}] for resource [{named}];"


def _fits(statement: dict[str, Any], logical_id: str, resource_type: str, action: str) -> bool:
    actions = _listed(statement.get("Action", ()))
    conditions = [values for operator in statement.get("Condition", {}).items() for values in _types(*operator)]
    return (
        any(pattern in {"Update:*", "*"} or pattern == action for pattern in actions)
        and _is_about(statement, f"LogicalResourceId/{logical_id}")
        and all(any(fnmatchcase(resource_type, pattern) for pattern in patterns) for patterns in conditions)
    )


def _is_about(statement: dict[str, Any], resource: str) -> bool:
    excluding = "NotResource" in statement
    patterns = _listed(statement["NotResource" if excluding else "Resource"])
    return excluding is not any(pattern == "*" or fnmatchcase(resource, pattern) for pattern in patterns)


def _types(operator: str, keys: dict[str, Any]) -> Iterator[list[str]]:
    """The resource types that a condition lets through; AWS knows StringEquals and StringLike of ResourceType."""
    if operator in {"StringEquals", "StringLike"} and "ResourceType" in keys:
        yield _listed(keys["ResourceType"])


def _statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    return _listed(policy.get("Statement", ()))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _overriding(update: Action) -> Action:
    def handle(params: Parameters) -> Answer:
        override = _first(params, _OVERRIDE_PARAMETER)
        fault = _fault(override) if override else ""
        if fault:
            return refusal(fault)
        stack = cfn.find(_first(params, "StackName"))
        if stack and override:
            stack[_OVERRIDE] = override
        answer = update(params)
        if stack and answer[0] != 200:
            forget_override(stack)
        return answer

    return handle


def _checking(set_policy: Action) -> Action:
    def handle(params: Parameters) -> Answer:
        fault = _fault(_first(params, "StackPolicyBody"))
        return refusal(fault) if fault else set_policy(params)

    return handle


def _fault(body: str) -> str:
    """What AWS would refuse of a policy; empty when it would not."""
    if not body:
        return ""
    try:
        statements = _statements(json.loads(body))
    except (ValueError, AttributeError):
        return "Error validating stack policy: Invalid stack policy"
    complete = all(isinstance(statement, dict) and _is_complete(statement) for statement in statements)
    return "" if complete else "Error validating stack policy: Invalid stack policy"


def _is_complete(statement: dict[str, Any]) -> bool:
    about = statement.get("Resource") or statement.get("NotResource")
    everybody = statement.get("Principal") == "*"
    return bool(about and everybody and statement.get("Action") and statement.get("Effect") in {"Allow", "Deny"})


def _first(params: Parameters, name: str) -> str:
    value = params.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value or "")
