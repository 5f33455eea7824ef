"""What two releases let anybody do, compared: grants that came and grants that went. Pure.

Grants stand in roles, in the policies of resources (buckets, topics, queues, keys, functions), and in what they may not
exceed: a Deny or a permissions boundary that is taken away lets more through than before. What a statement comes to is
compared, not how it is written: another parameter for the same stream grants nothing, the same one for another stream
does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from tapgen.iam.grants import listed
from tapgen.iam.resolution import Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tapgen.iam.resolution import Stacks

    Properties = Mapping[str, Any]

BEYOND_BOUNDARY = "whatever exceeds"
"""The action that somebody gains whose permissions boundary, the resource, goes away."""
_RESOURCE_POLICIES = {
    "AWS::S3::BucketPolicy": ("PolicyDocument", "Bucket"),
    "AWS::SNS::TopicPolicy": ("PolicyDocument", "Topics"),
    "AWS::SQS::QueuePolicy": ("PolicyDocument", "Queues"),
    "AWS::KMS::Key": ("KeyPolicy", ""),
}
"""Type → (property with the policy, property that says whose it is; empty for the resource itself)."""
_NAMED = {"AWS::S3::Bucket": "BucketName", "AWS::IAM::Role": "RoleName"}
_POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
_PERMISSION = "AWS::Lambda::Permission"
_SOURCES = ("EventSourceToken", "FunctionUrlAuthType", "PrincipalOrgID", "SourceAccount", "SourceArn")


@dataclass(frozen=True, kw_only=True, order=True)
class RoleGrant:
    """One action of somebody on one resource, under one condition."""

    role: str
    """A role of the service, or the principal that a resource's own policy names."""
    action: str
    resource: str
    condition: str
    """As JSON; empty without one."""


@dataclass(frozen=True, kw_only=True)
class Delta:
    """From one release to another."""

    added: tuple[RoleGrant, ...]
    removed: tuple[RoleGrant, ...]


@dataclass(frozen=True, kw_only=True)
class _Limit:
    """What somebody may not do or exceed."""

    owner: str
    """The role or the resource that it belongs to."""
    text: RoleGrant


def compare_releases(before: Stacks, after: Stacks) -> Delta:
    """What may be done in ``after`` and not in ``before``, and the other way round.

    A grant whose condition changed is both: nobody can tell from two texts which of them lets more through. A limit
    counts while its owner is in both releases: with its owner, what it kept from happening goes, too.
    """
    live, planned = Resolution(before), Resolution(after)
    old, new = set(_grants(live)), set(_grants(planned))
    return Delta(
        added=tuple(sorted({*(new - old), *_lifted(live, planned)})),
        removed=tuple(sorted({*(old - new), *_lifted(planned, live)})),
    )


def _lifted(before: Resolution, after: Resolution) -> Iterator[RoleGrant]:
    """The limits that are gone though their owner is still there."""
    owners, kept = set(_owners(after)), set(_limits(after))
    yield from (limit.text for limit in _limits(before) if limit not in kept and limit.owner in owners)


def _grants(release: Resolution) -> Iterator[RoleGrant]:
    for path, kind, properties in release.resources("AWS::IAM::Role", *_POLICIES, *_RESOURCE_POLICIES, _PERMISSION):
        if kind == "AWS::IAM::Role":
            role = properties.get("RoleName", path)
            for document in _inline(properties):
                yield from _of_role(_text(role), document, effect="Allow")
            for arn in listed(properties.get("ManagedPolicyArns", [])):
                yield RoleGrant(role=_text(role), action="all of a managed policy", resource=_text(arn), condition="")
            yield from _trust(_text(role), properties["AssumeRolePolicyDocument"], effect="Allow")
        elif kind in _POLICIES:
            for role in properties.get("Roles", ()):
                yield from _of_role(_text(role), properties["PolicyDocument"], effect="Allow")
        elif kind in _RESOURCE_POLICIES:
            yield from _of_resource(properties.get(_RESOURCE_POLICIES[kind][0], {}), effect="Allow")
        else:
            source = {key: properties[key] for key in _SOURCES if key in properties}
            yield RoleGrant(
                role=_text(properties["Principal"]),
                action=properties["Action"],
                resource=_text(properties["FunctionName"]),
                condition=_condition(source),
            )


def _limits(release: Resolution) -> Iterator[_Limit]:
    for path, kind, properties in release.resources("AWS::IAM::Role", *_RESOURCE_POLICIES):
        if kind == "AWS::IAM::Role":
            role = _text(properties.get("RoleName", path))
            if boundary := properties.get("PermissionsBoundary"):
                beyond = RoleGrant(role=role, action=BEYOND_BOUNDARY, resource=_text(boundary), condition="")
                yield _Limit(owner=role, text=beyond)
            for document in _inline(properties):
                yield from _denials(role, _of_role(role, document, effect="Deny"))
            yield from _denials(role, _trust(role, properties["AssumeRolePolicyDocument"], effect="Deny"))
        else:
            where, whose = _RESOURCE_POLICIES[kind]
            denied = list(_of_resource(properties.get(where, {}), effect="Deny"))
            for owner in map(_text, listed(properties[whose])) if whose else [_reference(path)]:
                yield from _denials(owner, denied)


def _denials(owner: str, denied: Iterable[RoleGrant]) -> Iterator[_Limit]:
    for grant in denied:
        text = RoleGrant(
            role=grant.role,
            action=f"{grant.action}, denied before,",
            resource=grant.resource,
            condition=grant.condition,
        )
        yield _Limit(owner=owner, text=text)


def _owners(release: Resolution) -> Iterator[str]:
    """What limits can belong to, by reference and by name."""
    yield from map(_reference, release.paths())
    for _, kind, properties in release.resources(*_NAMED):
        if _NAMED[kind] in properties:
            yield _text(properties[_NAMED[kind]])


def _reference(path: str) -> str:
    """A resource as a statement that names it says it."""
    return f"${{{path}}}"


def _inline(properties: Properties) -> Iterator[Mapping[str, Any]]:
    yield from (policy["PolicyDocument"] for policy in properties.get("Policies", ()))


def _of_role(role: str, document: Mapping[str, Any], *, effect: str) -> Iterator[RoleGrant]:
    for statement in _statements(document, effect):
        for action, resource in product(_values(statement, "Action"), _values(statement, "Resource")):
            yield RoleGrant(
                role=role, action=action, resource=resource, condition=_condition(statement.get("Condition"))
            )


def _of_resource(document: Mapping[str, Any], *, effect: str) -> Iterator[RoleGrant]:
    """A resource's own policy, by the principals that it names."""
    for statement in _statements(document, effect):
        condition = _condition(statement.get("Condition"))
        elements = (list(_values(statement, element)) for element in ("Principal", "Action", "Resource"))
        for principal, action, resource in product(*elements):
            yield RoleGrant(role=principal, action=action, resource=resource, condition=condition)


def _trust(role: str, document: Mapping[str, Any], *, effect: str) -> Iterator[RoleGrant]:
    """Who may assume the role counts as what the role grants."""
    for statement in _statements(document, effect):
        condition = _condition(statement.get("Condition"))
        for action, principal in product(_values(statement, "Action"), _values(statement, "Principal")):
            yield RoleGrant(role=role, action=action, resource=principal, condition=condition)


def _statements(document: Mapping[str, Any], effect: str) -> Iterator[Mapping[str, Any]]:
    yield from (item for item in listed(document.get("Statement", [])) if item["Effect"] == effect)


def _values(statement: Mapping[str, Any], element: str) -> Iterator[str]:
    """The values of an element; those of its opposite (``NotAction``) say so."""
    for key, prefix in ((element, ""), (f"Not{element}", "all but ")):
        if key in statement:
            yield from (f"{prefix}{_text(value)}" for value in listed(statement[key]))


def _condition(condition: Any) -> str:
    return json.dumps(condition, sort_keys=True) if condition else ""


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and set(value) == {"Fn::Sub"} and isinstance(value["Fn::Sub"], str):
        return str(value["Fn::Sub"])
    return json.dumps(value, sort_keys=True)
