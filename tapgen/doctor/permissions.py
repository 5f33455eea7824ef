"""What the caller may not do, of all that ``tapgen deploy`` and its like call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tapgen.aws.simulation import find_denied, find_principal
from tapgen.errors import TapgenError
from tapgen.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.aws.session import Aws

_SHOWN_ACTIONS = 6


def examine_permissions(aws: Aws, statements: list[Mapping[str, Any]]) -> Iterator[Finding]:
    """A finding for each capability that the caller lacks, or one that says nothing is missing.

    Args:
        aws: Whose permissions.
        statements: The deployer role's, as rendered.
    """
    identity = aws.identity()
    if identity.arn.endswith(":root"):
        yield Finding(check="permissions", status="passed", what="the root user may do everything")
        return
    values = {
        "AWS::Partition": identity.arn.split(":")[1],
        "AWS::Region": aws.target.region,
        "AWS::AccountId": identity.account_id,
    }
    try:
        principal = find_principal(aws, identity.arn)
        with ThreadPoolExecutor(8, thread_name_prefix="simulate") as pool:
            denied = list(pool.map(lambda statement: _find_denied(aws, principal, statement, values), statements))
    except TapgenError as error:
        why = f"{error}; it takes iam:SimulatePrincipalPolicy and iam:GetRole"
        yield Finding(check="permissions", status="skipped", what="IAM was not asked", why=why)
        return
    lacking = [(statement, actions) for statement, actions in zip(statements, denied, strict=True) if actions]
    for statement, actions in lacking:
        shown = ", ".join(actions[:_SHOWN_ACTIONS]) + (" …" if len(actions) > _SHOWN_ACTIONS else "")
        yield Finding(
            check="permissions",
            status="failed",
            what=f"{principal} may not {shown}",
            why=f"{statement['Sid']}, on {example_of(statement, values)}",
            fix="work as the deployer role that `tapgen bootstrap` makes, or let somebody allow it",
        )
    if not lacking:
        what = f"{principal} may do all that a deploy does"
        yield Finding(check="permissions", status="passed", what=what)


def _find_denied(aws: Aws, principal: str, statement: Mapping[str, Any], values: Mapping[str, str]) -> list[str]:
    return find_denied(aws, principal, actions=statement["Action"], resource=example_of(statement, values))


def example_of(statement: Mapping[str, Any], values: Mapping[str, str]) -> str:
    """An ARN that the statement's first resource matches: a policy that allows the pattern allows it."""
    first = statement["Resource"][0]
    pattern: str = first["Fn::Sub"] if isinstance(first, dict) else first
    for name, value in values.items():
        pattern = pattern.replace(f"${{{name}}}", value)
    return pattern if pattern == "*" else pattern.replace("*", "x")
