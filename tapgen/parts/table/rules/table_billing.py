"""A table is paid by request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.made import made
from tapgen.parts.table.model import Table

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for _, table in made(templates, Table, "AWS::DynamoDB::Table", name_property="TableName"):
        yield from differences(table, {"BillingMode": "PAY_PER_REQUEST"})


RULE = Rule(
    id="table-billing",
    holds="A table is paid by request.",
    why="Provisioned capacity throttles what comes above it, and costs where nothing comes.",
    source='DynamoDB developer guide, "DynamoDB on-demand capacity mode"',
    severity="warning",
    find=_find,
)
