"""Asynchronous calls are tried and told of as the service says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences, listed, show
from tapgen.naming import LIVE_ALIAS
from tapgen.parts.function.rules.aliases import live_aliases
from tapgen.parts.made import refers_to

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    aliases = live_aliases(templates)
    by_name = {item.get("FunctionName"): item for item in templates.of_type("AWS::Lambda::EventInvokeConfig")}
    for part in templates.environment.service.functions:
        alias, calls = aliases.get(part.name), part.calls
        if alias is None or calls is None:
            continue
        item = by_name.get(templates.names.function(part.name))
        if item is None:
            yield alias, f"nothing says what becomes of asynchronous calls of {part.label}"
            continue
        wanted = {
            "Qualifier": LIVE_ALIAS,
            "MaximumRetryAttempts": calls.retries,
            "MaximumEventAgeInSeconds": calls.maximum_age_s,
        }
        yield from differences(item, wanted)
        if alias.logical_id not in listed(item.definition.get("DependsOn")):
            yield item, f"must depend on {alias.logical_id}, which it names"
        for path, destination in (("OnSuccess", calls.on_success), ("OnFailure", calls.on_failure)):
            found = item.get(f"DestinationConfig.{path}.Destination")
            if destination and not refers_to(templates, item.stack, found, part=destination):
                yield item, f"{path} is {show(found)}; {destination.label} is asked for"


RULE = Rule(
    id="function-calls",
    holds="An asynchronous call of a live alias is tried again and given up as the service says, and its result "
    "goes to the parts that it names.",
    why="A call that failed for good is lost where nobody is told.",
    source='Lambda developer guide, "Invoking a Lambda function asynchronously"',
    find=_find,
)
