"""A stream shows of a changed item what is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.made import made
from tapgen.parts.table.model import Table

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for part, table in made(templates, Table, "AWS::DynamoDB::Table", name_property="TableName"):
        read = part.stream or any(templates.environment.service.consumers(part))
        view = templates.environment.tables[part.name].stream_view if read else None
        yield from differences(table, {"StreamSpecification.StreamViewType": view})


RULE = Rule(
    id="table-stream",
    holds="A table whose changes somebody reads has a stream with the view `tables.<name>.stream_view`.",
    why="A function that expects both images of an item gets its keys alone, and archives nothing.",
    source='DynamoDB developer guide, "Change data capture for DynamoDB Streams"',
    find=_find,
)
