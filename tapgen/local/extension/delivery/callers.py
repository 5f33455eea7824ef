"""What the caller of the request at hand may do besides the request: further actions that AWS asks for."""

from __future__ import annotations

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam

from tapgen.local.extension.delivery import roles
from tapgen.local.extension.seams import Seam

SEAMS = (
    *roles.SEAMS,
    Seam(
        module="ministack.core.iam_evaluator",
        attribute="caller_arn",
        parameters=(),
        gap="read only: who has made the request",
    ),
    Seam(
        module="ministack.core.iam_evaluator",
        attribute="_gather_user_policies",
        parameters=("user_name", "account_id"),
        gap="read only: the statements of a user",
    ),
    Seam(module="ministack.services.iam", attribute="_users", parameters=None, gap="read only: the account's users"),
)


def arn() -> str:
    """Who has made the request."""
    return str(iam_evaluator.caller_arn())


def may(action: str, resource_arn: str) -> bool:
    """Whether the policies of the caller allow an action; the root user may everything."""
    caller = arn()
    account = get_account_id()
    resource = caller.rpartition(":")[2]
    kind, _, rest = resource.partition("/")
    if kind == "assumed-role":
        policies = iam_evaluator._gather_role_policies(rest.partition("/")[0], account)  # noqa: SLF001 - a seam
        limits = iam_evaluator._permissions_boundary(iam._roles, rest.partition("/")[0], account)  # noqa: SLF001 - a seam
    elif kind == "user":
        name = rest.rpartition("/")[2]
        policies = iam_evaluator._gather_user_policies(name, account)  # noqa: SLF001 - a seam
        limits = iam_evaluator._permissions_boundary(iam._users, name, account)  # noqa: SLF001 - a seam
    else:
        return True
    context = iam_evaluator.EvalContext(
        principal_arn=caller,
        principal_type="User" if kind == "user" else "AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
        secure_transport=True,
    )
    return bool(iam_evaluator.evaluate(context, policies, *limits).decision == "Allow")
