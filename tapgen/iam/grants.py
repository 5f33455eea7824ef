"""Finished policy documents read as grants: single (action, resource) pairs, and documents with one part taken away.

Works on plain documents as IAM holds them, with every reference resolved. Makes no policy of its own.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One action on one resource."""

    statement: str
    """The statement's Sid, or its number."""
    action: str
    resource: str
    condition: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, kw_only=True)
class Part:
    """What can be taken away from a statement: one of its actions or one of its resources."""

    index: int
    """The statement's place in the document."""
    statement: str
    kind: Literal["action", "resource"]
    value: str

    def __str__(self) -> str:
        return f"{self.kind} {self.value} of {self.statement}"


def grants_of(document: Document) -> Iterator[Grant]:
    """Every action of every Allow, on each of its resources."""
    for index, statement in _allows(document):
        for action in listed(statement["Action"]):
            for resource in listed(statement.get("Resource", ())):
                yield Grant(
                    statement=_label(index, statement),
                    action=action,
                    resource=resource,
                    condition=statement.get("Condition", {}),
                )


def parts_of(document: Document) -> Iterator[Part]:
    """Every action and every resource of every Allow."""
    for index, statement in _allows(document):
        for action in listed(statement["Action"]):
            yield Part(index=index, statement=_label(index, statement), kind="action", value=action)
        for resource in listed(statement.get("Resource", ())):
            yield Part(index=index, statement=_label(index, statement), kind="resource", value=resource)


def grants_through(document: Document, part: Part) -> list[Grant]:
    """The grants that go when a part does."""
    found = grants_of({**document, "Statement": [listed(document["Statement"])[part.index]]})
    return [grant for grant in found if part.value == (grant.action if part.kind == "action" else grant.resource)]


def without(document: Document, part: Part) -> dict[str, Any] | None:
    """The document without the part; a statement that has nothing left goes, and None is a document without any."""
    mutant = deepcopy(dict(document))
    mutant["Statement"] = statements = listed(mutant["Statement"])
    statement = statements[part.index]
    key = "Action" if part.kind == "action" else "Resource"
    statement[key] = [value for value in listed(statement[key]) if value != part.value]
    if not statement[key]:
        del statements[part.index]
    return mutant if statements else None


def matches(pattern: str, value: str) -> bool:
    """Whether a pattern with ``*`` and ``?`` covers a value; letters count as they are, as in ARNs."""
    return _compiled(pattern).fullmatch(value) is not None


def listed(value: Any) -> list[Any]:
    """A list of what IAM lets be one value or a list of them."""
    return list(value) if isinstance(value, list | tuple) else [value]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    letters = (".*" if letter == "*" else "." if letter == "?" else re.escape(letter) for letter in pattern)
    return re.compile("".join(letters), re.DOTALL)


def _allows(document: Document) -> Iterator[tuple[int, dict[str, Any]]]:
    for index, statement in enumerate(listed(document["Statement"])):
        if statement["Effect"] == "Allow":
            yield index, statement


def _label(index: int, statement: Mapping[str, Any]) -> str:
    return str(statement.get("Sid") or f"statement {index + 1}")
