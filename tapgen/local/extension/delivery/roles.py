"""What a role lets a service of AWS do, by the role's trust policy, its policies and its permissions boundary.

MiniStack never assumes a role for a service by itself, so nothing would notice one that lacks a permission.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam

from tapgen.local.authorizations import SERVICE_SESSION
from tapgen.local.extension.seams import Seam

_EVALUATOR = "ministack.core.iam_evaluator"
SEAMS = (
    Seam(
        module=_EVALUATOR,
        attribute="_gather_role_policies",
        parameters=("role_name", "account_id"),
        gap="read only: the statements of a role, to evaluate calls that a service makes with it",
    ),
    Seam(
        module=_EVALUATOR,
        attribute="_permissions_boundary",
        parameters=("store", "name", "account_id"),
        gap="read only: the permissions boundary of a role",
    ),
    Seam(
        module=_EVALUATOR,
        attribute="_service_principal_matches",
        parameters=("principal", "service"),
        gap="read only: whether a trust policy names a service",
    ),
    Seam(
        module=_EVALUATOR,
        attribute="_conditions_met",
        parameters=("conditions", "ctx"),
        gap="read only: whether the conditions of a trust policy hold",
    ),
    Seam(
        module=_EVALUATOR,
        attribute="_resource_policy",
        parameters=("service", "resource_arn"),
        gap="read only: the policy of a queue, a topic or a function",
    ),
    Seam(module="ministack.services.iam", attribute="_roles", parameters=None, gap="read only: the account's roles"),
)


@dataclass(frozen=True, kw_only=True)
class ServiceRole:
    """A role in the hands of a service.

    Attributes:
        arn: The role's ARN.
        service: The service that assumes it: ``codedeploy``, ``scheduler``, ``lambda``.
        source_arn: What the service assumes it for: ``aws:SourceArn`` in conditions of the trust policy.
    """

    arn: str
    service: str
    source_arn: str = ""

    @property
    def name(self) -> str:
        """The role's name."""
        return self.arn.rpartition("/")[2]

    def exists(self) -> bool:
        """Whether the role exists in the caller's account."""
        return self._record() is not None

    def assumable(self) -> bool:
        """Whether the role's trust policy lets the service assume it."""
        role = self._record()
        if role is None:
            return False
        context = self._context("sts:AssumeRole", self.arn)
        context.service_context = {"aws:sourceaccount": get_account_id(), "aws:sourcearn": self.source_arn}
        document = role.get("AssumeRolePolicyDocument") or {}
        statements = (json.loads(document) if isinstance(document, str) else document).get("Statement", [])
        matching = [
            statement["Effect"]
            for statement in ([statements] if isinstance(statements, dict) else statements)
            if self._is_trusted(statement, context)
        ]
        return "Allow" in matching and "Deny" not in matching

    def allows(self, action: str, resource_arn: str) -> bool:
        """Whether the role's policies, its boundary and the resource's own policy allow an action together."""
        account = get_account_id()
        context = self._context(action, resource_arn)
        limits = iam_evaluator._permissions_boundary(iam._roles, self.name, account)  # noqa: SLF001 - a seam
        result = iam_evaluator.evaluate(
            context,
            iam_evaluator._gather_role_policies(self.name, account),  # noqa: SLF001 - a seam
            *limits,
        )
        service = action.partition(":")[0]
        found = iam_evaluator._resource_policy(service, resource_arn)  # noqa: SLF001 - a seam
        # MiniStack's default policy of a topic lacks the condition that AWS's has, and would let every role publish.
        if found is not None and service != "sns":
            result = iam_evaluator.combine_resource_policy(result, context, *found, limits=tuple(limits))
        return bool(result.decision == "Allow")

    def session_arn(self) -> str:
        """The principal that the service is while it uses the role; the session's name says that it is the service."""
        return f"arn:aws:sts::{get_account_id()}:assumed-role/{self.name}/{self.service}{SERVICE_SESSION}"

    def _record(self) -> dict[str, Any] | None:
        role: dict[str, Any] | None = iam._roles.get(self.name)  # noqa: SLF001 - a seam
        return role

    def _context(self, action: str, resource_arn: str) -> Any:
        return iam_evaluator.EvalContext(
            principal_arn=self.session_arn(),
            principal_type="AssumedRole",
            principal_account=get_account_id(),
            action=action,
            resource_arn=resource_arn,
            region=get_region(),
            secure_transport=True,
        )

    def _is_trusted(self, statement: dict[str, Any], context: Any) -> bool:
        actions = statement.get("Action", [])
        named = [actions] if isinstance(actions, str) else actions
        if not {"sts:AssumeRole", "sts:*", "*"} & set(named):
            return False
        principal = statement.get("Principal")
        services = (f"{self.service}.amazonaws.com", f"{self.service}.{get_region()}.amazonaws.com")
        if not any(iam_evaluator._service_principal_matches(principal, service) for service in services):  # noqa: SLF001 - a seam
            return False
        return bool(iam_evaluator._conditions_met(statement.get("Condition", {}), context))  # noqa: SLF001 - a seam
