"""Each function has a live alias on its published version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.naming import LIVE_ALIAS
from tapgen.parts.function.rules.aliases import functions, live_aliases

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    aliases = live_aliases(templates)
    for name, function in functions(templates).items():
        alias = aliases.get(name)
        if alias is None:
            yield function, "has no alias: every change reaches all callers at once"
            continue
        yield from differences(alias, {"Name": LIVE_ALIAS, "RoutingConfig": None})
        version = templates.trace(alias.stack, alias.get("FunctionVersion"))
        if version is None or version.resource.type != "AWS::Lambda::Version" or version.attribute != "Version":
            yield alias, "points at no version that this template publishes"
            continue
        owner = templates.trace(version.resource.stack, version.resource.get("FunctionName"))
        if owner is None or str(owner.resource) != str(function):
            yield alias, f"points at {version.resource.logical_id}, a version of another function"


RULE = Rule(
    id="live-alias",
    holds="Each function has one alias, `live`, on the version that its template publishes.",
    why="Whoever invokes the alias would meet another version than the one that was tried.",
    source='Lambda developer guide, "Create an alias for a Lambda function"',
    find=_find,
)
