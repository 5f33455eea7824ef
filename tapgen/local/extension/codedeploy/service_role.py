"""What the service role of a deployment group lets CodeDeploy do, by the role's real policies.

CodeDeploy assumes the role for every call that it makes: reading alarms, moving the alias, invoking a hook, publishing
to a topic.
"""

from __future__ import annotations

from tapgen.local.extension.codedeploy.errors import Halt, role_lacks_permission, role_missing
from tapgen.local.extension.delivery import roles
from tapgen.local.extension.delivery.roles import ServiceRole

SEAMS = roles.SEAMS

_SERVICE_NAMES = {"lambda": "AWSLambda", "cloudwatch": "AmazonCloudWatch", "sns": "AmazonSNS"}


def exists(role_arn: str) -> bool:
    """Whether the role exists in the caller's account."""
    return _role(role_arn).exists()


def assumable(role_arn: str, group_arn: str) -> bool:
    """Whether the role's trust policy lets CodeDeploy assume it on behalf of a deployment group."""
    return _role(role_arn, group_arn).assumable()


def allows(role_arn: str, action: str, resource_arn: str) -> bool:
    """Whether the role's policies and its boundary allow an action on a resource."""
    return _role(role_arn).allows(action, resource_arn)


def require(role_arn: str, action: str, resource_arn: str) -> None:
    """Refuse a call that CodeDeploy could not make.

    Raises:
        Halt: ``IAM_ROLE_MISSING`` or ``IAM_ROLE_PERMISSIONS`` with AWS's text.
    """
    if not exists(role_arn):
        raise role_missing(role_arn)
    if not allows(role_arn, action, resource_arn):
        service = action.partition(":")[0]
        raise _denied(role_arn, _SERVICE_NAMES[service])


def _denied(role_arn: str, service: str) -> Halt:
    return role_lacks_permission(role_arn, service)


def _role(role_arn: str, group_arn: str = "") -> ServiceRole:
    return ServiceRole(arn=role_arn, service="codedeploy", source_arn=group_arn)
