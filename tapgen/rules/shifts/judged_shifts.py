"""Both hooks of a shift are functions that tapgen makes, under names by which CodeDeploy may invoke them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule, mapping
from tapgen.naming import HOOK_PREFIX, hooks_of_block
from tapgen.rules.shifts.groups import HOOKS, update_of

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates

_STACK = re.compile(r"[a-z]+(?P<block>\d*)")


def _find(templates: Templates) -> Found:
    for alias in templates.of_type("AWS::Lambda::Alias"):
        update = update_of(alias)
        for property_, hook in zip(HOOKS, hooks_of_block(_block_of(alias.stack)), strict=True):
            wanted, name = templates.names.hook(hook), _name(templates, alias.stack, update.get(property_))
            if name is None:
                text = f"has no {property_} that this template makes: a shift would be judged by its alarms alone"
                yield alias, text
            elif not name.startswith(HOOK_PREFIX):
                text = (
                    f"has a {property_} without the prefix {HOOK_PREFIX}, which CodeDeploy's managed role cannot call"
                )
                yield alias, text
            elif name != wanted:
                yield alias, f"has {name} as its {property_}; {wanted} judges there"


def _block_of(stack: str) -> int:
    """``compute2`` → 2: each block of nested stacks has hooks of its own."""
    found = _STACK.fullmatch(stack)
    return int(found["block"] or 1) if found else 1


def _name(templates: Templates, stack: str, hook: Any) -> str | None:
    """A hook's name: of a function of the template, or written where another stack makes it first."""
    if isinstance(hook, str):
        return hook
    made = templates.find(stack, mapping(hook).get("Ref"))
    return str(made.get("FunctionName")) if made and made.type == "AWS::Lambda::Function" else None


RULE = Rule(
    id="judged-shifts",
    holds="Each shift is judged by a hook before traffic and a hook after it, under names that CodeDeploy may call.",
    why="A version that nobody tried before traffic shows its fault to callers first.",
    source="CodeDeploy user guide, \"AppSpec 'hooks' section for an AWS Lambda deployment\"; `tapgen guide shifts`",
    find=_find,
)
