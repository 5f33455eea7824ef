"""Event source mappings of table streams in templates: filters, the alias, and the role that reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.conftest import until
from tests.local.extension.deliveries import Reader, allow, arn, ref, resource
from tests.local.extension.templates import table

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

READS = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]


def template(reader: Reader, name: str, *lacking: str, **mapping: Any) -> dict[str, Any]:
    """A table with a stream that feeds the alias; the role lacks the actions that are named."""
    actions = [action for action in READS if action not in lacking]
    statements = [allow(actions, arn("Table", "StreamArn"))]
    if "dynamodb:ListStreams" not in lacking:
        statements.append(allow("dynamodb:ListStreams", "*"))
    return {
        "Resources": {
            **reader.resources(*statements),
            "Table": table(name, StreamSpecification={"StreamViewType": "NEW_IMAGE"}),
            "Mapping": resource(
                "AWS::Lambda::EventSourceMapping",
                EventSourceArn=arn("Table", "StreamArn"),
                FunctionName=ref("Live"),
                **{"StartingPosition": "TRIM_HORIZON"} | mapping,
            ),
        }
    }


def put(client: ClientFactory, name: str, identifier: str, kind: str = "order") -> None:
    client("dynamodb").put_item(TableName=name, Item={"id": {"S": identifier}, "kind": {"S": kind}})


def ids(reader: Reader) -> list[str]:
    return [record["dynamodb"]["Keys"]["id"]["S"] for event in reader.events() for record in event["Records"]]


def test_records_that_match_reach_the_alias(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """A filter on the new image drops the others, which are passed over."""
    pattern = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": [{"prefix": "ord"}]}}}}
    criteria = {"Filters": [{"Pattern": json.dumps(pattern)}]}
    assert stacks.create(name, template(reader, name, FilterCriteria=criteria)) == "CREATE_COMPLETE"
    put(client, name, "a", "noise")
    put(client, name, "b")
    put(client, name, "b", "order-changed")
    put(client, name, "c")
    until(lambda: ids(reader) == ["b", "c"])
    assert reader.entries()[0]["arn"].endswith(":live")


@pytest.mark.parametrize("lacking", [*READS, "dynamodb:ListStreams"])
def test_a_stream_needs_the_roles_permission(stacks: Stacks, name: str, reader: Reader, lacking: str) -> None:
    """Each of the four actions is asked for when the mapping is made."""
    assert stacks.create(name, template(reader, name, lacking)) == "ROLLBACK_COMPLETE"
    assert "Cannot access stream" in " ".join(reason for _, _, reason in stacks.events(name))


def test_a_permission_that_is_taken_away_stops_the_reading(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """Records wait in the stream until the role may read again."""
    stacks.create(name, template(reader, name))
    role = stacks.resources(name)["Role"]
    iam = client("iam")
    document = iam.get_role_policy(RoleName=role, PolicyName="policy")["PolicyDocument"]
    iam.delete_role_policy(RoleName=role, PolicyName="policy")
    put(client, name, "waits")
    mapping = stacks.resources(name)["Mapping"]
    until(lambda: "PROBLEM" in client("lambda").get_event_source_mapping(UUID=mapping)["LastProcessingResult"])
    assert not reader.entries()
    iam.put_role_policy(RoleName=role, PolicyName="policy", PolicyDocument=json.dumps(document))
    until(lambda: ids(reader) == ["waits"])


def test_a_stream_needs_a_starting_position(stacks: Stacks, name: str, reader: Reader) -> None:
    """Lambda has no default for it."""
    without = template(reader, name)
    del without["Resources"]["Mapping"]["Properties"]["StartingPosition"]
    assert stacks.create(name, without) == "ROLLBACK_COMPLETE"
