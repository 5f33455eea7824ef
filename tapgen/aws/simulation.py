"""Asks IAM what a principal may do, without doing it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tapgen.aws.failures import translated
from tapgen.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.aws.session import Aws

_ASSUMED = re.compile(r"arn:(?P<partition>[^:]+):sts::(?P<account>\d+):assumed-role/(?P<role>[^/]+)/.*")


def find_principal(aws: Aws, caller_arn: str) -> str:
    """The ARN whose policies decide for a caller: of a session its role, with the role's path; else the caller's own.

    Raises:
        AwsError: The role cannot be read; without it the path is a guess.
    """
    session = _ASSUMED.fullmatch(caller_arn)
    if session is None:
        return caller_arn
    with translated(f"read the role {session['role']}"):
        return aws.client("iam").get_role(RoleName=session["role"])["Role"]["Arn"]


def find_denied(aws: Aws, principal_arn: str, *, actions: Sequence[str], resource: str) -> list[str]:
    """Those of the actions that the principal may not do on the resource.

    IAM knows the principal's own policies and boundary, and organisation policies; no resource policy is asked
    (IAM API reference, SimulatePrincipalPolicy).

    Raises:
        AwsError: The caller may not ask.
    """
    with translated(f"ask IAM what {principal_arn} may do"):
        pages = aws.client("iam").get_paginator("simulate_principal_policy")
        answers = pages.paginate(PolicySourceArn=principal_arn, ActionNames=list(actions), ResourceArns=[resource])
        results = [result for page in answers for result in page["EvaluationResults"]]
    if not results:
        raise AwsError(f"IAM answered nothing about {principal_arn}", hint="is it a user or a role?")
    return [result["EvalActionName"] for result in results if result["EvalDecision"] != "allowed"]
