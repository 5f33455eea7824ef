"""Which resource of finished templates was made for which part, by physical names: for the rules of all kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from tapgen.parts.names import make_arn, physical_name
from tapgen.parts.part import Part
from tapgen.parts.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.elements.templates import Resource, Templates
    from tapgen.parts.function.model import Function

P = TypeVar("P", bound=Part)
S = TypeVar("S", bound=Source)
_ALIAS, _FUNCTION = "AWS::Lambda::Alias", "AWS::Lambda::Function"


def made(
    templates: Templates, kind: type[P], resource_type: str, *, name_property: str
) -> Iterator[tuple[P, Resource]]:
    """Each part of a kind with its resource; not what others own, nor what is not there."""
    by_name = {resource.get(name_property): resource for resource in templates.of_type(resource_type)}
    for part in templates.environment.service.of(kind):
        resource = None if part.existing_arn else by_name.get(physical_name(templates.names, part))
        if resource is not None:
            yield part, resource


def functions(templates: Templates) -> Mapping[str, Resource]:
    """Name of each function in the service → its resource."""
    from tapgen.parts.function.model import Function

    return {part.name: found for part, found in made(templates, Function, _FUNCTION, name_property="FunctionName")}


def live_aliases(templates: Templates) -> Mapping[str, Resource]:
    """Name of each function in the service → its live alias."""
    names = {str(item): name for name, item in functions(templates).items()}
    found = {}
    for alias in templates.of_type(_ALIAS):
        target = templates.trace(alias.stack, alias.get("FunctionName"))
        if target and str(target.resource) in names:
            found[names[str(target.resource)]] = alias
    return found


def sources(templates: Templates, kind: type[S]) -> Iterator[tuple[Function, S]]:
    """Each event source of a kind with the function that it invokes."""
    for function in templates.environment.service.functions:
        for source in function.sources:
            if isinstance(source, kind):
                yield function, source


def refers_to(templates: Templates, stack: str, value: Any, *, part: Part, attribute: str = "Arn") -> bool:
    """Whether a value names a part: by its ARN as it is written, or by a reference to what was made for it."""
    if value == make_arn(templates.names, part):
        return True
    target = templates.trace(stack, value)
    if target is None or part.existing_arn:
        return False
    name = physical_name(templates.names, part)
    return target.attribute in (attribute, "") and name in map(str, target.resource.properties.values())


def invokes(templates: Templates, resource: Resource, path: str, *, alias: Resource | None) -> bool:
    """Whether a property of a resource leads to a live alias."""
    target = templates.trace(resource.stack, resource.get(path))
    return bool(target and alias and str(target.resource) == str(alias))
