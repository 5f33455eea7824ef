"""Roles: the permissions boundary, which MiniStack's handler drops.

Source: CloudFormation template reference, "AWS::IAM::Role"; IAM API reference, CreateRole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.resource_types import complete
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

    Properties = dict[str, Any]

_ROLES = Seam(
    module="ministack.services.iam",
    attribute="_roles",
    parameters=None,
    gap="PermissionsBoundary of AWS::IAM::Role is dropped, so that a role may do more than its boundary.",
)
_POLICIES = Seam(
    module="ministack.services.iam",
    attribute="_policies",
    parameters=None,
    gap="Used: a boundary must be a policy that exists.",
)
SEAMS: tuple[Seam, ...] = (_ROLES, _POLICIES, cfn.RESOURCE_HANDLERS)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Give roles their boundaries."""
    complete("AWS::IAM::Role", _set_boundary)


def _set_boundary(name: str, props: Properties, before: Properties) -> None:
    role = original(_ROLES)[name]
    boundary = props.get("PermissionsBoundary")
    if not boundary:
        if before.get("PermissionsBoundary"):
            role.pop("PermissionsBoundary", None)
        return
    if boundary not in original(_POLICIES):
        raise ValueError(f"Scope ARN: {boundary} does not exist or is not attachable. (NoSuchEntity)")
    role["PermissionsBoundary"] = boundary
