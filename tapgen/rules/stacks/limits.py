"""CloudFormation takes so many entries of each section of a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates

LIMITS = {"Resources": 500, "Outputs": 200, "Parameters": 200, "Mappings": 200}
"""Entries of each section (CloudFormation user guide, "quotas")."""


def _find(templates: Templates) -> Found:
    for stack, template in templates.templates.items():
        for section, limit in LIMITS.items():
            count = len(template.get(section, {}))
            if count > limit:
                yield f"{stack}.{section}", f"{count} entries; CloudFormation takes {limit}"


RULE = Rule(
    id="limits",
    holds="No section of a template has more entries than CloudFormation takes.",
    why="CloudFormation refuses the template.",
    source='CloudFormation user guide, "Understand CloudFormation quotas"',
    find=_find,
)
