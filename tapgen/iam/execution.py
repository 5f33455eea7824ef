"""The role that CloudFormation assumes, and the boundary of the roles it makes: derived from the templates.

Every type in the templates brings the actions of its lifecycle; every action its scope. What the templates do not use
is not in the policies.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tapgen.iam.grants import listed
from tapgen.iam.resource_actions import actions_of
from tapgen.iam.roles import VERSION
from tapgen.iam.scopes import IN_REGION, Scoper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tapgen.naming import Names

MAX_MANAGED_CHARACTERS = 6144
"""Of a managed policy, white space not counted (IAM user guide, "IAM and AWS STS quotas")."""
_LONGEST = {
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": "ap-southeast-1",
    "AWS::AccountId": "0" * 12,
    "AWS::URLSuffix": "amazonaws.com.cn",
}
_KEY_TYPE = "AWS::KMS::Key"

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True, order=True)
class Reason:
    """Why an action is there."""

    action: str
    operation: str
    """``create AWS::SQS::Queue``."""
    source: str


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """What the policies are derived from.

    Attributes:
        names: Of the environment, without suffix.
        project: The value of its tag Project.
        templates: All of them, the root included.
    """

    names: Names
    project: str
    templates: tuple[Mapping[str, Any], ...]

    def resources(self, *types: str) -> Iterator[Mapping[str, Any]]:
        """Resources of these types; all of them when none is named."""
        for template in self.templates:
            for resource in template["Resources"].values():
                if not types or resource["Type"] in types:
                    yield resource

    @property
    def roles(self) -> dict[str, str]:
        """Role without its prefix → the service that assumes it."""
        found = {}
        for role in self.resources("AWS::IAM::Role"):
            properties = role["Properties"]
            (statement,) = properties["AssumeRolePolicyDocument"]["Statement"]
            found[properties["RoleName"].removeprefix(f"{self.names.prefix}-")] = statement["Principal"]["Service"]
        return found


def execution_reasons(blueprint: Blueprint) -> list[Reason]:
    """Every action of the execution role with each operation that needs it.

    Raises:
        KeyError: A type of the templates is not in the table.
    """
    types = sorted({resource["Type"] for resource in blueprint.resources()})
    has_key = _KEY_TYPE in types
    return sorted(
        {
            Reason(action=action, operation=f"{operation} {resource_type}", source=source)
            for resource_type in types
            for operation, action, source in actions_of(resource_type)
            # AWS's own keys need no permission of anybody's.
            if has_key or not action.startswith("kms:")
        }
    )


def execution_policies(blueprint: Blueprint) -> list[Document]:
    """The role's managed policies, each within IAM's size limit."""
    scoper = Scoper(blueprint.names, project=blueprint.project, roles=tuple(blueprint.roles))
    actions = {reason.action for reason in execution_reasons(blueprint)} - {"iam:PassRole"}
    scoped: dict[str, set[str]] = {}
    for action in actions:
        scope = scoper.scope(action)
        scoped.setdefault(json.dumps([scope.resources, scope.condition], sort_keys=True), set()).add(action)
    statements = [
        _statement(sorted(found), *json.loads(scope))
        for scope, found in sorted(scoped.items(), key=lambda i: min(i[1]))
    ]
    return _pack([*statements, *_pass_roles(blueprint, scoper)])


def boundary_policy(blueprint: Blueprint) -> Document:
    """What no role of the service may exceed: what all of them may do, in every deployment of the environment.

    Conditions stay with the roles' own policies; the boundary is the outer limit.
    """
    granted: dict[str, set[str]] = {}
    for document in _role_documents(blueprint):
        for statement in document["Statement"]:
            for resource in listed(statement["Resource"]):
                for pattern in _widened(resource, blueprint.names):
                    granted.setdefault(pattern, set()).update(listed(statement["Action"]))
    grouped: dict[tuple[Any, ...], list[str]] = {}
    for pattern, actions in sorted(granted.items()):
        grouped.setdefault((pattern == "*", *sorted(actions)), []).append(pattern)
    statements = [
        _statement(list(actions), patterns, IN_REGION if everywhere else {})
        for (everywhere, *actions), patterns in sorted(grouped.items())
    ]
    (document,) = _pack(statements)
    return document


def _pass_roles(blueprint: Blueprint, scoper: Scoper) -> Iterator[Document]:
    """Each role goes to the service that assumes it, and to no other; nested stacks get the execution role itself."""
    services = sorted((service, role) for role, service in blueprint.roles.items())
    for service, group in groupby(services, key=lambda item: item[0]):
        yield _pass(scoper.roles(*(role for _, role in group)), service)
    own = f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{blueprint.names.execution_role}"
    yield _pass((own,), "cloudformation.amazonaws.com")


def _pass(roles: Iterable[str], service: str) -> Document:
    return _statement(["iam:PassRole"], list(roles), {"StringEquals": {"iam:PassedToService": service}})


def _statement(actions: list[str], resources: Iterable[str], condition: Mapping[str, Any]) -> Document:
    made: Document = {
        "Effect": "Allow",
        "Action": actions,
        "Resource": [resource if "${" not in resource else {"Fn::Sub": resource} for resource in resources],
    }
    return made | ({"Condition": dict(condition)} if condition else {})


def _role_documents(blueprint: Blueprint) -> Iterator[Document]:
    for role in blueprint.resources("AWS::IAM::Role"):
        yield from (policy["PolicyDocument"] for policy in role["Properties"]["Policies"])
    for policy in blueprint.resources("AWS::IAM::Policy"):
        yield policy["Properties"]["PolicyDocument"]


def _widened(resource: Any, names: Names) -> Iterator[str]:
    """The resource in every deployment of the environment; what has no name yet, as a pattern."""
    text = resource if isinstance(resource, str) else resource.get("Fn::Sub", json.dumps(resource))
    here = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"
    if text.startswith("{"):
        text = here % "kms" + "key/*" if "Key" in text else f"{here % 'dynamodb'}table/{names.prefix}-*/stream/*"
    for prefix in names.prefix_patterns:
        yield text.replace(names.prefix, prefix)
        if names.prefix not in text:
            return


def _pack(statements: Iterable[Document]) -> list[Document]:
    """Documents of these statements, as few as fit."""
    documents: list[Document] = []
    for number, statement in enumerate(statements, start=1):
        numbered = {"Sid": _sid(statement, number), **statement}
        candidate = {"Version": VERSION, "Statement": [*(documents[-1]["Statement"] if documents else ()), numbered]}
        if documents and characters(candidate) <= MAX_MANAGED_CHARACTERS:
            documents[-1] = candidate
        else:
            documents.append({"Version": VERSION, "Statement": [numbered]})
    return documents


def _sid(statement: Document, number: int) -> str:
    service = statement["Action"][0].partition(":")[0]
    return f"{service.title()}{number}"


def characters(document: Mapping[str, Any]) -> int:
    """How many characters IAM counts in the longest region and partition."""
    text = re.sub(r"\s", "", json.dumps(_resolved(document)))
    return len(text)


def _resolved(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"Fn::Sub"}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: _LONGEST[found.group(1)], value["Fn::Sub"])
        if set(value) == {"Ref"}:
            return _LONGEST[value["Ref"]]
        return {key: _resolved(item) for key, item in value.items()}
    return [_resolved(item) for item in value] if isinstance(value, list) else value
