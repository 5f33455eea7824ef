"""One operation of CloudFormation on one resource, as far as it matters for what the role has to be allowed.

Reads properties and compares them; knows no action and no policy.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Verb = Literal["create", "update", "replace", "delete"]
"""``replace``: an update that makes another resource; the one before is deleted by an operation of its own."""

_IDENTITIES = ("Key", "Id", "PolicyName", "Name")
"""Members that tell the elements of a list apart."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What is done to one resource.

    Attributes:
        verb: What CloudFormation does.
        resource_type: ``AWS::SQS::Queue``.
        logical_id: Its name in the template.
        stack_name: Its stack.
        physical_id: What it is called in its service; empty before it is created.
        old: Its properties before; empty for a create and for what replaces another one.
        new: Those that it gets; empty for a delete.
        policy: Its UpdatePolicy, resolved.
        utmost: Whether an update counts as one that changes and takes away everything that is there.
    """

    verb: Verb
    resource_type: str
    logical_id: str
    stack_name: str
    physical_id: str = ""
    old: Mapping[str, Any] = field(default_factory=dict)
    new: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    utmost: bool = False

    @property
    def kind(self) -> str:
        """``Queue``."""
        return self.resource_type.rpartition("::")[2]

    @property
    def handler(self) -> str:
        """The handler of the type that does it; a replacement is a create (its delete is an operation of its own)."""
        return "create" if self.verb == "replace" else self.verb

    @property
    def properties(self) -> Mapping[str, Any]:
        """Those that the resource is known by: the new ones, before a delete the last ones."""
        return self.new or self.old

    def has(self, *names: str) -> bool:
        """Whether one of these properties is there, before or after, at any depth."""
        return any(found(self.old, name) or found(self.new, name) for name in names)

    def touches(self, *names: str) -> bool:
        """Whether the operation sets or changes one of these properties."""
        if self.verb != "update" or self.utmost:
            return self.has(*names)
        return any(found(self.old, name) != found(self.new, name) for name in names)

    def takes_away(self, *names: str) -> bool:
        """Whether an update removes one of these properties, or an element of one."""
        if self.verb != "update" or self.utmost:
            return self.has(*names)
        return any(_lost(found(self.old, name), found(self.new, name)) for name in names)


def found(value: Any, name: str) -> list[Any]:
    """Every value of a property, at any depth, in the order of the template."""
    return list(_walk(value, name))


def tags_of(properties: Mapping[str, Any], name: str) -> dict[str, str]:
    """A property with tags as a dictionary, whether it is a list of pairs or a map."""
    tags = properties.get(name) or ()
    if isinstance(tags, dict):
        return {str(key): str(value) for key, value in tags.items()}
    return {str(tag.get("Key")): str(tag.get("Value")) for tag in tags if isinstance(tag, dict)}


def _walk(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == name:
                yield item
            else:
                yield from _walk(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item, name)


def _lost(before: list[Any], after: list[Any]) -> bool:
    return bool(_elements(before) - _elements(after))


def _elements(values: list[Any]) -> set[str]:
    """What can be missed: the elements of lists by their names, members of maps by their keys, other values as such."""
    names: set[str] = set()
    for value in values:
        if isinstance(value, list):
            names.update(_identity(item) for item in value)
        elif isinstance(value, dict):
            names.update(value)
        else:
            names.add("value")
    return names


def _identity(item: Any) -> str:
    if isinstance(item, dict):
        named = next((str(item[key]) for key in _IDENTITIES if key in item), None)
        return named or json.dumps(item, sort_keys=True, default=str)
    return str(item)
