"""Finds the first real cause in the events of a failed operation. Pure.

"Embedded stack … was not successfully updated" and "Resource update cancelled" are consequences; the cause is the first
failed resource that is neither, in whichever stack it happened.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tapgen.model import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tapgen.events import StackEvent

_NESTED_STACK = "AWS::CloudFormation::Stack"
_CONSEQUENCE = re.compile(
    r"^(Resource (creation|update|deletion) cancelled|Embedded stack .* was not successfully|"
    r"The following (hook|resource)\(s\) failed|The following resource\(s\) failed to)",
    re.IGNORECASE,
)

# What CloudFormation or the service says → what to do. The first that matches counts.
_HINTS: tuple[tuple[str, str], ...] = (
    (
        r"not authorized to perform|AccessDenied|access denied",
        "the role that deploys lacks the action named above; add it for exactly this resource",
    ),
    (
        r"already exists",
        (
            "a resource of that name is there and not in this stack, perhaps left by an earlier destroy: "
            "import or delete it, or deploy with another --suffix"
        ),
    ),
    (
        r"UnreservedConcurrentExecution|decreases account's",
        "lower functions.*.reserved_concurrency, or raise the account's Lambda concurrency quota",
    ),
    (r"LimitExceeded|limit exceeded|exceeded.*(quota|limit)", "raise the quota named above, or free some of it"),
    (
        r"(No|not).*(grant|authorized).*kms|kms:.*not authorized|KMS key.*(disabled|pending)",
        "check the state and the policy of the environment's KMS key",
    ),
    (r"ALARM_ACTIVE|alarms have been activated", "a guard alarm stopped the shift: look at the new version's log"),
    (r"lifecycle event validation functions failed", "a traffic hook reported Failed: look at the hook's log"),
    (r"Rate exceeded|Throttl", "AWS throttled CloudFormation: deploy again in a few minutes"),
    (
        r"Invalid.*(issuer|Issuer)|issuer.*(invalid|not reachable)",
        "check api.jwt.issuer: API Gateway reads its metadata",
    ),
    (
        r"Time to live has been modified multiple times",
        "DynamoDB takes one change of a table's expiry an hour: deploy again when an hour has passed",
    ),
    (r"No space left|internal (error|failure)", "deploy again; if it repeats, open a support case with the request id"),
)


def find_cause(events: Iterable[StackEvent]) -> Failure | None:
    """The first failed resource that is not a mere consequence, or None when no event failed."""
    fallback: Failure | None = None
    for event in events:
        if not event.status.endswith("_FAILED"):
            continue
        failure = _failure(event)
        if event.resource_type != _NESTED_STACK and not _CONSEQUENCE.match(event.reason):
            return failure
        fallback = fallback or failure
    return fallback


def hint_for(reason: str) -> str:
    """What to do about a reason, or an empty text when nothing is known."""
    return next((hint for pattern, hint in _HINTS if re.search(pattern, reason, re.IGNORECASE)), "")


def _failure(event: StackEvent) -> Failure:
    return Failure(
        stack=event.stack,
        logical_id=event.logical_id,
        resource_type=event.resource_type,
        status=event.status,
        reason=event.plain_reason,
        hint=hint_for(event.reason),
    )
