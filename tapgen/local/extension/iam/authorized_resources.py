"""What a request is authorised as and on, where MiniStack takes another action, or ``*`` for an ARN.

Source: Service Authorization Reference of AWS CloudFormation, Amazon CloudWatch, CloudWatch Logs and AWS Lambda.
"""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.local.extension.settings import Settings

_RESOURCE_ARN = Seam(
    module="ministack.core.iam_actions",
    attribute="extract_resource_arn",
    parameters=("service", "method", "path", "headers", "body", "query_params", "region", "account_id"),
    gap="answers * for a change set that is named by its ARN, for alarms, dashboards and log groups; AWS has ARNs",
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
        if arguments[0] == "scheduler":
            return _schedule_of(arguments[2], _named(arguments[4], arguments[5], "GroupName"), arguments[5], found)
        if found != "*":
            return found
        service, *_, query_params, region, account_id = arguments
        if service == "cloudformation":
            return _stack_of(query_params) or found
        if service == "sqs":
            return _named(arguments[4], query_params, "SourceArn") or found
        if service in ("logs", "monitoring"):
            action = original(_IAM_ACTION)(*arguments[:6])
            return _watched(action, _named(arguments[4], query_params, "DashboardName"), region, account_id) or found
        return found

    replace(_RESOURCE_ARN, extract_resource_arn)


def _schedule_of(path: str, group: str, query_params: Mapping[str, Any], found: str) -> str:
    """The ARN of a schedule in its group, which a request names apart from it, and MiniStack forgets."""
    name = path.partition("/schedules/")[2]
    asked = query_params.get("groupName", group or "default")
    named = asked[0] if isinstance(asked, list) else asked
    return f"{found.partition(':schedule/')[0]}:schedule/{named}/{name}" if name else found


def _watched(action: str, dashboard: str, region: str, account_id: str) -> str:
    """What CloudWatch and its logs authorise on, where that is neither everything nor named by the request."""
    if action == "cloudwatch:DescribeAlarms":
        return f"arn:aws:cloudwatch:{region}:{account_id}:alarm:*"
    if action == "cloudwatch:GetDashboard" and dashboard:
        return f"arn:aws:cloudwatch::{account_id}:dashboard/{dashboard}"
    if action == "logs:DescribeLogGroups":
        return f"arn:aws:logs:{region}:{account_id}:log-group:*"
    return ""


def _named(body: bytes, query_params: Mapping[str, Any], field: str) -> str:
    """A field of a JSON request or of a query request; empty when it has none."""
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        document = {}
    value = document.get(field) if isinstance(document, dict) else None
    asked = query_params.get(field, "")
    return str(value or (asked[0] if isinstance(asked, list) and asked else asked))


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
