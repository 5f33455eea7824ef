"""Policy documents inside finished templates: their statements, and the values in them as text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import listed, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.elements.templates import Resource

_DOCUMENTS = ("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument")
Statement = dict[str, Any]


def statements_of(resource: Resource) -> Iterator[Statement]:
    """Every statement of a resource's policies, those of who may assume a role among them."""
    for document in _DOCUMENTS:
        yield from in_document(resource.properties.get(document))
    for policy in listed(resource.properties.get("Policies")):
        yield from in_document(mapping(policy).get("PolicyDocument"))


def in_document(document: Any) -> Iterator[Statement]:
    """The statements of a policy document; none of what is no document."""
    yield from (item for item in listed(mapping(document).get("Statement")) if isinstance(item, dict))


def actions_of(statement: Mapping[str, Any]) -> list[str]:
    """The actions; none where the statement has ``NotAction``."""
    return [str(action) for action in listed(statement.get("Action"))]


def resources_of(statement: Mapping[str, Any]) -> list[str]:
    """The resources as text."""
    return [as_text(resource) for resource in listed(statement.get("Resource"))]


def as_text(value: Any) -> str:
    """A literal as it is, a pattern without its function, any other function as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and isinstance(value.get("Fn::Sub"), str):
        return str(value["Fn::Sub"])
    return json.dumps(value, sort_keys=True)
