"""Every resource type that somebody has told the calls of: tapgen's own, and those that part kinds bring.

Holds rows and answers from them; decides nothing about who may do what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.errors import RenderError
from tapgen.iam.resource_actions import (
    api_gateway,
    auto_scaling,
    certificates,
    cloudformation,
    cloudwatch,
    codedeploy,
    dynamodb,
    eventbridge,
    functions,
    identity,
    kms,
    logs,
    parameters,
    s3,
    scheduler,
    sns,
    sqs,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.iam.resource_actions.calls import ResourceCalls

_MODULES = (
    api_gateway,
    auto_scaling,
    certificates,
    cloudformation,
    cloudwatch,
    codedeploy,
    dynamodb,
    eventbridge,
    functions,
    identity,
    kms,
    logs,
    parameters,
    s3,
    scheduler,
    sns,
    sqs,
)
_ROWS: dict[str, ResourceCalls] = {row.type: row for module in _MODULES for row in module.ROWS}


def register(*rows: ResourceCalls) -> None:
    """Add the rows of a part kind: at its import, before anything is rendered.

    Raises:
        RenderError: Another row of the type is there and says something else.
    """
    for row in rows:
        known = _ROWS.setdefault(row.type, row)
        if known != row:
            raise RenderError(
                f"{row.type} is registered twice, with different calls",
                why="what CloudFormation may do for a type must not depend on who came last",
                hint="use the row that is there, and pass what is missing as `actions=` of the resource",
                code="resource-type-twice",
            )


def find_calls(resource_type: str) -> ResourceCalls | None:
    """The row of a type, or None when nobody has told it."""
    return _ROWS.get(resource_type)


def actions_of(resource_type: str, properties: frozenset[str] = frozenset()) -> Iterator[tuple[str, str, str]]:
    """(operation, action, source) of everything that CloudFormation calls for a type.

    Args:
        resource_type: ``AWS::SQS::Queue``.
        properties: Names of the properties that a resource of the type has, at any depth.

    Raises:
        RenderError: Nobody has told the calls of the type.
    """
    row = find_calls(resource_type)
    if row is None:
        raise unknown_type(resource_type)
    return row.actions(properties)


def unknown_type(resource_type: str, logical_id: str = "") -> RenderError:
    """What to say of a type that is not in the table, and of which nobody has said what it needs."""
    named = f"{resource_type} of {logical_id}" if logical_id else resource_type
    return RenderError(
        f"nothing says what CloudFormation calls for {named}",
        why="its role is derived from the types of the templates, and this type is not among those that tapgen knows",
        hint=(
            "pass `actions=[…]` with the resource: `aws cloudformation describe-type --type RESOURCE --type-name "
            f"{resource_type}` names them under handlers"
        ),
        code="resource-type-unknown",
    )


def known_types() -> frozenset[str]:
    """Every type of the table."""
    return frozenset(_ROWS)


def omissions() -> Iterator[tuple[str, str, str]]:
    """(type, actions, why) of what the table leaves out of the schemas."""
    for row in _ROWS.values():
        yield from ((row.type, omission.actions, omission.why) for omission in row.omitted)
