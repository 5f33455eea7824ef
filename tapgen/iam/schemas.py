"""Compares our table of what CloudFormation calls with the schemas that resource types publish. Pure: reads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tapgen.iam.resource_actions import OPERATIONS, actions_of, omissions, split_actions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


@dataclass(frozen=True, kw_only=True)
class SchemaDifference:
    """An action that one side names for an operation of a resource type, and the other does not."""

    resource_type: str
    operation: str
    action: str
    named_by: Literal["schema", "table"]


def compare_schema(resource_type: str, schema: Mapping[str, Any]) -> Iterator[SchemaDifference]:
    """What the table and a type's schema do not agree on; actions that the table leaves out with a reason are agreed.

    Args:
        resource_type: ``AWS::SQS::Queue`` …, one of ``known_types()``.
        schema: As DescribeType answers it: ``{"handlers": {"create": {"permissions": ["sqs:CreateQueue"]}}}``.
            A type without handlers says nothing, so there is nothing to compare.
    """
    handlers: Mapping[str, Any] = schema.get("handlers", {})
    left_out = {
        action.lower() for kind, text, _ in omissions() if kind == resource_type for action in split_actions(text)
    }
    # Changing tags is part of an update; schemas list its calls apart from the handlers.
    tagging = _lower(schema.get("tagging", {}).get("permissions", ()))
    for operation in OPERATIONS if handlers else ():
        published = list(handlers.get(operation, {}).get("permissions", ()))
        ours = list(_of_schema(resource_type, operation))
        # Schemas spell some actions as the API does not (s3:getObject); IAM takes either.
        for action in _missing(published, {*_lower(ours), *left_out}):
            yield SchemaDifference(resource_type=resource_type, operation=operation, action=action, named_by="schema")
        for action in _missing(ours, {*_lower(published), *tagging}):
            yield SchemaDifference(resource_type=resource_type, operation=operation, action=action, named_by="table")


def _of_schema(resource_type: str, operation: str) -> Iterator[str]:
    """The table's actions for an operation that come from a schema, not from another source."""
    for performed, action, source in actions_of(resource_type):
        if performed == operation and source.startswith("schema of"):
            yield action


def _missing(actions: Iterable[str], known: set[str]) -> list[str]:
    return sorted({action for action in actions if action.lower() not in known})


def _lower(actions: Iterable[str]) -> set[str]:
    return {action.lower() for action in actions}
