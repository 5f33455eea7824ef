"""Which resource of finished templates was made for which part, by physical names: for the rules of all kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from tapgen.parts.names import make_arn, physical_name
from tapgen.parts.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.templates import Resource, Templates

P = TypeVar("P", bound=Part)


def made(
    templates: Templates, kind: type[P], resource_type: str, *, name_property: str
) -> Iterator[tuple[P, Resource]]:
    """Each part of a kind with its resource; not what others own, nor what is not there."""
    by_name = {resource.get(name_property): resource for resource in templates.of_type(resource_type)}
    for part in templates.environment.service.of(kind):
        resource = None if part.existing_arn else by_name.get(physical_name(templates.names, part))
        if resource is not None:
            yield part, resource


def refers_to(templates: Templates, stack: str, value: Any, *, part: Part, attribute: str = "Arn") -> bool:
    """Whether a value names a part: by its ARN as it is written, or by a reference to what was made for it."""
    if value == make_arn(templates.names, part):
        return True
    target = templates.trace(stack, value)
    if target is None or part.existing_arn:
        return False
    name = physical_name(templates.names, part)
    return target.attribute in (attribute, "") and name in map(str, target.resource.properties.values())
