"""Conditions compare what functions make of parameters, as CloudFormation does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.local.conftest import Stacks

_LIST = {"Ref": "Accounts"}


def _template(compared: Any, other: str) -> dict[str, Any]:
    return {
        "Parameters": {
            "Accounts": {"Type": "CommaDelimitedList", "Default": ""},
            "Stage": {"Type": "String", "Default": "dev"},
        },
        "Mappings": {"Sizes": {"dev": {"Memory": "small"}}},
        "Conditions": {"Same": {"Fn::Equals": [compared, other]}, "Other": {"Fn::Not": [{"Condition": "Same"}]}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {
            "Same": {"Value": {"Fn::If": ["Same", "yes", "no"]}},
            "Other": {"Value": {"Fn::If": ["Other", "yes", "no"]}},
        },
    }


@pytest.mark.parametrize(
    ("compared", "other", "accounts", "same"),
    [
        ({"Fn::Join": ["", _LIST]}, "", "", "yes"),
        ({"Fn::Join": ["", _LIST]}, "", "111111111111", "no"),
        ({"Fn::Join": ["-", _LIST]}, "1-2", "1,2", "yes"),
        ({"Fn::Select": ["1", _LIST]}, "2", "1,2", "yes"),
        ({"Fn::Sub": "${Stage}-${AWS::Partition}"}, "dev-aws", "", "yes"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Memory"]}, "small", "", "yes"),
        ({"Fn::Select": ["0", {"Fn::Split": ["-", {"Ref": "Stage"}]}]}, "prod", "", "no"),
    ],
)
def test_a_function_is_compared_by_its_value(
    stacks: Stacks, name: str, compared: Any, *, other: str, accounts: str, same: str
) -> None:
    """Whether a list is empty is asked by Fn::Join; each function that a condition may hold counts by its value."""
    parameters = [{"ParameterKey": "Accounts", "ParameterValue": accounts}]

    assert stacks.create(name, _template(compared, other), Parameters=parameters) == "CREATE_COMPLETE"

    assert stacks.outputs(name) == {"Same": same, "Other": {"yes": "no", "no": "yes"}[same]}
