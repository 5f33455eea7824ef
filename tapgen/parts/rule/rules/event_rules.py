"""The events of a rule reach the function that the service says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule
from tapgen.parts.function.rules.aliases import live_aliases, sources
from tapgen.parts.names import physical_name
from tapgen.parts.rule.model import Events
from tapgen.parts.rule.model import Rule as EventRule
from tapgen.parts.rule.rules.deliveries import Wanted, judge_delivery

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    aliases = live_aliases(templates)
    for function, source in sources(templates, Events):
        part = source.part
        if not isinstance(part, EventRule):
            continue
        wanted = Wanted(
            pattern=part.pattern,
            bus=physical_name(templates.names, part.bus) if part.bus else None,
            retries=source.retries,
            maximum_age_s=source.maximum_age_s,
            on_failure=source.on_failure,
        )
        yield from judge_delivery(templates, function, wanted, alias=aliases.get(function.name))


RULE = Rule(
    id="event-rules",
    holds="Events that fit a pattern reach the live alias of the function that the service says, are tried as "
    "often, and are kept where it says when they could not be delivered.",
    why="EventBridge drops an event that no rule takes, and one that it may not deliver, without a word.",
    source='EventBridge user guide, "Rules" and "Event retry policy and using dead-letter queues"',
    find=_find,
)
