"""``iam:PassRole``: who hands CloudFormation a role must be allowed to.

IAM user guide, "Grant a user permissions to pass a role to an AWS service"; CloudFormation user guide, "CloudFormation
service role": a request that names a role is authorised for passing it, with ``iam:PassedToService``; one that leaves
the role to what the stack has is not. The text of the refusal is the one that IAM gives for every action.
"""

from __future__ import annotations

import functools
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from tapgen.local.extension import denials
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_RESOURCE_ARN = Seam(
    module="ministack.core.iam_actions",
    attribute="extract_resource_arn",
    parameters=("service", "method", "path", "headers", "body", "query_params", "region", "account_id"),
    gap="Used: sees a request's parameters just before it is authorised.",
)
_ENFORCE = Seam(
    module="ministack.core.iam_evaluator",
    attribute="enforce",
    parameters=("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"),
    gap="Authorises the request alone, and not the role that it passes on.",
)
_ERROR = Seam(
    module="ministack.core.iam_evaluator",
    attribute="AuthError",
    parameters=("code", "message"),
    gap="Used: a refusal with a text of its own.",
)
SEAMS: tuple[Seam, ...] = (_RESOURCE_ARN, _ENFORCE, _ERROR)

_ACTION = "iam:PassRole"
_PASSED_TO = {"iam:PassedToService": "cloudformation.amazonaws.com"}

_passed: ContextVar[str] = ContextVar("tapgen_passed_role", default="")
"""The role that the request under way names."""


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Authorise the passing of roles to CloudFormation."""
    replace(_RESOURCE_ARN, _remembering(original(_RESOURCE_ARN)))
    replace(_ENFORCE, _enforcing(original(_ENFORCE)))


def _remembering(extract: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(extract)
    def extract_resource_arn(*arguments: Any) -> Any:
        service, query_params = arguments[0], arguments[5]
        named = query_params.get("RoleARN", "") if service == "cloudformation" else ""
        _passed.set(named[0] if isinstance(named, list) and named else str(named or ""))
        return extract(*arguments)

    return extract_resource_arn


def _enforcing(enforce: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(enforce)
    def enforce_with_role(
        access_key_id: str, iam_action: str, service: str, region: str, *others: Any, **named: Any
    ) -> Any:
        role = _passed.get()
        _passed.set("")
        refused = enforce(access_key_id, iam_action, service, region, *others, **named)
        if refused is not None or not role or service != "cloudformation":
            return refused
        denied = enforce(access_key_id, _ACTION, "iam", region, role, dict(_PASSED_TO))
        return _refusal(denied, role) if denied is not None else None

    return enforce_with_role


def _refusal(denied: Any, role: str) -> Any:
    """What IAM says, about the role and not about the request."""
    principal = getattr(denied, "principal_arn", "")
    if not principal:
        return denied  # the credentials themselves are refused
    explicit = "with an explicit deny in an identity-based policy"
    implicit = f"because no identity-based policy allows the {_ACTION} action"
    reason = denials.told() or (explicit if denied.decision == "Deny" else implicit)
    text = f"User: {principal} is not authorized to perform: {_ACTION} on resource: {role} {reason}"
    return original(_ERROR)("AccessDenied", text)
