"""The role in CloudFormation's hands: whether it may make a call, and what AWS says when it may not.

IAM user guide, "Policy evaluation logic" and "Troubleshoot access denied error messages". Every decision is in the
journal of authorizations, as CloudFormation's session makes it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ministack.core import iam_evaluator
from ministack.services import iam

from tapgen.local.extension import denials
from tapgen.local.extension.cloudformation.acting.messages import service_of, status_of
from tapgen.local.extension.delivery.roles import SEAMS as ROLE_SEAMS
from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
    from tapgen.local.extension.cloudformation.acting.calls import Call
    from tapgen.local.extension.cloudformation.acting.place import Place

_EVALUATOR = "ministack.core.iam_evaluator"
SEAMS = (
    *ROLE_SEAMS,
    Seam(
        module=_EVALUATOR,
        attribute="_names_condition_key",
        parameters=("policies", "prefix"),
        gap="called only: whether the tags of resources count",
    ),
    Seam(
        module="ministack.services.tagging",
        attribute="resource_tags",
        parameters=("arn",),
        gap="called only: the tags of a resource",
    ),
)

SESSION = "AWSCloudFormation"
"""The session's name, by which everybody knows CloudFormation in the refusals of services."""

_POLICY_REQUIRED = ("kms",)
"""A key's policy must allow even the owner's own roles (KMS developer guide, "Key policies")."""


@dataclass(frozen=True)
class Refusal:
    """A call that the role may not make.

    Attributes:
        action: What it may not.
        resource: On what.
        text: AWS's words, without what the service adds.
    """

    action: str
    resource: str
    text: str

    @property
    def message(self) -> str:
        """What the event of the resource says."""
        service = f"Service: {service_of(self.action)}, Status Code: {status_of(self.action)}"
        return (
            f'Resource handler returned message: "{self.text} ({service}, Request ID: {uuid.uuid4()})" '
            f"(RequestToken: {uuid.uuid4()}, HandlerErrorCode: AccessDenied)"
        )


class RoleSession:
    """One use of a role, with its policies as they are now.

    Args:
        role_arn: The role.
        place: Account and region of the stack.
    """

    def __init__(self, role_arn: str, place: Place) -> None:
        self._name = role_arn.rpartition("/")[2]
        self._place = place
        self.role_arn = role_arn

    @property
    def arn(self) -> str:
        """The principal."""
        place = self._place
        return f"arn:{place.partition}:sts::{place.account}:assumed-role/{self._name}/{SESSION}"

    def refusal(self, call: Call) -> Refusal | None:
        """Why the role may not make a call; None when it may."""
        service = call.action.partition(":")[0]
        context = self._context(call, service)
        result = iam_evaluator.evaluate(context, self._policies, *self._limits)
        found = iam_evaluator._resource_policy(service, call.resource)  # noqa: SLF001 - a seam
        if found is not None:
            required = service in _POLICY_REQUIRED
            result = iam_evaluator.combine_resource_policy(
                result, context, *found, required=required, limits=tuple(self._limits)
            )
        if result.decision == "Allow":
            return None
        reason = denials.reason(context, result, self._policies, self._limits)
        text = f"User: {self.arn} is not authorized to perform: {call.action} on resource: {call.resource} {reason}"
        return Refusal(action=call.action, resource=call.resource, text=text)

    @cached_property
    def _policies(self) -> list[Any]:
        found: list[Any] = iam_evaluator._gather_role_policies(self._name, self._place.account)  # noqa: SLF001 - a seam
        return found

    @cached_property
    def _limits(self) -> list[Any]:
        found: list[Any] = iam_evaluator._permissions_boundary(iam._roles, self._name, self._place.account)  # noqa: SLF001 - a seam
        return found

    @cached_property
    def _tags_count(self) -> bool:
        layers = (self._policies, *self._limits)
        return any(iam_evaluator._names_condition_key(layer, "aws:resourcetag/") for layer in layers)  # noqa: SLF001 - a seam

    def _context(self, call: Call, service: str) -> Any:
        context = dict(call.context)
        context.setdefault("aws:tagkeys", None)
        if self._tags_count and call.resource != "*":
            context |= {f"aws:resourcetag/{name}".lower(): value for name, value in self._tags(call).items()}
        return iam_evaluator.EvalContext(
            principal_arn=self.arn,
            principal_type="AssumedRole",
            principal_account=self._place.account,
            action=call.action,
            resource_arn=call.resource,
            region="us-east-1" if service in _GLOBAL else self._place.region,
            secure_transport=True,
            service_context=context,
        )

    @staticmethod
    def _tags(call: Call) -> dict[str, str]:
        """As the service has them; those of the template for what is being made."""
        from ministack.services.tagging import resource_tags

        return dict(resource_tags(call.resource) or call.tags)


_GLOBAL = ("iam", "route53")
"""Services whose requests go to us-east-1 (IAM user guide, "aws:RequestedRegion")."""
