"""What changes although its template does not: it refers to a resource that becomes another one.

A resource that is updated in place keeps its name and its ARN, so nothing follows from it, whatever CloudFormation
cannot rule out before it has done it. One that is replaced or renewed gets others, and everything that reads them
changes; where such a value cannot be changed in place, the reader is replaced in turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.diff.difference import Dependence
from tapgen.diff.references import References
from tapgen.diff.requirements import requirement, strictest
from tapgen.diff.side import NESTED_STACK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from tapgen.diff.references import Place
    from tapgen.diff.side import Side, Template


def find_dependences(after: Side, others: AbstractSet[Place]) -> dict[Place, tuple[Dependence, ...]]:
    """What depends on resources that become others, and what depends on that.

    Args:
        after: The release that will be.
        others: (stack, logical id) of resources that are replaced or renewed, by their new ids.

    Returns:
        Resource → its properties that read one of them. Resources in ``others`` may be among them.
    """
    readers = _Readers(after)
    moved = set(others)
    while True:
        found = {place: readers.dependences(place, moved) for place in readers.places}
        found = {place: dependences for place, dependences in found.items() if dependences}
        replaced = {
            place
            for place, dependences in found.items()
            if strictest(each.requires for each in dependences) == "always"
        }
        if replaced <= moved:
            return found
        moved |= replaced


class _Readers:
    """Which resource reads which through which property."""

    def __init__(self, side: Side) -> None:
        references = References(side)
        self._reads: dict[Place, list[tuple[str, str, Place]]] = {}
        for stack, template in side.templates.items():
            for logical_id, resource in _own_resources(template):
                reads = [
                    (path, resource["Type"], place)
                    for path, value in resource.get("Properties", {}).items()
                    for place in dict.fromkeys(references.resources_of(stack, value))
                ]
                self._reads[stack, logical_id] = reads

    @property
    def places(self) -> Iterator[Place]:
        yield from self._reads

    def dependences(self, place: Place, moved: AbstractSet[Place]) -> tuple[Dependence, ...]:
        return tuple(
            Dependence(path=path, source=".".join(source), requires=requirement(resource_type, path))
            for path, resource_type, source in self._reads[place]
            if source in moved and source != place
        )


def _own_resources(template: Template) -> Iterator[tuple[str, Template]]:
    """Resources of a template without its nested stacks, whose parameters are looked at where they are used."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != NESTED_STACK:
            yield logical_id, resource
