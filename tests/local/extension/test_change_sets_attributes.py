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


def test_change_in_place_does_not_spread(stacks: Stacks, name: str) -> None:
    """A resource changed in place keeps its id: what refers to it is not listed, and nothing is said to be replaced."""

    def template(text: str) -> dict[str, Any]:
        return {
            "Resources": {
                "Body": {
                    "Type": "AWS::CloudWatch::Dashboard",
                    "Properties": {"DashboardName": name, "DashboardBody": json.dumps({"widgets": [], "start": text})},
                },
                "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Body"}}},
            }
        }

    stacks.create(name, template("-PT1H"))
    made = stacks.cfn.create_change_set(
        StackName=name, ChangeSetName="other", TemplateBody=json.dumps(template("-PT3H"))
    )

    changes = stacks.cfn.describe_change_set(ChangeSetName=made["Id"])["Changes"]
    listed = [(item["ResourceChange"]["LogicalResourceId"], item["ResourceChange"]["Replacement"]) for item in changes]
    assert listed == [("Body", "False")]
