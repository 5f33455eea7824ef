"""What a request is authorised as and on, where MiniStack takes another action, or ``*`` for an ARN.

Source: Service Authorization Reference, "AWS CloudFormation", "Amazon CloudWatch" and "AWS Lambda".
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from tapgen.local.extension import cloudformation as cfn
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.local.extension.settings import Settings

_RESOURCE_ARN = Seam(
    module="ministack.core.iam_actions",
    attribute="extract_resource_arn",
    parameters=("service", "method", "path", "headers", "body", "query_params", "region", "account_id"),
    gap="answers * for a change set that is named by its ARN, and for alarms; AWS authorises on stack and alarm ARNs",
)
_IAM_ACTION = Seam(
    module="ministack.core.iam_actions",
    attribute="extract_iam_action",
    parameters=("service", "method", "path", "headers", "body", "query_params"),
    gap="Takes GetAlias for ListAliases.",
)
SEAMS: tuple[Seam, ...] = (_RESOURCE_ARN, _IAM_ACTION, cfn.CHANGE_SETS)


_ONE_ALIAS = re.compile(r"/functions/[^/]+/aliases/[^/]+$")


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Name the actions and the resources."""
    replace(_IAM_ACTION, _told_apart(original(_IAM_ACTION)))
    extract = original(_RESOURCE_ARN)

    @functools.wraps(extract)
    def extract_resource_arn(*arguments: Any) -> Any:
        found = extract(*arguments)
        if found != "*":
            return found
        service, _, _, _, _, query_params, region, account_id = arguments
        if service == "cloudformation":
            return _stack_of(query_params) or found
        action = original(_IAM_ACTION)(*arguments[:6]) if service == "monitoring" else ""
        alarms = f"arn:aws:cloudwatch:{region}:{account_id}:alarm:*"
        return alarms if action == "cloudwatch:DescribeAlarms" else found

    replace(_RESOURCE_ARN, extract_resource_arn)


def _told_apart(extract: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(extract)
    def extract_iam_action(*arguments: Any) -> Any:
        found = extract(*arguments)
        if found == "lambda:ListAliases" and _ONE_ALIAS.search(arguments[2]):
            return "lambda:GetAlias"
        return found

    return extract_iam_action


def _stack_of(query_params: Mapping[str, Any]) -> str:
    """The ARN of the stack that a change set belongs to; empty when the request names none."""
    named = query_params.get("ChangeSetName", "")
    name = named[0] if isinstance(named, list) and named else named
    change_set = original(cfn.CHANGE_SETS).get(name) or {}
    return str(change_set.get("StackId", ""))
