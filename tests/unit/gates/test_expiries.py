"""Changes of a table's expiry as updates of their own: after the code, off before on, an hour between."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.gates.expiries import TABLE, split_expiry_changes
from tapgen.gates.indexes import split_index_changes

OFF_A = {"AttributeName": "a", "Enabled": False}


def _on(attribute: str) -> dict[str, Any]:
    return {"AttributeName": attribute, "Enabled": True}


def _stacks(expiry: dict[str, Any] | None, *, code: str = "1", indexes: tuple[str, ...] = ()) -> dict[str, Any]:
    properties: dict[str, Any] = {"TableName": "orders", "KeySchema": [], "AttributeDefinitions": []}
    if expiry:
        properties["TimeToLiveSpecification"] = expiry
    if indexes:
        properties["GlobalSecondaryIndexes"] = [
            {"IndexName": name, "KeySchema": [], "Projection": {}} for name in indexes
        ]
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": f"{code}{expiry}"}}
    return {
        "root": {"Resources": {"Data": nested}},
        "Data": {"Resources": {"Orders": {"Type": TABLE, "Properties": properties}}},
        "Compute": {"Resources": {"Code": {"Type": "AWS::Lambda::Function", "Properties": {"Code": code}}}},
    }


def _expiries(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, Any]]:
    """The code and the table's expiry after each update."""
    found = []
    for step in split_expiry_changes(before, after, split_index_changes(before, after)):
        stacks = {**{"live": before, "release": after}[step.base], **step.templates}
        table = stacks["Data"]["Resources"]["Orders"]["Properties"]
        code = stacks["Compute"]["Resources"]["Code"]["Properties"]["Code"]
        found.append((code, table.get("TimeToLiveSpecification")))
    return found


@pytest.mark.parametrize(
    ("before", "after", "code", "steps"),
    [
        (_on("a"), _on("a"), "2", []),
        (None, _on("a"), "1", []),
        (OFF_A, _on("b"), "1", []),
        (OFF_A, None, "2", []),
        (None, _on("a"), "2", [("2", None), ("2", _on("a"))]),
        (_on("a"), _on("b"), "1", [("1", OFF_A), ("1", _on("b"))]),
        (_on("a"), _on("b"), "2", [("2", _on("a")), ("2", OFF_A), ("2", _on("b"))]),
        (_on("a"), None, "1", [("1", OFF_A), ("1", None)]),
        (_on("a"), None, "2", [("2", _on("a")), ("2", OFF_A), ("2", None)]),
    ],
)
def test_an_expiry_changes_after_everything_else(before: Any, after: Any, code: str, steps: list[Any]) -> None:
    """An update that may fail for its code leaves the expiry alone: DynamoDB would not take it back within an hour."""
    assert _expiries(_stacks(before), _stacks(after, code=code)) == steps


def test_only_another_attribute_waits() -> None:
    """What was turned off stays off; what comes in its place has to wait for it."""
    moved = split_expiry_changes(_stacks(_on("a")), _stacks(_on("b")))
    gone = split_expiry_changes(_stacks(_on("a")), _stacks(None))

    assert [step.expiries for step in moved] == [(), ("Data.Orders",)]
    assert [step.text for step in moved] == [
        "Data.Orders: nothing expires any more by a",
        "Data.Orders: items expire by b",
    ]
    assert [step.expiries for step in gone] == [(), ()]


def test_indexes_and_expiries_change_in_one_row_of_updates() -> None:
    """Those of indexes first, with the expiry as it was; the last one is the release itself."""
    before, after = _stacks(None, indexes=("x",)), _stacks(_on("a"), indexes=("y", "z"))
    steps = split_expiry_changes(before, after, split_index_changes(before, after))

    assert len(steps) > len(split_index_changes(before, after))
    assert steps[-1].templates == {}
    assert [expiry for _, expiry in _expiries(before, after)] == [*[None] * (len(steps) - 1), _on("a")]


def test_a_new_table_expires_from_the_beginning() -> None:
    """There is nothing to be taken back."""
    without = {**_stacks(None), "Data": {"Resources": {}}}
    assert split_expiry_changes(without, _stacks(_on("a"))) == ()
