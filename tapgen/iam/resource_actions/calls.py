"""The shape of one row: what CloudFormation calls to create, read, update and delete a resource of one type.

Actions stand by service: ``"sqs:CreateQueue TagQueue; kms:Decrypt"``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

OPERATIONS = ("create", "read", "update", "delete")


@dataclass(frozen=True)
class Addition:
    """What the schema does not say and the service asks for."""

    actions: str
    source: str
    """Who needs it, and AWS's documentation of it."""


@dataclass(frozen=True)
class Omission:
    """What the schema says and no resource needs, or none that leaves these properties alone."""

    actions: str
    why: str
    unless: tuple[str, ...] = ()
    """Properties, at any depth, with which a resource needs the actions after all."""


@dataclass(frozen=True)
class ResourceCalls:
    """One resource type.

    Attributes:
        type: ``AWS::SQS::Queue``.
        create: What its handlers call, by the type's schema; so are ``read``, ``update`` and ``delete``.
        added: What is not in the schema.
        omitted: What is left out of the schema's, and why.
        source: Where the calls of the handlers are known from; empty is the type's schema.
    """

    type: str
    create: str = ""
    read: str = ""
    update: str = ""
    delete: str = ""
    added: tuple[Addition, ...] = ()
    omitted: tuple[Omission, ...] = ()
    source: str = ""

    def actions(self, properties: frozenset[str] = frozenset()) -> Iterator[tuple[str, str, str]]:
        """(operation, action, source) of everything that is called for a resource with these properties."""
        for operation in OPERATIONS:
            for action in split_actions(getattr(self, operation)):
                yield operation, action, self.source or f"schema of {self.type}"
        for addition in self.added:
            for action in split_actions(addition.actions):
                yield "create", action, addition.source
        for omission in self.omitted:
            for name in sorted(properties.intersection(omission.unless)):
                for action in split_actions(omission.actions):
                    yield "create", action, f"property {name} of {self.type}"


def split_actions(text: str) -> Iterator[str]:
    """``"sqs:CreateQueue TagQueue; kms:Decrypt"`` → ``sqs:CreateQueue``, ``sqs:TagQueue``, ``kms:Decrypt``."""
    for group in text.split("; "):
        service, _, names = group.partition(":")
        yield from (f"{service}:{name}" for name in names.split())


def property_names(value: Any) -> frozenset[str]:
    """The names of all properties below a value, at any depth."""
    found: set[str] = set()
    if isinstance(value, dict):
        found.update(value)
        for item in value.values():
            found |= property_names(item)
    elif isinstance(value, list | tuple):
        for item in value:
            found |= property_names(item)
    return frozenset(found)
