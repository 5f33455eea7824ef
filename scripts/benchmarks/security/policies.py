"""Reads templates' roles and counts what they allow, each action pattern expanded through IAM's catalogue. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapgen.iam.grants import listed, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Statement = Mapping[str, Any]

_MANAGED = json.loads(Path(__file__).with_name("managed_policies.json").read_text(encoding="utf-8"))
"""AWS's managed policies that SAM and CDK attach (AWS managed policy reference, their newest versions)."""


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role that an AWS service assumes, with every Allow statement of its policies.

    Attributes:
        logical_id: Its name in the template.
        service: Who assumes it, without ``.amazonaws.com``.
        statements: Of inline, attached and managed policies.
    """

    logical_id: str
    service: str
    statements: tuple[Statement, ...]


def read_roles(templates: Iterable[Mapping[str, Any]], *services: str) -> list[Role]:
    """The roles that these AWS services assume, in templates whose conditions all fail: nobody sets a parameter.

    Args:
        templates: All of a stack's.
        services: Without ``.amazonaws.com``.

    Raises:
        KeyError: A managed policy of AWS is not in our table.
    """
    resources = {name: item for template in templates for name, item in _without_ifs(template)["Resources"].items()}
    return [
        Role(
            logical_id=name,
            service=service,
            statements=tuple(_statements(name, resource["Properties"], resources)),
        )
        for name, resource in resources.items()
        if resource["Type"] == "AWS::IAM::Role"
        and (service := _service(resource["Properties"]["AssumeRolePolicyDocument"])) in services
    ]


def actions_of(roles: Iterable[Role]) -> frozenset[str]:
    """Every action that the roles may do, in lower case."""
    patterns = {pattern for role in roles for statement in role.statements for pattern in listed(statement["Action"])}
    return frozenset().union(*(_expand(pattern) for pattern in patterns))


def wildcard_actions_of(roles: Iterable[Role]) -> frozenset[str]:
    """The actions that the roles may do because a pattern with a wildcard covers them."""
    patterns = {
        pattern
        for role in roles
        for statement in role.statements
        for pattern in listed(statement["Action"])
        if "*" in pattern or "?" in pattern
    }
    return frozenset().union(*(_expand(pattern) for pattern in patterns))


def unscoped(roles: Iterable[Role]) -> tuple[int, int]:
    """(statements on every resource, those of them without any condition)."""
    found = [
        statement for role in roles for statement in role.statements if "*" in listed(statement.get("Resource", "*"))
    ]
    return len(found), sum(not statement.get("Condition") for statement in found)


def _statements(name: str, properties: Mapping[str, Any], resources: Mapping[str, Any]) -> Iterator[Statement]:
    documents = [policy["PolicyDocument"] for policy in properties.get("Policies", ())]
    documents += [
        item["Properties"]["PolicyDocument"]
        for item in resources.values()
        if item["Type"] == "AWS::IAM::Policy" and any(_names(role, name) for role in item["Properties"]["Roles"])
    ]
    for arn in listed(properties.get("ManagedPolicyArns", [])):
        if isinstance(arn, dict) and arn.get("Ref") in resources:
            documents.append(resources[arn["Ref"]]["Properties"]["PolicyDocument"])
        else:
            yield from _MANAGED[_policy_name(arn)]
    for document in documents:
        yield from (statement for statement in listed(document["Statement"]) if statement["Effect"] == "Allow")


def _names(reference: Any, name: str) -> bool:
    return isinstance(reference, dict) and reference.get("Ref") == name


def _policy_name(arn: Any) -> str:
    """The last segment of an ARN, in whatever function it is wrapped."""
    found = re.search(r"policy/(?:[\w-]+/)*([\w-]+)", json.dumps(arn))
    return found.group(1) if found else json.dumps(arn)


def _service(document: Mapping[str, Any]) -> str:
    statements = listed(document.get("Statement", []))  # none in a document that is written as text
    services = [name for item in statements for name in listed(item.get("Principal", {}).get("Service", ""))]
    return str(services[0]).removesuffix(".amazonaws.com") if services else ""


def _without_ifs(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"Fn::If"}:
            return _without_ifs(value["Fn::If"][2])
        return {key: _without_ifs(item) for key, item in value.items()}
    return [_without_ifs(item) for item in value] if isinstance(value, list) else value


@cache
def _expand(pattern: str) -> frozenset[str]:
    """The actions of IAM's catalogue that a pattern covers; a plain name is itself, known or not."""
    pattern = pattern.lower()
    if "*" not in pattern and "?" not in pattern:
        return frozenset({pattern})
    return frozenset(action for action in _catalogue() if matches(pattern, action))


@cache
def _catalogue() -> frozenset[str]:
    from policy_sentry.querying.all import get_all_actions

    return frozenset(action.lower() for action in get_all_actions())
