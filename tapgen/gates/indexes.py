"""Index changes that DynamoDB takes one at a time, as successive updates. Pure.

An update creates or deletes one global secondary index of a table, and no more ("Cannot perform more than one GSI
creation or deletion in a single update"; DynamoDB developer guide, "Managing global secondary indexes"). A release that
wants more is brought live in steps, in an order in which no code misses an index: what is new is created under the code
that is live, then comes the release with everything that was there before, then goes what nobody reads any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tapgen.gates.templates import look_up, path_of
from tapgen.gates.update_steps import UpdateStep

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tapgen.gates.templates import Resource, Stacks, Template

    Indexes = Mapping[str, Mapping[str, Any]]
    """Index name → its definition."""

TABLE = "AWS::DynamoDB::Table"
_INDEXES = "GlobalSecondaryIndexes"


@dataclass(frozen=True, kw_only=True)
class _Way:
    """How the indexes of one table get from here to there, one at a time."""

    stack: str
    logical_id: str
    creations: tuple[tuple[str, Indexes], ...]
    """(what is done, the indexes afterwards), under the live code but for the last."""
    kept: Indexes
    """The indexes when the release comes."""
    deletions: tuple[tuple[str, Indexes], ...]
    attributes: Mapping[str, Mapping[str, Any]]
    """Every attribute that any of its indexes needs, by name."""

    def before(self, number: int) -> tuple[str, Indexes] | None:
        """What is done in a step before the release; the last creation is the release's own."""
        return _at(self.creations[:-1], number)

    def release(self) -> tuple[str, Indexes]:
        """What the release itself does."""
        return self.creations[-1] if self.creations else ("", self.kept)

    def after(self, number: int) -> tuple[str, Indexes] | None:
        """What is done in a step after it."""
        return _at(self.deletions, number)


def split_index_changes(before: Stacks, after: Stacks) -> tuple[UpdateStep, ...]:
    """The updates that take a release live; none when one is enough."""
    ways = list(_ways(before, after))
    if all(len(way.creations) + len(way.deletions) <= 1 for way in ways):
        return ()
    early = max(0, *(len(way.creations) - 1 for way in ways))
    late = max(0, *(len(way.deletions) for way in ways))
    steps = [_step("live", before, ways, [way.before(number) for way in ways]) for number in range(early)]
    steps.append(_step("release", after, ways, [way.release() for way in ways]))
    steps += [_step("release", after, ways, [way.after(number) for way in ways]) for number in range(late)]
    return tuple(steps)


def count_index_changes(before: Resource, after: Resource) -> int:
    """How many indexes an update of a table would create and delete; one that changes is deleted and created."""
    old, new = _indexes(before), _indexes(after)
    changed = sum(_differs(old[name], new[name]) for name in old.keys() & new.keys())
    return len(old.keys() ^ new.keys()) + 2 * changed


def _ways(before: Stacks, after: Stacks) -> Iterator[_Way]:
    for stack, template in after.items():
        live = before.get(stack, {}).get("Resources", {})
        for logical_id, table in template.get("Resources", {}).items():
            if table["Type"] == TABLE and live.get(logical_id, {}).get("Type") == TABLE:
                yield _way(stack, logical_id, live[logical_id], table)


def _way(stack: str, logical_id: str, before: Resource, after: Resource) -> _Way:
    old, new = _indexes(before), _indexes(after)
    state, creations = dict(old), []
    for name in sorted(name for name in old.keys() & new.keys() if _differs(old[name], new[name])):
        # Two indexes cannot have one name: queries of the old one fail until the new one is there.
        del state[name]
        creations.append((f"delete index {name}, whose keys or projection change", dict(state)))
        state[name] = new[name]
        creations.append((f"create index {name} again", dict(state)))
    for name in sorted(new.keys() - old.keys()):
        state[name] = new[name]
        creations.append((f"create index {name}", dict(state)))
    kept, deletions = dict(state), []
    for name in sorted(old.keys() - new.keys()):
        del state[name]
        deletions.append((f"delete index {name}", dict(state)))
    path = path_of(stack, logical_id)
    return _Way(
        stack=stack,
        logical_id=logical_id,
        creations=tuple((f"{path}: {text}", indexes) for text, indexes in creations),
        kept=kept,
        deletions=tuple((f"{path}: {text}", indexes) for text, indexes in deletions),
        attributes={**_attributes(before), **_attributes(after)},
    )


def _step(
    base: Literal["live", "release"], stacks: Stacks, ways: list[_Way], states: Sequence[tuple[str, Indexes] | None]
) -> UpdateStep:
    templates: dict[str, Template] = {}
    for way, state in zip(ways, states, strict=True):
        template = templates.get(way.stack, stacks[way.stack])
        table = template["Resources"][way.logical_id]
        if state is not None and _indexes(table) != state[1]:
            changed = {**template["Resources"], way.logical_id: _with_indexes(table, state[1], way.attributes)}
            templates[way.stack] = {**template, "Resources": changed}
    text = "; ".join(state[0] for state in states if state and state[0])
    return UpdateStep(base=base, templates=templates, text=text or "the release, with every index that was there")


def _with_indexes(table: Resource, indexes: Indexes, attributes: Mapping[str, Any]) -> Resource:
    """The table with these indexes and the attributes that they need: DynamoDB takes no other ones."""
    keyed = [look_up(table, "KeySchema"), *(index["KeySchema"] for index in indexes.values())]
    keyed += [index["KeySchema"] for index in look_up(table, "LocalSecondaryIndexes") or ()]
    needed = dict.fromkeys(key["AttributeName"] for keys in keyed for key in keys)
    properties = {
        **table["Properties"],
        "AttributeDefinitions": [attributes[name] for name in needed],
        _INDEXES: list(indexes.values()),
    }
    if not indexes:
        del properties[_INDEXES]
    return {**table, "Properties": properties}


def _at(states: tuple[tuple[str, Indexes], ...], number: int) -> tuple[str, Indexes] | None:
    """The state of a table in a step: its last one, when it is there before the others are; None without any."""
    if not states:
        return None
    text, indexes = states[min(number, len(states) - 1)]
    return (text if number < len(states) else "", indexes)


def _attributes(table: Resource) -> dict[str, Mapping[str, Any]]:
    return {item["AttributeName"]: item for item in look_up(table, "AttributeDefinitions") or ()}


def _indexes(table: Resource) -> dict[str, Mapping[str, Any]]:
    """By name; none where the list is no literal one, which nothing can be said of."""
    listed = look_up(table, _INDEXES)
    named = isinstance(listed, list) and all("IndexName" in index for index in listed)
    return {str(index["IndexName"]): index for index in listed} if named else {}


def _differs(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether an index must be made anew: its throughput changes in place."""
    return any(old.get(part) != new.get(part) for part in ("KeySchema", "Projection"))
