"""Who may do what now and could not before: grants of roles, and statements of resources' own policies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tapgen.diff.difference import PermissionDifference
from tapgen.iam.delta import compare_releases
from tapgen.iam.grants import listed
from tapgen.iam.resolution import Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tapgen.diff.side import Side

_POLICY_PROPERTIES = ("PolicyDocument", "KeyPolicy")
_ROLE_TYPES = {"AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}
_PERMISSION = "AWS::Lambda::Permission"


@dataclass(frozen=True, kw_only=True, order=True)
class _Grant:
    place: str
    effect: Literal["Allow", "Deny"]
    who: str
    action: str
    resource: str
    condition: str


def compare_permissions(before: Side, after: Side) -> tuple[PermissionDifference, ...]:
    """Grants that came and grants that went; actions that share everything else are one difference.

    Args:
        before: With the hashes of ``after`` in its logical ids, so that a new version changes no grant.
        after: The release that will be.
    """
    delta = compare_releases(before.templates, after.templates)
    old, new = set(_resource_grants(before)), set(_resource_grants(after))
    roles = {
        change: [
            _Grant(place="", effect="Allow", who=g.role, action=g.action, resource=g.resource, condition=g.condition)
            for g in grants
        ]
        for change, grants in (("added", delta.added), ("removed", delta.removed))
    }
    return (
        *_grouped("added", [*roles["added"], *(new - old)]),
        *_grouped("removed", [*roles["removed"], *(old - new)]),
    )


def _grouped(change: Literal["added", "removed"], grants: Iterable[_Grant]) -> Iterator[PermissionDifference]:
    groups: dict[tuple[str, Literal["Allow", "Deny"], str, str, str], list[str]] = {}
    for each in sorted(grants):
        groups.setdefault((each.place, each.effect, each.who, each.resource, each.condition), []).append(each.action)
    for (place, effect, who, resource, condition), actions in groups.items():
        yield PermissionDifference(
            change=change,
            effect=effect,
            who=who,
            actions=tuple(actions),
            resource=resource,
            condition=condition,
            place=place,
        )


def _resource_grants(side: Side) -> Iterator[_Grant]:
    for place, kind, properties in Resolution(side.templates).resources():
        if kind == _PERMISSION:
            yield _of_permission(place, properties)
        elif kind not in _ROLE_TYPES:
            for name in _POLICY_PROPERTIES:
                yield from _of_document(place, properties.get(name) or {})


def _of_permission(place: str, properties: Mapping[str, Any]) -> _Grant:
    source = properties.get("SourceArn")
    return _Grant(
        place=place,
        effect="Allow",
        who=_text(properties["Principal"]),
        action=properties["Action"],
        resource=_text(properties["FunctionName"]),
        condition=_text({"SourceArn": source}) if source else "",
    )


def _of_document(place: str, document: Mapping[str, Any]) -> Iterator[_Grant]:
    for statement in listed(document.get("Statement", [])):
        for principal in _principals(statement.get("Principal", "*")):
            for action in listed(statement.get("Action", "*")):
                for resource in listed(statement.get("Resource", "*")):
                    condition = statement.get("Condition")
                    yield _Grant(
                        place=place,
                        effect=statement["Effect"],
                        who=principal,
                        action=action,
                        resource=_text(resource),
                        condition=_text(condition) if condition else "",
                    )


def _principals(principal: Any) -> Iterator[str]:
    if not isinstance(principal, dict):
        yield "anybody (*)" if principal == "*" else str(principal)
        return
    for kind, values in principal.items():
        for value in listed(values):
            yield "anybody (*)" if value == "*" else f"{kind} {_text(value)}"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and set(value) in ({"Fn::Sub"}, {"Ref"}):
        return str(next(iter(value.values())))
    return json.dumps(value, sort_keys=True)
