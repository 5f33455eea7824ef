"""An alias waits for its group, guards and hooks, which CloudFormation does not read from an UpdatePolicy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, listed, mapping
from tapgen.rules.shifts.groups import guards_of, hooks_of, update_of

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for alias in templates.of_type("AWS::Lambda::Alias"):
        update = update_of(alias)
        if not update:
            yield alias, "moves all traffic at once: give it an UpdatePolicy"
            continue
        name = mapping(update.get("DeploymentGroupName")).get("Ref")
        group = templates.find(alias.stack, name)
        if group is None:
            yield alias, f"is shifted by {name or 'no group'}, which this template does not make"
            continue
        needed = {group.logical_id, *guards_of(group), *hooks_of(alias)}
        missing = needed - set(listed(alias.definition.get("DependsOn")))
        if missing:
            yield alias, f"must depend on {', '.join(sorted(missing))}, or the shift starts before its guards"


RULE = Rule(
    id="guards-first",
    holds="A live alias is moved by a deployment group of its template, and depends on it, its guards and its hooks.",
    why="CloudFormation documents dependencies for references in properties, not in an UpdatePolicy: a shift could "
    "start before what guards it is there.",
    source='CloudFormation user guide, "UpdatePolicy attribute", CodeDeployLambdaAliasUpdate',
    find=_find,
)
