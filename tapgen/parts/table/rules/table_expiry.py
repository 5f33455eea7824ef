"""Items expire by the attribute that is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.made import made
from tapgen.parts.table.model import Table

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for part, table in made(templates, Table, "AWS::DynamoDB::Table", name_property="TableName"):
        attribute = templates.environment.tables[part.name].ttl_attribute
        expiry = "TimeToLiveSpecification"
        wanted = {f"{expiry}.AttributeName": attribute, f"{expiry}.Enabled": bool(attribute) or None}
        yield from differences(table, wanted)


RULE = Rule(
    id="table-expiry",
    holds="Time to live is on for the attribute `tables.<name>.ttl_attribute`, and off where it is null.",
    why="Items that should expire stay and are paid for; by another attribute, what should stay expires.",
    source='DynamoDB developer guide, "Using time to live (TTL) in DynamoDB"',
    find=_find,
)
