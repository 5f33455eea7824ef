"""What bootstrap's policies are derived from, and the policies: for its template, and for a release that needs them.

Imports no troposphere: a deploy asks this of templates that are rendered already.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from tapgen.errors import RenderError, UsageError
from tapgen.iam.boundary import boundary_policy, find_beyond
from tapgen.iam.deployer import deployer_policy
from tapgen.iam.execution import Blueprint, execution_policies
from tapgen.iam.needs import BOUNDARY, DEPLOYER, EXECUTION, Needs
from tapgen.naming import Names
from tapgen.parts.queue.model import Queue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tapgen.config.environment import Environment

_SHOWN = 10


def blueprint_of(environment: Environment, templates: Iterable[Mapping[str, Any]]) -> Blueprint:
    """Of an environment, whatever the suffix that its templates were rendered for."""
    environment = dataclasses.replace(environment, suffix=None)
    return Blueprint(names=Names(environment), project=environment.cost_tags["Project"], templates=tuple(templates))


def needs_of(environment: Environment, templates: Iterable[Mapping[str, Any]]) -> Needs:
    """What bootstrap has to have made for these templates.

    Raises:
        UsageError: A production environment has a suffix.
        RenderError: A policy does not fit, a type's calls are not known, or a role may do what the boundary refuses.
    """
    if environment.production and environment.suffix:
        raise UsageError(
            f"--suffix {environment.suffix!r}: {environment.name} is production and has one deployment alone",
            why="the roles of a production environment act on its own names, and nothing beside it reaches its data",
            hint="leave the suffix out, or deploy an environment that is not production",
            code="production-suffix",
        )
    blueprint = blueprint_of(environment, templates)
    policies: dict[str, list[Any]] = {EXECUTION: list(execution_policies(blueprint))}
    if not environment.iam.boundary:
        ceiling = boundary_policy(blueprint.names, blueprint.ceiling)
        _check_ceiling(ceiling, blueprint)
        policies[BOUNDARY] = [ceiling]
    if environment.deployer.principals or environment.deployer.github:
        policies[DEPLOYER] = [deployer_document(environment, blueprint)]
    # As they stand in a template that was written and read again.
    return Needs(policies=json.loads(json.dumps(policies)))


def deployer_document(environment: Environment, blueprint: Blueprint) -> Any:
    """What the deployer of the environment may do, whether anybody is trusted with its role or not."""
    types = set(blueprint.types)
    # Nobody asks a queue how much waits that holds no failures.
    if not any(part.holds_failures for part in environment.service.of(Queue)):
        types.discard("AWS::SQS::Queue")
    return json.loads(deployer_policy(blueprint.names, types).to_json())


def _check_ceiling(ceiling: Mapping[str, Any], blueprint: Blueprint) -> None:
    beyond = [
        f"{role}: {grant.action} on {grant.resource}" for role, grant in find_beyond(ceiling, blueprint.templates)
    ]
    if beyond:
        more = [f"… and {len(beyond) - _SHOWN} more"] if len(beyond) > _SHOWN else []
        raise RenderError(
            f"roles of {blueprint.names.deployment} are granted what their permissions boundary refuses",
            why="\n".join([*beyond[:_SHOWN], *more]),
            hint="grant data-plane actions of the service's parts alone; a part kind from outside registers what its "
            "roles need with `tapgen.iam.families.register`",
            code="beyond-boundary",
        )
