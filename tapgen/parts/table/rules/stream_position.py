"""A new reader of a stream begins where the service says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.table.rules.mappings import stream_mappings

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for function, source, mapping in stream_mappings(templates):
        if mapping is None:
            yield f"compute.{function.logical_id}", f"nothing feeds {function.label} with {source.label}"
        else:
            yield from differences(mapping, {"StartingPosition": source.starting_position})


RULE = Rule(
    id="stream-position",
    holds="A function reads the stream of its table from where the service says; from the oldest record unless it "
    "says otherwise.",
    why="From LATEST, changes that are written while the mapping is made are never read.",
    source='Lambda developer guide, "Using Lambda with DynamoDB", polling and batching streams',
    find=_find,
)
