"""CloudFormation's role compared with what the templates need, since no request shows what it does. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.iam.grants import grants_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tapgen.iam.execution import Reason


def compare_execution(role: str, documents: Iterable[Mapping[str, Any]], reasons: Iterable[Reason]) -> Iterator[str]:
    """What the role has and no type of the templates needs, and what it lacks, one sentence each.

    Args:
        role: Its name.
        documents: Its policies as IAM has them.
        reasons: What the templates need.
    """
    operations: dict[str, Reason] = {}
    for reason in reasons:
        operations.setdefault(reason.action, reason)
    granted = {grant.action: grant for document in documents for grant in grants_of(document)}
    for action in sorted(granted.keys() - operations.keys()):
        yield f"{role}: action {action} of {granted[action].statement} is not needed: no type of the templates uses it"
    for action in sorted(operations.keys() - granted.keys()):
        reason = operations[action]
        yield f"{reason.operation}: {role} lacks {action} ({reason.source})"
