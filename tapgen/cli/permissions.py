"""The roles of an environment with a reason for each action, as they would be deployed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.iam.boundary import boundary_policy, boundary_reasons
from tapgen.iam.execution import execution_policies, execution_reasons
from tapgen.iam.explanation import Explained, explain, operations_of
from tapgen.parts.function.role import explain_policy
from tapgen.templates.bootstrap import build_bootstrap, make_blueprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tapgen.config.environment import Environment


def explain_roles(environment: Environment) -> dict[str, list[Explained]]:
    """Role or policy name → its actions, explained; the service's roles first."""
    blueprint = make_blueprint(environment)
    names = blueprint.names
    granted = {names.function_role(part.name): explain_policy(part) for part in environment.service.functions}
    found = {
        name: list(explain(documents, granted=granted.get(name, {})))
        for name, documents in _by_role(blueprint.templates).items()
    }
    found[names.execution_role] = list(
        explain(execution_policies(blueprint), operations_of(execution_reasons(blueprint)))
    )
    if not environment.iam.boundary:
        found[names.boundary] = list(explain([boundary_policy(names, blueprint.ceiling)], boundary_reasons()))
    bootstrap = json.loads(json.dumps(build_bootstrap(environment)))
    for name, documents in _by_role([bootstrap]).items():
        if name != names.execution_role:
            found[name] = list(explain(documents))
    return found


def _by_role(templates: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Role name → its inline policies, those that another stack adds included."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for role in _resources(templates, "AWS::IAM::Role"):
        properties = role["Properties"]
        found[properties["RoleName"]] = [policy["PolicyDocument"] for policy in properties.get("Policies", ())]
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for policy in _resources(templates, kind):
            for name in policy["Properties"].get("Roles", ()):
                found.setdefault(name, []).append(policy["Properties"]["PolicyDocument"])
    return found


def _resources(templates: Iterable[Mapping[str, Any]], kind: str) -> Iterator[Mapping[str, Any]]:
    for template in templates:
        yield from (resource for resource in template["Resources"].values() if resource["Type"] == kind)
