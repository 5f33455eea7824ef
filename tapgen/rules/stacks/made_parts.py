"""Every part of the service is there, under its own name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule
from tapgen.parts.names import physical_name
from tapgen.parts.registry import kind_of
from tapgen.rules.stacks.deployment_names import NAME_PROPERTIES

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates
    from tapgen.parts.part import Part


def _find(templates: Templates) -> Found:
    if not templates.whole:
        return
    names = {name for resource in templates.resources for name in _names(resource)}
    for part in templates.environment.service.parts:
        # A parameter's value is somebody else's, and a rule without a function that it invokes is no resource.
        if part.existing_arn or part.kind == "parameter" or not _is_made(templates, part):
            continue
        name = physical_name(templates.names, part)
        if name not in names:
            yield "root.Resources", f"nothing is named {name}, which is to be {part.label}"


def _names(resource: Resource) -> list[str]:
    """The physical name; any text at the top of what another package's kind makes."""
    named = NAME_PROPERTIES.get(resource.type)
    values = [resource.get(named)] if named else resource.properties.values()
    return [value for value in values if isinstance(value, str)]


def _is_made(templates: Templates, part: Part) -> bool:
    kept = kind_of(part).stack is not None or part.kind in ("function", "http api")
    return kept or any(templates.environment.service.consumers(part))


RULE = Rule(
    id="made-parts",
    holds="Every part that the service has, and no other owns, is made under the name that roles, variables and "
    "alarms know it by.",
    why="A part under another name is out of reach of everything that was granted on it.",
    source="`tapgen guide templates`, names",
    find=_find,
)
