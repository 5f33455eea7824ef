"""Functions, live aliases and event sources of finished templates, for the rules of all kinds. Judges nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tapgen.iam import arns
from tapgen.naming import LIVE_ALIAS
from tapgen.parts.function.model import Function
from tapgen.parts.made import made
from tapgen.parts.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.elements.templates import Resource, Templates

S = TypeVar("S", bound=Source)
_ALIAS, _FUNCTION = "AWS::Lambda::Alias", "AWS::Lambda::Function"


def functions(templates: Templates) -> Mapping[str, Resource]:
    """Name of each function in the service → its resource."""
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


def invokes(templates: Templates, resource: Resource, path: str, *, alias: Resource | None) -> bool:
    """Whether a property of a resource leads to a live alias: by reference, or by its ARN from another stack."""
    if alias is None:
        return False
    target = templates.trace(resource.stack, resource.get(path))
    if target:
        return str(target.resource) == str(alias)
    function = templates.trace(alias.stack, alias.get("FunctionName"))
    name = function.resource.get("FunctionName") if function else ""
    return bool(resource.get(path) == arns.regional("lambda", f"function:{name}:{LIVE_ALIAS}"))
