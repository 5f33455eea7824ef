"""What a change set says of a property that reads its value from another resource."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.local.conftest import Stacks


def _template(source: str) -> dict[str, Any]:
    return {
        "Resources": {
            "One": {"Type": "AWS::SQS::Queue"},
            "Two": {"Type": "AWS::SQS::Queue"},
            "Reader": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::GetAtt": [source, "QueueName"]}}},
        }
    }


def test_reading_from_another_resource_is_a_change(stacks: Stacks, name: str) -> None:
    """A resource whose Fn::GetAtt points elsewhere is listed with the property; one that reads the same is not."""
    stacks.create(name, _template("One"))
    made = stacks.cfn.create_change_set(
        StackName=name, ChangeSetName="other", TemplateBody=json.dumps(_template("Two"))
    )

    changes = stacks.cfn.describe_change_set(ChangeSetName=made["Id"])["Changes"]
    assert [change["ResourceChange"]["LogicalResourceId"] for change in changes] == ["Reader"]
    assert [detail["Target"]["Name"] for detail in changes[0]["ResourceChange"]["Details"]] == ["DisplayName"]


def test_reading_from_the_same_resource_is_none(stacks: Stacks, name: str) -> None:
    """The same template again has nothing to change."""
    stacks.create(name, _template("One"))
    made = stacks.cfn.create_change_set(StackName=name, ChangeSetName="same", TemplateBody=json.dumps(_template("One")))

    answer = stacks.cfn.describe_change_set(ChangeSetName=made["Id"])
    assert answer["Status"] == "FAILED"
    assert "didn't contain changes" in answer["StatusReason"]
