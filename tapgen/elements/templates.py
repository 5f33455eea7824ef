"""The templates of one deployment as whoever judges them sees them: resources by type, and what a reference leads to.

Knows CloudFormation's form alone: no service, no promise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tapgen.naming import OWN_METADATA, Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.config.environment import Environment

ROOT = "root"
_NESTED = "AWS::CloudFormation::Stack"
_OUTPUTS = "Outputs."


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a template."""

    stack: str
    """``data``, ``compute`` …: the nested stack that makes it."""
    logical_id: str
    type: str
    """``AWS::DynamoDB::Table``."""
    properties: Mapping[str, Any]
    """As in the template; references are ``{"Ref": …}`` and the like."""
    definition: Mapping[str, Any]
    """All of it: ``DeletionPolicy``, ``DependsOn``, ``UpdatePolicy`` …"""

    def __str__(self) -> str:
        return f"{self.stack}.{self.logical_id}"

    @property
    def own(self) -> bool:
        """Whether the service added it by itself: rules on what tapgen makes do not speak of it."""
        metadata = self.definition.get("Metadata")
        return isinstance(metadata, dict) and OWN_METADATA in metadata

    def get(self, path: str) -> Any:
        """A property by its dotted path, ``StreamSpecification.StreamViewType``; a number is a place in a list.

        None where any part of the path is missing.
        """
        return look_up(self.properties, path)


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a reference leads to, whatever stack it is in."""

    resource: Resource
    attribute: str = ""
    """``Arn``, ``StreamArn``; empty for a ``Ref``."""


def look_up(value: Any, path: str) -> Any:
    """A value inside mappings and lists; None where any part of the dotted path is missing."""
    for key in path.split("."):
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


class Templates:
    """Every template of one deployment.

    Args:
        environment: Its resolved configuration, the service included.
        templates: Stack → template; any selection of them, such as the bootstrap stack's alone.
    """

    def __init__(self, environment: Environment, templates: Mapping[str, Mapping[str, Any]]) -> None:
        self.environment = environment
        self.templates = templates
        self.names = Names(environment)

    @property
    def whole(self) -> bool:
        """Whether the deployment's own templates are all here: something missing is missing for good."""
        return ROOT in self.templates

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """Every resource, in the order of the templates."""
        return tuple(
            Resource(
                stack=stack,
                logical_id=logical_id,
                type=definition["Type"],
                properties=definition.get("Properties", {}),
                definition=definition,
            )
            for stack, template in self.templates.items()
            for logical_id, definition in template["Resources"].items()
        )

    def of_type(self, *types: str) -> Iterator[Resource]:
        """The resources of these types."""
        for each in types:
            yield from self._by_type.get(each, ())

    def generated(self, *types: str) -> Iterator[Resource]:
        """The resources of these types that tapgen made: not those that the service added by itself."""
        return (resource for resource in self.of_type(*types) if not resource.own)

    def find(self, stack: str, logical_id: Any) -> Resource | None:
        """A resource by its place; None where there is none."""
        return self._by_id.get((stack, logical_id))

    def named(self, logical_id: str, resource_type: str) -> Resource | None:
        """The resource of this type and logical id, in whichever stack it is."""
        return next((item for item in self.of_type(resource_type) if item.logical_id == logical_id), None)

    def trace(self, stack: str, value: Any) -> Target | None:
        """What a ``Ref`` or ``Fn::GetAtt`` leads to, through the parameters and outputs of nested stacks.

        None for a literal, a pseudo parameter, a parameter that nobody gives, and a name that is not there.
        """
        if not isinstance(value, dict) or len(value) != 1:
            return None
        ((function, argument),) = value.items()
        if function == "Ref" and isinstance(argument, str):
            found = self.find(stack, argument)
            return Target(resource=found) if found else self._from_parameter(stack, argument)
        if function == "Fn::GetAtt" and isinstance(argument, list) and len(argument) == 2:
            return self._from_attribute(stack, *argument)
        return None

    def _from_attribute(self, stack: str, logical_id: Any, attribute: Any) -> Target | None:
        found = self.find(stack, logical_id)
        if found is None:
            return None
        if found.type == _NESTED and isinstance(attribute, str) and attribute.startswith(_OUTPUTS):
            nested = logical_id.lower()
            output = self.templates.get(nested, {}).get("Outputs", {}).get(attribute.removeprefix(_OUTPUTS), {})
            return self.trace(nested, output.get("Value"))
        return Target(resource=found, attribute=str(attribute))

    def _from_parameter(self, stack: str, name: str) -> Target | None:
        nested = self.find(ROOT, stack.capitalize())
        if nested is None or name not in self.templates[stack].get("Parameters", {}):
            return None
        return self.trace(ROOT, look_up(nested.properties, f"Parameters.{name}"))

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.type, []).append(resource)
        return found

    @cached_property
    def _by_id(self) -> dict[tuple[str, Any], Resource]:
        return {(resource.stack, resource.logical_id): resource for resource in self.resources}
