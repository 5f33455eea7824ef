"""What IAM refuses of a role: sizes are counted without white space."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ministack.services import iam

from tapgen.local.extension.cloudformation.service_rules.rule import Rule
from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.local.extension.cloudformation.service_rules.rule import Asked

SEAMS = (
    Seam(
        module="ministack.services.iam", attribute="_roles", parameters=None, gap="read only: the roles of this account"
    ),
)

_ROLE = "AWS::IAM::Role"
_SOURCE = 'IAM user guide, "IAM and AWS STS quotas"'
_LARGEST_INLINE = 10_240
_LARGEST_MANAGED = 6_144
_LARGEST_TRUST = 2_048
_MOST_ATTACHED = 10


def _inline(asked: Asked) -> str:
    policies = {each["PolicyName"]: each["PolicyDocument"] for each in asked.properties.get("Policies") or ()}
    name = asked.physical_id or str(asked.properties.get("RoleName", ""))
    return _inline_fault(name, {**_attached(name), **policies})


def _policy_of_roles(asked: Asked) -> str:
    own = {str(asked.properties.get("PolicyName")): asked.properties.get("PolicyDocument")}
    roles = asked.properties.get("Roles") or [asked.properties.get("RoleName")]
    return next(filter(None, (_inline_fault(str(role), {**_attached(str(role)), **own}) for role in roles)), "")


def _attached(role: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (iam._roles.get(role) or {}).get("InlinePolicies") or {}  # noqa: SLF001 - a seam
    return found


def _inline_fault(role: str, policies: Mapping[str, Any]) -> str:
    if sum(map(_size, policies.values())) > _LARGEST_INLINE:
        return f"Maximum policy size of {_LARGEST_INLINE} bytes exceeded for role {role}"
    return ""


def _managed(asked: Asked) -> str:
    if _size(asked.properties.get("PolicyDocument")) > _LARGEST_MANAGED:
        return f"Cannot exceed quota for PolicySize: {_LARGEST_MANAGED}"
    return ""


def _trust(asked: Asked) -> str:
    if _size(asked.properties.get("AssumeRolePolicyDocument")) > _LARGEST_TRUST:
        return f"Cannot exceed quota for ACLSizePerRole: {_LARGEST_TRUST}"
    return ""


def _attachments(asked: Asked) -> str:
    if len(asked.properties.get("ManagedPolicyArns") or ()) > _MOST_ATTACHED:
        return f"Cannot exceed quota for PoliciesPerRole: {_MOST_ATTACHED}"
    return ""


def _size(document: Any) -> int:
    text = document if isinstance(document, str) else json.dumps(document or {}, ensure_ascii=False)
    return len(re.sub(r"\s", "", text))


def _rules() -> Iterator[Rule]:
    for name, resource_type, find in (
        ("iam-inline-size", _ROLE, _inline),
        ("iam-inline-size", "AWS::IAM::Policy", _policy_of_roles),
        ("iam-inline-size", "AWS::IAM::RolePolicy", _policy_of_roles),
        ("iam-managed-size", "AWS::IAM::ManagedPolicy", _managed),
        ("iam-trust-size", _ROLE, _trust),
        ("iam-attachments", _ROLE, _attachments),
    ):
        yield Rule(name=name, resource_type=resource_type, source=_SOURCE, find=find)


RULES = tuple(_rules())
