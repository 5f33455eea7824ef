"""AccessDenied names the policy that denied: identity, boundary, session or resource policy.

MiniStack blames an identity-based policy always. IAM user guide, "Troubleshoot access denied error messages": an
explicit Deny is named with the kind of its policy; without one, the kind that allows nothing is.
"""

from __future__ import annotations

import functools
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tapgen.local.extension.settings import Settings

_EVALUATOR, _ACTIONS = "ministack.core.iam_evaluator", "ministack.core.iam_actions"
_EVALUATE = Seam(
    module=_EVALUATOR,
    attribute="evaluate",
    parameters=("ctx", "policies"),
    gap="Decides and does not say which of the policies it was.",
)
_BOUNDARY = Seam(
    module=_EVALUATOR,
    attribute="_permissions_boundary",
    parameters=("store", "name", "account_id"),
    gap="A limit that does not say what it is; AWS names it in a refusal.",
)
_SESSION = Seam(
    module=_EVALUATOR,
    attribute="_session_policy_limits",
    parameters=("session", "account_id"),
    gap="A limit that does not say what it is; AWS names it in a refusal.",
)
_MESSAGE = Seam(
    module=_ACTIONS,
    attribute="identity_denial_message",
    parameters=("action", "principal_arn", "resource", "explicit_deny"),
    gap="Blames an identity-based policy whatever has denied.",
)
_ANSWER = Seam(
    module=_ACTIONS,
    attribute="access_denied_response",
    parameters=("service", "action", "principal_arn", "request_id"),
    gap="Blames an identity-based policy whatever has denied.",
)
_ENFORCE = Seam(
    module=_EVALUATOR,
    attribute="enforce",
    parameters=("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"),
    gap="Its refusal does not say which of the policies it was.",
)
_FIRST_MATCH = Seam(
    module=_EVALUATOR,
    attribute="_first_match",
    parameters=("ctx", "stmts", "effect"),
    gap="called only: whether a statement of a policy fits a request",
)
SEAMS: tuple[Seam, ...] = (_EVALUATE, _ENFORCE, _BOUNDARY, _SESSION, _MESSAGE, _ANSWER, _FIRST_MATCH)

_IDENTITY, _RESOURCE = "an identity-based policy", "a resource-based policy"
_SETTLED = ("error_code", "message", "resource_policy_arn")
"""Options of an answer whose text is not about an identity's policies."""
_IMPLICIT_IDENTITY = "because no identity-based policy allows the {action} action"

_refused: ContextVar[str] = ContextVar("tapgen_refused", default="")
"""Why the request under way is refused, when that is not what MiniStack says anyway."""


class Boundary(list[Any]):
    """The policies of a permissions boundary."""

    explicit, implicit = "a permissions boundary", "permissions boundary"


class SessionPolicies(list[Any]):
    """The policies that a session was given."""

    explicit, implicit = "a session policy", "session policy"


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Name limits, remember why a request was denied, and say it."""
    replace(_BOUNDARY, _named(original(_BOUNDARY), Boundary))
    replace(_SESSION, _named(original(_SESSION), SessionPolicies))
    replace(_EVALUATE, _explaining(original(_EVALUATE)))
    replace(_ENFORCE, _remembering(original(_ENFORCE)))
    replace(_MESSAGE, _saying(original(_MESSAGE)))
    replace(_ANSWER, _answering(original(_ANSWER)))


def reason(context: Any, result: Any, policies: Sequence[Any], limits: Sequence[Any]) -> str:
    """Why a request is denied, as AWS ends its message.

    Args:
        context: The request.
        result: What was decided, a resource's own policy included.
        policies: The identity's.
        limits: Its boundary and its session's policies.
    """
    if getattr(result, "resource_policy_arn", ""):
        return f"with an explicit deny in {_RESOURCE}"
    layers = [(_IDENTITY, policies), *((getattr(limit, "explicit", _IDENTITY), limit) for limit in limits)]
    for kind, layer in layers:
        if _match(context, layer, "Deny"):
            return f"with an explicit deny in {kind}"
    if _match(context, policies, "Allow"):
        for limit in limits:
            if not _match(context, limit, "Allow"):
                kind = getattr(limit, "implicit", "identity-based policy")
                return f"because no {kind} allows the {context.action} action"
        return f"because no resource-based policy allows the {context.action} action"
    return _IMPLICIT_IDENTITY.format(action=context.action)


def told() -> str:
    """Why the request under way is refused; empty where MiniStack's own text is right."""
    return _refused.get()


def _match(context: Any, layer: Sequence[Any], effect: str) -> bool:
    return original(_FIRST_MATCH)(context, [each for statements in layer for each in statements], effect) is not None


def _named(limits_of: Callable[..., Any], kind: type[list[Any]]) -> Callable[..., Any]:
    @functools.wraps(limits_of)
    def named(*args: Any) -> Any:
        return [kind(limit) for limit in limits_of(*args)]

    return named


def _explaining(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(evaluate)
    def evaluate_and_explain(ctx: Any, policies: Any, *limits: Any) -> Any:
        result = evaluate(ctx, policies, *limits)
        if limits and result.decision != "Allow":
            result.reason = reason(ctx, result, policies, limits)
        return result

    return evaluate_and_explain


def _remembering(enforce: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(enforce)
    def enforce_and_remember(*args: Any, **named: Any) -> Any:
        refused = enforce(*args, **named)
        found = str(getattr(refused, "reason", ""))
        _refused.set(found if found.startswith(("because ", "with ")) else "")
        return refused

    return enforce_and_remember


def _saying(message: Callable[..., str]) -> Callable[..., str]:
    @functools.wraps(message)
    def say(action: str, principal_arn: str, resource: str, explicit_deny: Any) -> str:
        found = _refused.get()
        if not found:
            return message(action, principal_arn, resource, explicit_deny)
        return f"User: {principal_arn} is not authorized to perform: {action} on resource: {resource} {found}"

    return say


def _answering(answer: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(answer)
    def answer_with_reason(service: str, action: str, principal_arn: str, request_id: str, **options: Any) -> Any:
        found, settled = _refused.get(), any(options.get(name) for name in _SETTLED)
        if found and not settled:
            options["message"] = f"User: {principal_arn} is not authorized to perform: {action} {found}"
        return answer(service, action, principal_arn, request_id, **options)

    return answer_with_reason
