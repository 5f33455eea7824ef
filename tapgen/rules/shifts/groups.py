"""What a deployment group and an alias name, for the rules of shifts. Judges nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import listed, mapping

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource

HOOKS = ("BeforeAllowTrafficHook", "AfterAllowTrafficHook")


def alarms_of(group: Resource) -> list[tuple[Any, str]]:
    """(name of a guard as it is written, condition under which it guards); most guard whatever happens."""
    found = []
    for item in map(mapping, listed(group.get("AlarmConfiguration.Alarms"))):
        choice = item.get("Fn::If")
        held, condition = (mapping(choice[1]), str(choice[0])) if choice else (item, "")
        found.append((held.get("Name"), condition))
    return found


def guards_of(group: Resource) -> list[str]:
    """Logical ids of a group's guards, those that one deployment may go past included; not those of other stacks."""
    return [name["Ref"] for name, _ in alarms_of(group) if isinstance(name, dict) and "Ref" in name]


def update_of(alias: Resource) -> dict[str, Any]:
    """What moves an alias; empty where nothing does."""
    return mapping(mapping(alias.definition.get("UpdatePolicy")).get("CodeDeployLambdaAliasUpdate"))


def hooks_of(alias: Resource) -> list[str]:
    """Logical ids of the hooks of an alias' shifts; not those of other stacks."""
    update = update_of(alias)
    return [update[event]["Ref"] for event in HOOKS if "Ref" in mapping(update.get(event))]
