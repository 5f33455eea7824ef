"""The role that CloudFormation assumes, derived from the templates.

Every type in the templates brings the actions of its lifecycle; every action its scope. What the templates do not use
is not in the policies.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tapgen.iam.grants import listed
from tapgen.iam.policies import check_attached, split
from tapgen.iam.references import find_references, find_uses
from tapgen.iam.resource_actions import find_calls, property_names, unknown_type
from tapgen.iam.scopes import Scope, Scoper
from tapgen.naming import ACTIONS_METADATA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tapgen.iam.boundary import Existing
    from tapgen.iam.policies import Document
    from tapgen.naming import Names

_KEY_TYPE = "AWS::KMS::Key"
# Who is handed the roles that a type names (its documentation, "Role").
_PASSED_TO = {
    "AWS::ApiGatewayV2::Authorizer": "apigateway.amazonaws.com",
    "AWS::ApiGatewayV2::Integration": "apigateway.amazonaws.com",
    "AWS::CodeDeploy::DeploymentGroup": "codedeploy.amazonaws.com",
    "AWS::Events::Rule": "events.amazonaws.com",
    "AWS::Lambda::Function": "lambda.amazonaws.com",
    "AWS::S3::Bucket": "s3.amazonaws.com",
    "AWS::SNS::Subscription": "sns.amazonaws.com",
    "AWS::Scheduler::Schedule": "scheduler.amazonaws.com",
}


@dataclass(frozen=True, kw_only=True, order=True)
class Reason:
    """Why an action is there."""

    action: str
    operation: str
    """``create AWS::SQS::Queue``."""
    source: str


@dataclass(frozen=True, kw_only=True)
class Given:
    """What whoever adds a resource says that CloudFormation calls for it.

    Attributes:
        type: ``AWS::Kinesis::Stream``.
        actions: ``kinesis:CreateStream`` …
        resources: Where they act, as ARNs or ``Fn::Sub`` patterns; empty: on names of the service.
    """

    type: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """What the policies are derived from.

    Attributes:
        names: Of the environment, without suffix.
        project: The value of its tag Project.
        templates: All of them, the root included.
        existing: What the service uses that somebody else made, beside what its roles' policies name.
        given: What CloudFormation calls for types that tapgen does not know, beside what the resources' metadata say.
    """

    names: Names
    project: str
    templates: tuple[Mapping[str, Any], ...]
    existing: tuple[Existing, ...] = ()
    given: tuple[Given, ...] = ()

    def resources(self, *types: str) -> Iterator[Mapping[str, Any]]:
        """Resources of these types; all of them when none is named."""
        for _, resource in self.named():
            if not types or resource["Type"] in types:
                yield resource

    def named(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """(logical id, resource) of everything in the templates."""
        for template in self.templates:
            yield from template["Resources"].items()

    @cached_property
    def types(self) -> dict[str, frozenset[str]]:
        """Resource type → the names of all properties that its resources have, at any depth."""
        found: dict[str, frozenset[str]] = {}
        for resource in self.resources():
            kind = resource["Type"]
            found[kind] = found.get(kind, frozenset()) | property_names(resource.get("Properties", {}))
        return found

    @cached_property
    def ceiling(self) -> tuple[Existing, ...]:
        """What the boundary has to let roles use beside the service's own names."""
        return tuple(sorted({*self.existing, *find_uses(self.templates, ours=self.names.prefix_pattern)}))

    @cached_property
    def used(self) -> tuple[Existing, ...]:
        """What CloudFormation uses that somebody else made."""
        return tuple(sorted({*self.existing, *find_references(self.templates, ours=self.names.prefix_pattern)}))

    @cached_property
    def told(self) -> tuple[Given, ...]:
        """What whoever added a resource says that CloudFormation calls for it."""
        found = [
            Given(type=resource["Type"], actions=tuple(resource["Metadata"][ACTIONS_METADATA]))
            for resource in self.resources()
            if ACTIONS_METADATA in resource.get("Metadata", {})
        ]
        return (*self.given, *found)

    @property
    def services(self) -> tuple[str, ...]:
        """The services that the service's roles are handed to: by whom they trust, and by what uses those of others."""
        found = {
            service
            for role in self.resources("AWS::IAM::Role")
            for statement in listed(role["Properties"]["AssumeRolePolicyDocument"]["Statement"])
            for service in listed(statement.get("Principal", {}).get("Service", ()))
        }
        found |= {
            _PASSED_TO[resource["Type"]] for resource in self.resources(*_PASSED_TO) if self._names_role(resource)
        }
        return tuple(sorted(found))

    def _names_role(self, resource: Mapping[str, Any]) -> bool:
        """Whether it uses a role that somebody else made."""
        named = find_references([{"Resources": {"": resource}}], ours=self.names.prefix_pattern)
        return any(item.service == "iam" for item in named)


def execution_reasons(blueprint: Blueprint) -> list[Reason]:
    """Every action of the execution role with each operation that needs it.

    Raises:
        RenderError: Nobody says what a type of the templates needs.
    """
    has_key = _KEY_TYPE in blueprint.types or any(item.service == "kms" for item in blueprint.used)
    found = {
        Reason(action=action, operation=f"{operation} {kind}", source=source)
        for kind, properties in blueprint.types.items()
        for operation, action, source in _calls(blueprint, kind, properties)
        # AWS's own keys need no permission of anybody's.
        if has_key or not action.startswith("kms:")
    }
    return sorted(found)


def execution_policies(blueprint: Blueprint) -> list[Document]:
    """The role's managed policies, each within IAM's size limit.

    Raises:
        RenderError: Nobody says what a type of the templates needs; or they are more than IAM attaches.
    """
    scoper = Scoper(blueprint.names, project=blueprint.project, types=blueprint.types, existing=blueprint.used)
    asked = {(action, item.resources) for item in blueprint.told if item.resources for action in item.actions}
    scoped: dict[str, set[str]] = {}
    for action in {reason.action for reason in execution_reasons(blueprint)} - {"iam:PassRole"}:
        given = [Scope(resources=resources) for name, resources in asked if name == action]
        for scope in given or scoper.scopes(action):
            scoped.setdefault(json.dumps([scope.resources, scope.condition], sort_keys=True), set()).add(action)
    statements = [
        _statement(sorted(found), *json.loads(scope))
        for scope, found in sorted(scoped.items(), key=lambda item: (min(item[1]), item[0]))
    ]
    documents = split([*statements, *_pass_roles(blueprint, scoper), *_keep_bootstrap(blueprint.names)])
    check_attached(blueprint.names.execution_role, len(documents))
    return list(documents)


def _calls(blueprint: Blueprint, kind: str, properties: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """(operation, action, source) of a type: by the table, and by whoever added the resource."""
    row = find_calls(kind)
    given = [item for item in blueprint.told if item.type == kind]
    if row is None and not given:
        raise unknown_type(kind, next(name for name, resource in blueprint.named() if resource["Type"] == kind))
    if row is not None:
        yield from row.actions(properties)
    for item in given:
        yield from (("handle", action, "actions= of the resource") for action in item.actions)


def _pass_roles(blueprint: Blueprint, scoper: Scoper) -> Iterator[Document]:
    """Roles go to the services that assume them, and to no other; nested stacks get the execution role itself."""
    if blueprint.services:
        passed = {"StringEquals": {"iam:PassedToService": list(blueprint.services)}}
        yield _statement(["iam:PassRole"], scoper.roles, passed)
    own = {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}
    yield _statement(["iam:PassRole"], [blueprint.names.execution_role_arn], own)


def _keep_bootstrap(names: Names) -> Iterator[Document]:
    """What bootstrap made is named like what the service makes, and is bootstrap's alone to change."""
    roles = [names.execution_role_arn, names.deployer_role_arn]
    policies = [names.boundary_arn, names.execution_policies_arn]
    changes = [
        f"iam:{verb}*" for verb in ("Attach", "Create", "Delete", "Detach", "Put", "Set", "Tag", "Untag", "Update")
    ]
    yield {"Sid": "KeepRoles", **_statement(changes, [*roles, *policies], {}), "Effect": "Deny"}
    elsewhere = {"StringNotEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}
    yield {"Sid": "KeepRolesFromOthers", **_statement(["iam:PassRole"], roles, elsewhere), "Effect": "Deny"}
    artifacts = [f"arn:${{AWS::Partition}}:s3:::{names.artifact_bucket}"]
    yield {"Sid": "KeepArtifacts", **_statement(["s3:Delete*", "s3:Put*"], artifacts, {}), "Effect": "Deny"}


def _statement(actions: list[str], resources: Iterable[str], condition: Mapping[str, Any]) -> Document:
    made: Document = {
        "Effect": "Allow",
        "Action": actions,
        "Resource": [resource if "${" not in resource else {"Fn::Sub": resource} for resource in resources],
    }
    return made | ({"Condition": dict(condition)} if condition else {})
