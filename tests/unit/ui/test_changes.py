"""How a change set reads as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from tapgen.model import Change
from tapgen.ui.changes import change_lines, summarise
from tests.unit.ui.conftest import changes

if TYPE_CHECKING:
    from tests.unit.ui.conftest import Compare

_NESTED = "AWS::CloudFormation::Stack"


def _text(*planned: Change, width: int = 80) -> list[str]:
    return [line.text for line in change_lines(planned, width=width)]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_change_tree_fits_its_width(width: int, matches_snapshot: Compare) -> None:
    """The tree is readable without colour at any width, and a replaced table stands out in words."""
    lines = _text(*changes(), width=width)

    matches_snapshot(f"changes-{width}", "\n".join(lines) + "\n")
    assert any("DATA AT RISK" in line for line in lines)


@pytest.mark.parametrize("width", [40, 80])
def test_no_width_takes_words_away(width: int) -> None:
    """A narrow tree says what a wide one says, on more lines, and no line is wider than it may be."""
    narrow, wide = _text(*changes(), width=width), _text(*changes(), width=500)

    assert " ".join(narrow).split() == " ".join(wide).split()
    assert max(map(len, narrow)) <= width


def test_stacks_without_changes_of_their_own_are_one_dim_line() -> None:
    """However deep it is nested, a stack in which nothing changes is not unfolded."""
    inner = Change(action="Modify", logical_id="Inner", resource_type=_NESTED)
    outer = Change(action="Modify", logical_id="Outer", resource_type=_NESTED, children=(inner,))

    line, summary = change_lines((outer,), width=80)

    assert line.text.split() == ["Outer", "unchanged"]
    assert line.style == "dim"
    assert summary.text == "no changes"


@pytest.mark.parametrize(
    ("action", "replacement", "expected"),
    [
        ("Modify", "True", "DATA AT RISK: the new table starts empty"),
        ("Modify", "Conditional", "DATA AT RISK: if it is replaced, the new table starts empty"),
        ("Remove", "", "DATA AT RISK: what it holds goes with it, unless the template retains it"),
    ],
)
def test_risk_to_data_is_said_in_words(
    action: Literal["Modify", "Remove"], replacement: Literal["", "True", "Conditional"], expected: str
) -> None:
    """Replacing, perhaps replacing and removing a table each say what becomes of its items."""
    change = Change(action=action, logical_id="Table", resource_type="AWS::DynamoDB::Table", replacement=replacement)

    assert any(expected in line for line in _text(change, width=200))


def test_nothing_is_at_risk_in_a_function_that_is_replaced() -> None:
    """A resource without data is replaced in one quiet word."""
    change = Change(
        action="Modify", logical_id="Api", resource_type="AWS::Lambda::Function", replacement="True", reasons=("Name",)
    )

    assert _text(change)[0].split() == ["!", "Api", "replace", "Lambda::Function"]
    assert "RISK" not in "".join(_text(change))


def test_summary_counts_resources_and_not_stacks() -> None:
    """Nested stacks are containers: only what is in them counts, and rare actions are named when they occur."""
    stack = Change(action="Add", logical_id="Data", resource_type=_NESTED)
    imported = Change(action="Import", logical_id="Table", resource_type="AWS::DynamoDB::Table")

    assert summarise((stack,)) == "no changes"
    assert summarise((imported,)) == "0 to add, 0 to modify, 0 to remove, 1 to import"
    assert summarise(changes()) == "1 to add, 3 to modify (1 replaced, 1 perhaps replaced), 1 to remove"
