"""What a private embedded AWS has in place of what others own: the zone of a domain name, and roles of functions.

A rehearsal and a proof deploy the same templates as to AWS, where the owners have made them. What a stand-in allows
says nothing of the original.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tapgen.aws.session import Aws
    from tapgen.config.environment import Environment

_ROLE = re.compile(r"arn:[^:]+:iam::[^:]+:role(?P<path>/(?:.+/)?)(?P<name>[^/]+)")
_TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
# Its owner answers for what the original may do; here it is not on trial.
_EVERYTHING: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def stand_in(aws: Aws, environment: Environment) -> None:
    """Make the stand-ins of an environment on a private embedded AWS; what is there stays.

    Args:
        aws: Clients of it.
        environment: Whose service is about to be deployed.
    """
    _stand_in_for_zone(aws, environment)
    for arn in sorted({part.role_arn for part in environment.service.functions if part.role_arn}):
        _stand_in_for_role(aws, arn)


def _stand_in_for_zone(aws: Aws, environment: Environment) -> None:
    domain = environment.api.domain
    if domain is None or not domain.hosted_zone_id:
        return
    # The zone's own name is not known here; that of the domain is a zone that can hold its records.
    aws.client("route53").create_hosted_zone(Name=domain.name, CallerReference=f"id:{domain.hosted_zone_id}")


def _stand_in_for_role(aws: Aws, arn: str) -> None:
    found = _ROLE.fullmatch(arn)
    if not found:
        return
    client, name = aws.client("iam"), found["name"]
    try:
        client.create_role(Path=found["path"], RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))
    except client.exceptions.EntityAlreadyExistsException:
        return
    client.put_role_policy(RoleName=name, PolicyName="stand-in", PolicyDocument=json.dumps(_EVERYTHING))
