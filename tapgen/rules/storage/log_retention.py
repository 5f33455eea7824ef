"""Log groups have a retention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for group in templates.of_type("AWS::Logs::LogGroup"):
        if not group.properties.get("RetentionInDays"):
            yield group, "keeps its events for ever: set a retention"


RULE = Rule(
    id="log-retention",
    holds="Every log group has a retention.",
    why="CloudWatch Logs keeps events for ever unless it is told otherwise: costs grow, and so does what can leak.",
    source='CloudWatch Logs user guide, "Working with log groups and log streams", change log data retention',
    find=_find,
)
