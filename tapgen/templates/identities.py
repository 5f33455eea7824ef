"""What every role and policy has in common, by what the organisation demands: path and permissions boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import Sub

from tapgen.naming import Names

if TYPE_CHECKING:
    from tapgen.config.environment import Environment


def place(environment: Environment) -> dict[str, Any]:
    """Properties with the path of a role or policy; none where it is IAM's default."""
    path = environment.iam.path
    return {} if path == "/" else {"Path": path}


def bound(environment: Environment) -> dict[str, Any]:
    """Properties of a role of the service: the path, and the boundary that it carries."""
    arn = Names(environment).boundary_arn
    return {**place(environment), "PermissionsBoundary": Sub(arn) if "${" in arn else arn}


def bound_bootstrap(environment: Environment) -> dict[str, Any]:
    """Properties of a role that bootstrap makes: an organisation's boundary is for it, too; ours is for the service."""
    return bound(environment) if environment.iam.boundary else place(environment)
