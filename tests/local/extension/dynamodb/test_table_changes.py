"""A table's expiry changes once an hour and one attribute at a time; a stream that shows something else is another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.local.extension.dynamodb.table_changes import expiry_fault
from tests.local.conftest import Stacks, client_factory
from tests.local.extension.conftest import start, until
from tests.local.extension.templates import arn, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.local.conftest import ClientFactory

ON = {"TimeToLiveStatus": "ENABLED", "AttributeName": "a"}
OFF = {"TimeToLiveStatus": "DISABLED", "AttributeName": "a"}
INTERVAL = "modified multiple times within a fixed interval"


@pytest.fixture(scope="module")
def quick_stacks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stacks]:
    """Stacks of an embedded AWS in which an hour takes less than a second."""
    root: Path = tmp_path_factory.mktemp("quick-aws")
    aws = start(root, "0.01")
    yield Stacks(client_factory(aws.status()))
    aws.stop()


def expiring(name: str, attribute: str | None, *, enabled: bool = True) -> dict[str, Any]:
    expiry = {"TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": enabled}} if attribute else {}
    return {"Resources": {"Table": table(name, **expiry)}}


def reasons(stacks: Stacks, name: str) -> str:
    return " ".join(reason for _, _, reason in stacks.events(name))


@pytest.mark.parametrize(
    ("setting", "wanted", "since_s", "said"),
    [
        ({}, {"AttributeName": "a", "Enabled": True}, 9999, ""),
        ({}, {"AttributeName": "a", "Enabled": False}, 9999, "already disabled"),
        (ON, {"AttributeName": "a", "Enabled": True}, 9999, "already enabled"),
        (ON, {"AttributeName": "b", "Enabled": True}, 9999, "current AttributeName is a"),
        (ON, {"AttributeName": "b", "Enabled": False}, 9999, "current AttributeName is a"),
        (ON, {"AttributeName": "a", "Enabled": False}, 9999, ""),
        (OFF, {"AttributeName": "b", "Enabled": True}, 10, INTERVAL),
    ],
)
def test_an_expiry_changes_one_attribute_at_a_time(
    setting: dict[str, Any], wanted: dict[str, Any], since_s: float, said: str
) -> None:
    """Off before another one is on, and an hour between."""
    fault = expiry_fault(setting, wanted, since_s=since_s, interval_s=3600)
    assert said in fault
    assert bool(said) == bool(fault)


def test_another_attribute_takes_two_updates_and_an_hour(quick_stacks: Stacks, name: str) -> None:
    """Each shortcut is refused in AWS's words; the long way goes."""
    assert quick_stacks.create(name, expiring(name, "a")) == "CREATE_COMPLETE"
    until(lambda: quick_stacks.update(name, expiring(name, "a", enabled=False)) == "UPDATE_COMPLETE")
    until(lambda: quick_stacks.update(name, expiring(name, "b")) == "UPDATE_COMPLETE")
    assert quick_stacks.update(name, expiring(name, "c")) == "UPDATE_ROLLBACK_COMPLETE"
    assert "TimeToLive is active on a different AttributeName: current AttributeName is b" in reasons(
        quick_stacks, name
    )
    assert quick_stacks.update(name, expiring(name, None)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "AttributeName property of TimeToLiveSpecification is required when TTL status" in reasons(
        quick_stacks, name
    )


def test_two_changes_within_an_hour_are_refused(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """By DynamoDB itself, whoever asks."""
    stacks.create(name, expiring(name, "a"))
    with pytest.raises(ClientError, match=INTERVAL):
        client("dynamodb").update_time_to_live(
            TableName=name, TimeToLiveSpecification={"AttributeName": "a", "Enabled": False}
        )
    assert stacks.update(name, expiring(name, "a", enabled=False)) == "UPDATE_ROLLBACK_COMPLETE"
    assert INTERVAL in reasons(stacks, name)


def test_another_view_is_another_stream(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """CloudFormation turns it off and on; DynamoDB does not change one that is on."""
    made = {
        "Resources": {"Table": table(name, StreamSpecification={"StreamViewType": "KEYS_ONLY"})},
        "Outputs": {"Stream": {"Value": {"Fn::GetAtt": ["Table", "StreamArn"]}}, "Table": {"Value": arn("Table")}},
    }
    assert stacks.create(name, made) == "CREATE_COMPLETE"
    first = stacks.outputs(name)["Stream"]
    made["Resources"]["Table"]["Properties"]["StreamSpecification"] = {"StreamViewType": "NEW_IMAGE"}
    assert stacks.update(name, made) == "UPDATE_COMPLETE"
    assert stacks.outputs(name)["Stream"] != first
    found = client("dynamodb").describe_table(TableName=name)["Table"]["StreamSpecification"]
    assert found["StreamViewType"] == "NEW_IMAGE"
    with pytest.raises(ClientError, match="Table already has an enabled stream"):
        client("dynamodb").update_table(
            TableName=name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"}
        )
