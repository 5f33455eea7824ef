"""Protection against deletion is as it is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.made import made
from tapgen.parts.table.model import Table

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for part, table in made(templates, Table, "AWS::DynamoDB::Table", name_property="TableName"):
        configured = templates.environment.tables[part.name].deletion_protection
        yield from differences(table, {"DeletionProtectionEnabled": configured})


RULE = Rule(
    id="table-protection",
    holds="DynamoDB refuses to delete a table where `tables.<name>.deletion_protection` is true, which production "
    "demands.",
    why="One mistaken call deletes the table and its data.",
    source='DynamoDB developer guide, "Using deletion protection to protect your table"',
    find=_find,
)
