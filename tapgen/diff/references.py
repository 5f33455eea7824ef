"""What a value reads: resources of its own template, or through a parameter the outputs of another stack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tapgen.diff.side import ROOT, Side

if TYPE_CHECKING:
    from collections.abc import Iterator

Place = tuple[str, str]
"""(stack, logical id)."""

_IN_SUB = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\}")
_OUTPUT = "Outputs."


class References:
    """Follows references through the templates of one release."""

    def __init__(self, side: Side) -> None:
        self._templates = side.templates
        nested = side.nested_stacks()
        self._logical_ids = nested
        self._stacks = {logical_id: stack for stack, logical_id in nested.items()}

    def resources_of(self, stack: str, value: Any) -> Iterator[Place]:
        """Every resource that a value in a template reads, in whatever stack it is."""
        for name, attribute in references_of(value):
            yield from self._resolve(stack, name, attribute)

    def resources_of_parameter(self, stack: str, parameter: str) -> Iterator[Place]:
        """Every resource that a parameter's value comes from."""
        yield from self._resolve(stack, parameter, "")

    def _resolve(self, stack: str, name: str, attribute: str) -> Iterator[Place]:
        template = self._templates.get(stack, {})
        if name in template.get("Resources", {}):
            below = self._stacks.get(name) if stack == ROOT else None
            if below and attribute.startswith(_OUTPUT):
                outputs = self._templates.get(below, {}).get("Outputs", {})
                yield from self.resources_of(below, outputs.get(attribute.removeprefix(_OUTPUT), {}).get("Value"))
            else:
                yield stack, name
        elif stack != ROOT and name in template.get("Parameters", {}):
            holder = self._templates[ROOT]["Resources"].get(self._logical_ids.get(stack, ""), {})
            given = holder.get("Properties", {}).get("Parameters", {}).get(name)
            yield from self.resources_of(ROOT, given)


def references_of(value: Any) -> Iterator[tuple[str, str]]:
    """(logical id or parameter, attribute or nothing) of each Ref, Fn::GetAtt and ``${…}`` in a value."""
    if isinstance(value, list):
        for item in value:
            yield from references_of(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _of_entry(key, item)


def _of_entry(key: str, item: Any) -> Iterator[tuple[str, str]]:
    if key == "Ref" and isinstance(item, str):
        yield item, ""
    elif key == "Fn::GetAtt":
        name, _, attribute = item.partition(".") if isinstance(item, str) else (str(item[0]), ".", str(item[1]))
        yield name, attribute
    elif key == "Fn::Sub":
        text, given = (item, {}) if isinstance(item, str) else (item[0], item[1])
        for name, attribute in _IN_SUB.findall(text):
            if name not in given:
                yield name, attribute
        yield from references_of(given)
    else:
        yield from references_of(item)
