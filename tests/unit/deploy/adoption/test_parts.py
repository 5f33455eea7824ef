"""Which resource of a release somebody means by PART=PHYSICAL_ID."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.deploy.parts import Part, list_parts, read_wishes
from tapgen.errors import UsageError
from tapgen.model import Rendered, ShiftPolicy

POLICY = ShiftPolicy(
    functions=("api",), minimum_requests=0, inconclusive="warn", probes_per_min=0, authorization="NONE"
)
RENDERED = Rendered(
    deployment="shop-prod",
    environment="prod",
    suffix=None,
    account_id="123456789012",
    region="eu-west-1",
    configured_region="eu-west-1",
    production=True,
    stack_protection=True,
    root_stack="shop-prod-eu-west-1-service",
    artifact_bucket="artifacts",
    release_id="r",
    parameters={},
    tags={},
    shift=POLICY,
    templates=(),
    artifacts=(),
)


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


STACKS = {
    "root": {"Resources": {"Data": _resource("AWS::CloudFormation::Stack")}},
    "Data": {
        "Resources": {
            "OrdersTable": _resource("AWS::DynamoDB::Table", TableName="shop-prod-eu-west-1-orders"),
            "ArchiveBucket": _resource("AWS::S3::Bucket", BucketName="shop-prod-eu-west-1-archive-123456789012"),
            "OrdersQueue": _resource("AWS::SQS::Queue", QueueName="shop-prod-eu-west-1-jobs"),
            "Events": _resource("AWS::SNS::Topic"),
        }
    },
    "Compute": {
        "Resources": {
            "ApiFunction": _resource("AWS::Lambda::Function", FunctionName="shop-prod-eu-west-1-api"),
            "AccessLogGroup": _resource("AWS::Logs::LogGroup", LogGroupName="/vended/shop-prod-eu-west-1-access"),
            "Events": _resource("AWS::Logs::LogGroup", LogGroupName="/events"),
        }
    },
    "Security": {"Resources": {"Key": _resource("AWS::KMS::Key")}},
}


def _parts() -> tuple[Part, ...]:
    return list_parts(STACKS, RENDERED)


def _path(word: str) -> str:
    (wish,) = read_wishes([f"{word}=x"], _parts())
    return wish.part.path


def test_only_what_holds_data_is_a_part() -> None:
    """Tables, buckets, queues, topics, log groups and keys; functions and nested stacks are none."""
    assert [part.path for part in _parts()] == [
        *("Data.OrdersTable", "Data.ArchiveBucket", "Data.OrdersQueue", "Data.Events"),
        *("Compute.AccessLogGroup", "Compute.Events", "Security.Key"),
    ]


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("Data.OrdersTable", "Data.OrdersTable"),
        ("OrdersTable", "Data.OrdersTable"),
        ("table:orders", "Data.OrdersTable"),
        ("queue:orders", "Data.OrdersQueue"),
        ("jobs", "Data.OrdersQueue"),
        ("archive", "Data.ArchiveBucket"),
        ("archive_bucket", "Data.ArchiveBucket"),
        ("access", "Compute.AccessLogGroup"),
        ("log-group:access", "Compute.AccessLogGroup"),
        ("topic:events", "Data.Events"),
        ("key", "Security.Key"),
        ("kms:Key", ""),
    ],
)
def test_a_part_has_many_names(word: str, path: str) -> None:
    """Its path, its logical id, the same without its type, and the role in its physical name; a kind tells apart."""
    if path:
        assert _path(word) == path
    else:
        with pytest.raises(UsageError, match="no part"):
            _path(word)


def test_an_ambiguous_name_lists_what_it_could_be() -> None:
    """Two parts of a name: both are named with their paths, and nothing is chosen."""
    with pytest.raises(UsageError, match="more than one part") as caught:
        _path("orders")
    assert "Data.OrdersTable" in caught.value.why
    assert "Data.OrdersQueue" in caught.value.why
    with pytest.raises(UsageError, match="more than one part"):
        _path("Events")


def test_an_unknown_name_lists_the_parts() -> None:
    """A function holds no data; the answer says what there is, with the names that are rendered."""
    for word in ("ApiFunction", "nothing", "bucket:orders"):
        with pytest.raises(UsageError, match="no part") as caught:
            _path(word)
        assert "Data.OrdersTable (table) shop-prod-eu-west-1-orders" in caught.value.hint
        assert "Security.Key (key) any id" in caught.value.hint


@pytest.mark.parametrize("assignment", ["", "orders", "=x", "table:orders="])
def test_what_is_no_assignment_is_refused(assignment: str) -> None:
    """The form is PART=PHYSICAL_ID; an example is given."""
    with pytest.raises(UsageError, match="PART=PHYSICAL_ID"):
        read_wishes([assignment], _parts())


def test_a_part_is_named_once() -> None:
    """Two ids for one part cannot both be meant."""
    with pytest.raises(UsageError, match="named twice"):
        read_wishes(["table:orders=a", "Data.OrdersTable=b"], _parts())


def test_an_id_may_hold_an_equals_sign() -> None:
    """Only the first one separates."""
    (wish,) = read_wishes(["queue:jobs=https://sqs/q?a=b"], _parts())
    assert wish.given == "https://sqs/q?a=b"
