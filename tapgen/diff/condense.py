"""A difference told shortly: what happens to many resources alike is said once, and so is a new version. Pure.

A new version of a function brings new guards, and its alias and its deployment group follow: that is one thing that
happens, not six.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tapgen.diff.pairing import stem_of

if TYPE_CHECKING:
    from tapgen.diff.difference import Difference, PropertyDifference, ResourceDifference, StackDifference

# From so many resources on, the same change of the same property is one line instead of as many.
_MANY = 4
_VERSIONS = {"AWS::Lambda::Version", "AWS::Lambda::LayerVersion"}


@dataclass(frozen=True, kw_only=True)
class Repeated:
    """One change of one property on many resources: a tag, say."""

    difference: PropertyDifference
    resources: int
    stacks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Generation:
    """A function's or the layer's new version, with everything that is new or follows because of it alone."""

    version: ResourceDifference
    renewed: tuple[str, ...]
    """Logical ids without their hash: its guards."""
    followers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CondensedStack:
    """One stack in which something is left to say."""

    stack: StackDifference
    """Without what the generations say."""
    generations: tuple[Generation, ...]


@dataclass(frozen=True, kw_only=True)
class Condensed:
    """A difference without its repetitions."""

    repeated: tuple[Repeated, ...]
    stacks: tuple[CondensedStack, ...]


def condense(difference: Difference) -> Condensed:
    """Take out of the tree what is the same on four resources or more, and gather what belongs to a new version."""
    seen: dict[str, list[tuple[str, PropertyDifference]]] = defaultdict(list)
    for stack, resource in difference.resources():
        for each in resource.properties:
            seen[_key(each)].append((stack, each))
    many = {key: places for key, places in seen.items() if len(places) >= _MANY and places[0][1].requires == "never"}
    return Condensed(
        repeated=tuple(
            Repeated(
                difference=places[0][1],
                resources=len(places),
                stacks=tuple(dict.fromkeys(stack for stack, _ in places)),
            )
            for places in many.values()
        ),
        stacks=tuple(filter(None, (_condense_stack(stack, set(many)) for stack in difference.stacks))),
    )


def _condense_stack(stack: StackDifference, many: set[str]) -> CondensedStack | None:
    resources = [rest for resource in stack.resources if (rest := _rest(resource, many))]
    generations = tuple(_generations(stack.stack, resources))
    told = {each.version.logical_id for each in generations}
    told |= {name for each in generations for name in (*each.renewed, *each.followers)}
    left = tuple(each for each in resources if stem_of(each.logical_id) not in told and each.logical_id not in told)
    if not left and not generations and not stack.declarations:
        return None
    return CondensedStack(stack=replace(stack, resources=left), generations=generations)


def _rest(resource: ResourceDifference, many: set[str]) -> ResourceDifference | None:
    """The resource without what is said for many; None when nothing is left to say."""
    rest = tuple(each for each in resource.properties if _key(each) not in many)
    silent = resource.action == "modify" and not rest and not resource.depends_on and resource.confirmed != "alone"
    return None if silent else replace(resource, properties=rest)


def _generations(stack: str, resources: list[ResourceDifference]) -> list[Generation]:
    """The new versions of a stack; whatever depends on several of them belongs to the first."""
    quiet = [each for each in resources if _is_quiet(each)]
    found = []
    for version in (each for each in resources if each.action == "renew" and each.resource_type in _VERSIONS):
        members = {f"{stack}.{version.logical_id}"}
        renewed = [each for each in quiet if each.action == "renew" and _depends_on(each, members)]
        members |= {f"{stack}.{each.logical_id}" for each in renewed}
        followers = [each for each in quiet if each.action != "renew" and _depends_on(each, members)]
        found.append(
            Generation(
                version=version,
                renewed=tuple(stem_of(each.logical_id) for each in renewed),
                followers=tuple(each.logical_id for each in followers),
            )
        )
        taken = {each.logical_id for each in (*renewed, *followers)}
        quiet = [each for each in quiet if each.logical_id not in taken]
    return found


def _is_quiet(resource: ResourceDifference) -> bool:
    """Nothing of its own is left to say: it is new or follows, or what it had is said for many."""
    return resource.action in {"renew", "follow", "modify"} and not resource.properties and not resource.replacement


def _depends_on(resource: ResourceDifference, members: set[str]) -> bool:
    return any(each.source in members for each in resource.depends_on)


def _key(difference: PropertyDifference) -> str:
    return json.dumps([difference.path, difference.before, difference.after], sort_keys=True)
