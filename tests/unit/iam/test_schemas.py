"""The table of CloudFormation's calls, held against schemas as DescribeType answers them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.stub import Stubber

from tapgen.aws.resource_types import read_schema
from tapgen.aws.session import Aws, Target
from tapgen.errors import AwsError
from tapgen.iam.resource_actions import OPERATIONS, actions_of, known_types, omissions, split_actions
from tapgen.iam.schemas import SchemaDifference, compare_schema

ALARM = "AWS::CloudWatch::Alarm"


def _schema(resource_type: str) -> dict[str, Any]:
    """The schema that agrees with the table."""
    handlers: dict[str, Any] = {operation: {"permissions": []} for operation in OPERATIONS}
    for operation, action, source in actions_of(resource_type):
        if source.startswith("schema of"):
            handlers[operation]["permissions"].append(action)
    return {"handlers": handlers}


@pytest.mark.parametrize("resource_type", sorted(known_types()))
def test_a_schema_that_agrees_makes_no_difference(resource_type: str) -> None:
    """Neither do other letter cases, nor actions that are left out with a reason."""
    schema = _schema(resource_type)
    create = schema["handlers"]["create"]["permissions"]
    create[:] = [action.swapcase() for action in create]
    for kind, text, _ in omissions():
        if kind == resource_type:
            create.extend(split_actions(text))

    assert not list(compare_schema(resource_type, schema))


def test_each_side_is_told() -> None:
    """An action that the schema has gained, and one that it has lost, by type and operation."""
    schema = _schema(ALARM)
    schema["handlers"]["update"]["permissions"].append("cloudwatch:MuteAlarm")
    schema["handlers"]["delete"]["permissions"].remove("cloudwatch:DescribeAlarms")

    assert list(compare_schema(ALARM, schema)) == [
        SchemaDifference(resource_type=ALARM, operation="update", action="cloudwatch:MuteAlarm", named_by="schema"),
        SchemaDifference(resource_type=ALARM, operation="delete", action="cloudwatch:DescribeAlarms", named_by="table"),
    ]


def test_calls_for_tags_are_listed_apart() -> None:
    """A schema says under ``tagging`` what an update of tags calls."""
    schema = _schema(ALARM)
    schema["handlers"]["update"]["permissions"].remove("cloudwatch:ListTagsForResource")
    schema["tagging"] = {"permissions": ["cloudwatch:ListTagsForResource", "cloudwatch:Unheard"]}

    assert not list(compare_schema(ALARM, schema))


def test_a_type_without_handlers_says_nothing() -> None:
    """Its calls come from documentation: there is nothing to compare them with."""
    assert not list(compare_schema(ALARM, {"properties": {}}))


def test_schemas_are_read_by_name() -> None:
    """A type that the region does not have is none; what else AWS refuses is an error."""
    client = Aws(Target(region="eu-west-1", access_key_id="a", secret_access_key="b")).client("cloudformation")  # noqa: S106 - the stub asks nobody
    wanted = {"Type": "RESOURCE", "TypeName": ALARM}
    with Stubber(client) as stubber:
        stubber.add_response("describe_type", {"Schema": json.dumps(_schema(ALARM))}, wanted)
        stubber.add_client_error("describe_type", "TypeNotFoundException", expected_params=wanted)
        stubber.add_client_error("describe_type", "AccessDenied", expected_params=wanted)

        assert read_schema(client, ALARM) == _schema(ALARM)
        assert read_schema(client, ALARM) is None
        with pytest.raises(AwsError, match=f"read the schema of {ALARM}"):
            read_schema(client, ALARM)
