"""What reads a table's stream for a function, for the rules of streams. Judges nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.parts.function.rules.aliases import invokes, live_aliases, sources
from tapgen.parts.made import refers_to
from tapgen.parts.table.model import Changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.templates import Resource, Templates
    from tapgen.parts.function.model import Function


def stream_mappings(templates: Templates) -> Iterator[tuple[Function, Changes, Resource | None]]:
    """Each stream that a function reads, with the mapping that feeds its live alias; None where none does."""
    aliases = live_aliases(templates)
    mappings = list(templates.of_type("AWS::Lambda::EventSourceMapping"))
    for function, source in sources(templates, Changes):
        alias = aliases.get(function.name)
        if alias is None:
            continue
        fitting = (
            item
            for item in mappings
            if invokes(templates, item, "FunctionName", alias=alias)
            and refers_to(templates, item.stack, item.get("EventSourceArn"), part=source.part, attribute="StreamArn")
        )
        yield function, source, next(fitting, None)
