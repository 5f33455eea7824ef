"""What two releases let roles do, compared: grants that came and grants that went. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.iam.grants import grants_of, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Templates = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True, order=True)
class RoleGrant:
    """One action of a role on one resource, under one condition."""

    role: str
    action: str
    resource: str
    condition: str
    """As JSON; empty without one."""


@dataclass(frozen=True, kw_only=True)
class Delta:
    """From one release to another."""

    added: tuple[RoleGrant, ...]
    removed: tuple[RoleGrant, ...]


def compare_releases(before: Templates, after: Templates) -> Delta:
    """What the roles of ``after`` may do and those of ``before`` may not, and the other way round.

    A grant whose condition changed is both: nobody can tell from two texts which of them lets more through.
    """
    old, new = set(_grants(before)), set(_grants(after))
    return Delta(added=tuple(sorted(new - old)), removed=tuple(sorted(old - new)))


def _grants(templates: Templates) -> Iterator[RoleGrant]:
    for template in templates:
        for name, resource in template["Resources"].items():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::IAM::Role":
                role = properties.get("RoleName", name)
                yield from _of_documents(role, (policy["PolicyDocument"] for policy in properties.get("Policies", ())))
                yield from _trust(role, properties["AssumeRolePolicyDocument"])
            elif resource["Type"] == "AWS::IAM::Policy":
                for role in properties["Roles"]:
                    yield from _of_documents(_text(role), [properties["PolicyDocument"]])


def _of_documents(role: str, documents: Iterable[Mapping[str, Any]]) -> Iterator[RoleGrant]:
    for document in documents:
        for grant in grants_of(document):
            yield RoleGrant(
                role=role,
                action=grant.action,
                resource=_text(grant.resource),
                condition=json.dumps(grant.condition, sort_keys=True) if grant.condition else "",
            )


def _trust(role: str, document: Mapping[str, Any]) -> Iterator[RoleGrant]:
    """Who may assume the role counts as what the role grants."""
    for statement in document["Statement"]:
        for action in listed(statement["Action"]):
            principal = json.dumps(statement["Principal"], sort_keys=True)
            condition = statement.get("Condition")
            text = json.dumps(condition, sort_keys=True) if condition else ""
            yield RoleGrant(role=role, action=action, resource=principal, condition=text)


def _text(resource: Any) -> str:
    if isinstance(resource, str):
        return resource
    return str(resource["Fn::Sub"]) if set(resource) == {"Fn::Sub"} else json.dumps(resource, sort_keys=True)
