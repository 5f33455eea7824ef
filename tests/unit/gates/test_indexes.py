"""Index changes as successive updates: one a table and step, in an order in which no code misses an index."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tapgen.gates.indexes import TABLE, count_index_changes, split_index_changes


def _index(name: str, *keys: str, projection: str = "ALL") -> dict[str, Any]:
    schema = [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
    return {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": projection}}


def _table(*indexes: dict[str, Any]) -> dict[str, Any]:
    names = {"id", *(key["AttributeName"] for index in indexes for key in index["KeySchema"])}
    properties: dict[str, Any] = {
        "TableName": "orders",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)],
    }
    return {"Type": TABLE, "Properties": properties | ({"GlobalSecondaryIndexes": list(indexes)} if indexes else {})}


def _stacks(*indexes: dict[str, Any], code: str = "1") -> dict[str, Any]:
    function = {"Type": "AWS::Lambda::Function", "Properties": {"Code": code}}
    return {"root": {"Resources": {}}, "Data": {"Resources": {"Orders": _table(*indexes), "Code": function}}}


A, B, C, D = (_index(name, name.lower()) for name in "ABCD")


def _resolve(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """The data stack's resources after each step."""
    bases = {"live": before, "release": after}
    return [{**bases[step.base], **step.templates}["Data"]["Resources"] for step in split_index_changes(before, after)]


def _names(resources: dict[str, Any]) -> str:
    return "".join(index["IndexName"] for index in resources["Orders"]["Properties"].get("GlobalSecondaryIndexes", ()))


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [
        ((), (A,), []),
        ((A,), (), []),
        ((A, B), (A, B), []),
        ((), (A, B, C), ["1:A", "1:AB", "2:ABC"]),
        ((A, B), (), ["2:AB", "2:B", "2:"]),
        ((A, B), (B, C, D), ["1:ABC", "2:ABCD", "2:BCD"]),
        ((A,), (_index("A", "b"),), ["1:", "2:A"]),
        ((A,), (_index("A", "a", projection="KEYS_ONLY"), B), ["1:", "1:A", "2:AB"]),
    ],
)
def test_each_update_changes_one_index(
    before: tuple[dict[str, Any], ...], after: tuple[dict[str, Any], ...], steps: list[str]
) -> None:
    """New indexes come under the live code (1), then the release (2) with the last of them, then the old ones go."""
    live, release = _stacks(*before), _stacks(*after, code="2")

    found = _resolve(live, release)

    assert [f"{resources['Code']['Properties']['Code']}:{_names(resources)}" for resources in found] == steps
    tables = [live["Data"]["Resources"]["Orders"], *(resources["Orders"] for resources in found)]
    assert all(count_index_changes(old, new) <= 1 for old, new in itertools.pairwise(tables))
    for table in tables[1:]:
        properties = table["Properties"]
        keyed = [properties, *properties.get("GlobalSecondaryIndexes", ())]
        used = {key["AttributeName"] for item in keyed for key in item["KeySchema"]}
        assert {item["AttributeName"] for item in properties["AttributeDefinitions"]} == used
    assert not found or found[-1] == release["Data"]["Resources"]


def test_tables_change_side_by_side_and_new_ones_come_with_all_their_indexes() -> None:
    """One index a table is one update for both; a table that is new takes any number."""
    live, release = _stacks(A), _stacks(A, B, C)
    live["Data"]["Resources"]["Other"] = _table()
    release["Data"]["Resources"]["Other"] = _table(A, B, C)
    release["Data"]["Resources"]["New"] = _table(A, B, C)

    steps = split_index_changes(live, release)

    assert [step.text for step in steps] == [
        "Data.Orders: create index B; Data.Other: create index A",
        "Data.Other: create index B",
        "Data.Orders: create index C; Data.Other: create index C",
    ]
    assert split_index_changes({}, release) == ()


def test_what_cannot_be_read_is_left_as_it_is() -> None:
    """An Fn::If in place of the list: CloudFormation decides, and tells."""
    release = _stacks(A, B)
    release["Data"]["Resources"]["Orders"]["Properties"]["GlobalSecondaryIndexes"] = {"Fn::If": ["X", [], []]}

    assert split_index_changes(_stacks(), release) == ()
