"""A role is assumed by the one service that it is for, and exceeds no boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.policy_documents import as_text, in_document
from tapgen.elements.rule import Found, Rule, show
from tapgen.parts.schedule.model import Schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.templates import Templates

_SUFFIX = ".amazonaws.com"


def _find(templates: Templates) -> Found:
    wanted = dict(_services(templates))
    boundary, path = templates.names.boundary_arn, templates.environment.iam.path
    for role in templates.generated("AWS::IAM::Role"):
        service = wanted.get(str(role.get("RoleName")))
        if service is None:
            continue
        trusted = {
            "Effect": "Allow",
            "Action": ["sts:AssumeRole"],
            "Principal": {"Service": f"{service}{_SUFFIX}"},
        }
        found = [
            {key: value for key, value in statement.items() if key != "Sid"}
            for statement in in_document(role.get("AssumeRolePolicyDocument"))
        ]
        if found != [trusted]:
            yield role, f"may be assumed by {show(found)}; {service}{_SUFFIX} alone is asked for"
        if as_text(role.get("PermissionsBoundary")) != boundary:
            yield role, f"has the boundary {show(role.get('PermissionsBoundary'))}; {boundary} is asked for"
        if (role.get("Path") or "/") != path:
            yield role, f"has the path {show(role.get('Path'))}; {path} is asked for"


def _services(templates: Templates) -> Iterator[tuple[str, str]]:
    """Name of each role → the service that assumes it."""
    names, service = templates.names, templates.environment.service
    yield from ((names.function_role(part.name), "lambda") for part in service.functions)
    yield from ((names.hook_role(hook), "lambda") for hook in names.hooks)
    yield names.function_role("codedeploy"), "codedeploy"
    yield from ((names.function_role(f"{part.name}-schedule"), "scheduler") for part in service.of(Schedule))


RULE = Rule(
    id="role-trust",
    holds="A role of the service is assumed by the one AWS service that it is for, and carries the permissions "
    "boundary and the path of the environment.",
    why="Whoever else may assume a role has what it was granted; without the boundary, a changed policy could "
    "grant anything.",
    source='IAM user guide, "Roles terms and concepts" and "Permissions boundaries for IAM entities"',
    find=_find,
)
