"""Continuous backups are as they are configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.made import made
from tapgen.parts.table.model import Table

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for part, table in made(templates, Table, "AWS::DynamoDB::Table", name_property="TableName"):
        configured = templates.environment.tables[part.name].point_in_time_recovery
        yield from differences(table, {"PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": configured})


RULE = Rule(
    id="table-recovery",
    holds="A table's continuous backups (point-in-time recovery) are on where "
    "`tables.<name>.point_in_time_recovery` is true, which production demands.",
    why="Without them, what a bad release or a person deletes is gone.",
    source='DynamoDB developer guide, "Point-in-time backups for DynamoDB"',
    find=_find,
)
