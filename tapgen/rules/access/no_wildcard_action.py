"""An Allow names each action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.policy_documents import actions_of, statements_of
from tapgen.elements.rule import Found, Rule

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for resource in templates.resources:
        for statement in statements_of(resource):
            actions = actions_of(statement)
            open_ended = "NotAction" in statement or any("*" in action for action in actions)
            if statement.get("Effect") == "Allow" and open_ended:
                yield resource, f"allows {', '.join(actions) or 'all but some actions'}: name each action"


RULE = Rule(
    id="no-wildcard-action",
    holds="An Allow names each action; a Deny may cover all of them, since it takes away those of tomorrow too.",
    why="A wildcard grants what nobody has asked for, and what AWS adds later.",
    source='IAM user guide, "Security best practices", least-privilege permissions',
    find=_find,
)
