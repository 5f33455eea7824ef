"""What the service role of a deployment group lets CodeDeploy do, by the role's real policies.

CodeDeploy assumes the role for every call that it makes: reading alarms, moving the alias, invoking a hook, publishing
to a topic. MiniStack never assumes a service's role by itself, so nothing would notice one that lacks a permission.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam

from tapgen.local.extension.codedeploy.errors import Halt, role_lacks_permission, role_missing
from tapgen.local.extension.seams import Seam

SEAMS = (
    Seam(
        module="ministack.core.iam_evaluator",
        attribute="_gather_role_policies",
        parameters=("role_name", "account_id"),
        gap="read only: the statements of a role, to evaluate calls that a service makes with it",
    ),
    Seam(
        module="ministack.core.iam_evaluator",
        attribute="_permissions_boundary",
        parameters=("store", "name", "account_id"),
        gap="read only: the permissions boundary of a role",
    ),
    Seam(
        module="ministack.core.iam_evaluator",
        attribute="_service_principal_matches",
        parameters=("principal", "service"),
        gap="read only: whether a trust policy names a service",
    ),
    Seam(
        module="ministack.core.iam_evaluator",
        attribute="_conditions_met",
        parameters=("conditions", "ctx"),
        gap="read only: whether the conditions of a trust policy hold",
    ),
    Seam(module="ministack.services.iam", attribute="_roles", parameters=None, gap="read only: the account's roles"),
)

_SERVICE_NAMES = {"lambda": "AWSLambda", "cloudwatch": "AmazonCloudWatch", "sns": "AmazonSNS"}


def exists(role_arn: str) -> bool:
    """Whether the role exists in the caller's account."""
    return _role(role_arn) is not None


def assumable(role_arn: str, group_arn: str) -> bool:
    """Whether the role's trust policy lets CodeDeploy assume it on behalf of a deployment group."""
    role = _role(role_arn)
    if role is None:
        return False
    context = _context(role_arn, "sts:AssumeRole", role_arn)
    context.service_context = {"aws:sourceaccount": get_account_id(), "aws:sourcearn": group_arn}
    document = role.get("AssumeRolePolicyDocument") or {}
    statements = (json.loads(document) if isinstance(document, str) else document).get("Statement", [])
    matching = [
        statement["Effect"]
        for statement in ([statements] if isinstance(statements, dict) else statements)
        if _trusts_codedeploy(statement, context)
    ]
    return "Allow" in matching and "Deny" not in matching


def allows(role_arn: str, action: str, resource_arn: str) -> bool:
    """Whether the role's policies and its boundary allow an action on a resource."""
    name = _name(role_arn)
    account = get_account_id()
    result = iam_evaluator.evaluate(
        _context(role_arn, action, resource_arn),
        iam_evaluator._gather_role_policies(name, account),  # noqa: SLF001 - a seam
        *iam_evaluator._permissions_boundary(iam._roles, name, account),  # noqa: SLF001 - a seam
    )
    return bool(result.decision == "Allow")


def require(role_arn: str, action: str, resource_arn: str) -> None:
    """Refuse a call that CodeDeploy could not make.

    Raises:
        Halt: ``IAM_ROLE_MISSING`` or ``IAM_ROLE_PERMISSIONS`` with AWS's text.
    """
    if not exists(role_arn):
        raise role_missing(role_arn)
    if not allows(role_arn, action, resource_arn):
        service = action.partition(":")[0]
        raise _denied(role_arn, _SERVICE_NAMES[service])


def _denied(role_arn: str, service: str) -> Halt:
    return role_lacks_permission(role_arn, service)


def _role(role_arn: str) -> dict[str, Any] | None:
    role: dict[str, Any] | None = iam._roles.get(_name(role_arn))  # noqa: SLF001 - a seam
    return role


def _name(role_arn: str) -> str:
    return role_arn.rpartition("/")[2]


def _context(role_arn: str, action: str, resource_arn: str) -> Any:
    account = get_account_id()
    return iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{_name(role_arn)}/codedeploy",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
    )


def _trusts_codedeploy(statement: dict[str, Any], context: Any) -> bool:
    actions = statement.get("Action", [])
    named = [actions] if isinstance(actions, str) else actions
    if not {"sts:AssumeRole", "sts:*", "*"} & set(named):
        return False
    principal = statement.get("Principal")
    services = ("codedeploy.amazonaws.com", f"codedeploy.{get_region()}.amazonaws.com")
    if not any(iam_evaluator._service_principal_matches(principal, service) for service in services):  # noqa: SLF001 - a seam
        return False
    return bool(iam_evaluator._conditions_met(statement.get("Condition", {}), context))  # noqa: SLF001 - a seam
