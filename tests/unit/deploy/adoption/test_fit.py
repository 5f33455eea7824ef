"""What separates an existing resource from its definition, and the definition that is imported."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.aws.adoptable.lifecycle import lifecycle_of
from tapgen.aws.adoptable.model import Existing
from tapgen.deploy.adoption.definitions import define, define_policies, encode, import_of, nested_row, with_resources
from tapgen.deploy.adoption.fit import find_differences, fits
from tapgen.deploy.drift.expectation import Surroundings
from tapgen.deploy.parts import Part

AROUND = Surroundings(
    account_id="123456789012", region="eu-west-1", partition="aws", url_suffix="amazonaws.com", parameters={}
)
KEY = "arn:aws:kms:eu-west-1:123456789012:key/abc"


def _part(kind: str, properties: dict[str, Any], **attributes: Any) -> Part:
    return Part(
        stack="Data",
        logical_id="It",
        resource_type=kind,
        definition={"Type": kind, "Properties": properties, **attributes},
        names=frozenset(),
    )


def _table(**properties: Any) -> Part:
    return _part(
        "AWS::DynamoDB::Table",
        {
            "TableName": "orders",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            **properties,
        },
    )


def _existing(name: str = "orders", covered: tuple[str, ...] = (), **properties: Any) -> Existing:
    found = {
        "TableName": name,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        **properties,
    }
    return Existing(
        identifier={"TableName": name},
        physical_id=name,
        name=name,
        properties=found,
        covered=frozenset({*found, "LocalSecondaryIndexes", *covered}),
    )


def _names(part: Part, existing: Existing) -> dict[str, bool]:
    return {each.name: each.lasting for each in find_differences(part, existing, AROUND)}


def test_the_same_differs_in_nothing() -> None:
    """Order does not count, nor do keys that the definition leaves to AWS."""
    part = _table(StreamSpecification={"StreamViewType": "NEW_IMAGE"})
    assert not _names(part, _existing(StreamSpecification={"StreamViewType": "NEW_IMAGE", "More": 1}))


@pytest.mark.parametrize(
    ("wanted", "actual", "same"),
    [
        (True, "true", True),
        (30, "30", True),
        (False, None, True),
        ({"Enabled": False}, {}, True),
        ({"Enabled": True}, {}, False),
        ([{"Key": "a", "V": 1}, {"Key": "b", "V": 2}], [{"Key": "b", "V": 2}, {"Key": "a", "V": 1}], True),
        ([1], [1, 2], False),
        ({"a": 1}, None, False),
    ],
)
def test_values_are_compared_as_templates_write_them(wanted: Any, actual: Any, *, same: bool) -> None:
    """Numbers and switches may be texts; lists are sets of their elements."""
    assert fits(wanted, actual) is same


def test_what_can_change_is_told_apart_from_what_cannot() -> None:
    """A switch that is off is for the next deploy; another key or name is for nobody."""
    part = _table(DeletionProtectionEnabled=True)
    assert _names(part, _existing(DeletionProtectionEnabled=False)) == {"DeletionProtectionEnabled": False}
    assert _names(part, _existing(name="other", DeletionProtectionEnabled=True)) == {"TableName": True}
    other_key = [{"AttributeName": "sku", "KeyType": "HASH"}]
    assert _names(part, _existing(KeySchema=other_key, DeletionProtectionEnabled=True))["KeySchema"] is True
    number = [{"AttributeName": "id", "AttributeType": "N"}]
    assert _names(part, _existing(AttributeDefinitions=number, DeletionProtectionEnabled=True)) == {
        "AttributeDefinitions": True
    }


def test_a_local_index_comes_with_its_table_or_never() -> None:
    """Local secondary indexes are part of a table's making: more or fewer of them cannot be adopted."""
    index = [{"IndexName": "by-day", "KeySchema": [], "Projection": {}}]
    assert _names(_table(), _existing(LocalSecondaryIndexes=index)) == {"LocalSecondaryIndexes": True}
    assert _names(_table(LocalSecondaryIndexes=index), _existing()) == {"LocalSecondaryIndexes": True}


def test_defaults_of_what_never_changes_count() -> None:
    """A queue without a word on FIFO is a standard queue; a FIFO queue is not that part."""
    part = _part("AWS::SQS::Queue", {"QueueName": "jobs"})
    queue = Existing(
        identifier={},
        physical_id="url",
        name="jobs",
        properties={"QueueName": "jobs", "FifoQueue": True},
        covered=frozenset({"QueueName", "FifoQueue"}),
    )
    assert _names(part, queue) == {"FifoQueue": True}


def test_a_name_that_is_an_expression_is_compared_by_its_value() -> None:
    """Pseudo parameters are known; a part whose name AWS chooses takes any resource."""
    part = _table(TableName={"Fn::Sub": "orders-${AWS::Region}"})
    assert not _names(part, _existing(name="orders-eu-west-1"))
    assert _names(part, _existing(name="orders")) == {"TableName": True}
    unnamed = _part("AWS::KMS::Key", {"Description": "x"})
    key = Existing(
        identifier={"KeyId": "abc"},
        physical_id="abc",
        name="abc",
        properties={"Description": "x"},
        covered=frozenset({"Description"}),
    )
    assert not _names(unnamed, key)


def test_the_imported_definition_says_what_is() -> None:
    """Known values are as they are, so that the next deploy sees what differs; others are left to that deploy."""
    part = _table(
        DeletionProtectionEnabled=True,
        SSESpecification={"SSEEnabled": True, "KMSMasterKeyId": {"Ref": "KeyArn"}},
        TimeToLiveSpecification={"AttributeName": "expiry", "Enabled": True},
        Tags=[{"Key": "Owner", "Value": "us"}],
    )
    existing = _existing(
        covered=("TimeToLiveSpecification",),
        DeletionProtectionEnabled=False,
        SSESpecification={"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY},
    )
    made = define(part, existing, AROUND)
    assert made["Properties"]["DeletionProtectionEnabled"] is False
    assert made["Properties"]["SSESpecification"]["KMSMasterKeyId"] == KEY
    assert "TimeToLiveSpecification" not in made["Properties"]
    assert "Tags" not in made["Properties"]
    assert made["Properties"]["TableName"] == "orders"
    assert "Ref" not in encode(made).decode()


def test_what_never_changes_is_imported_as_rendered() -> None:
    """Left out now and set later it would need another resource; what no service tells is taken over, too."""
    part = _part("AWS::KMS::Key", {"KeySpec": "SYMMETRIC_DEFAULT", "PendingWindowInDays": 7, "KeyPolicy": {}})
    key = Existing(identifier={}, physical_id="abc", name="abc", properties={}, covered=frozenset())
    assert define(part, key, AROUND)["Properties"] == {"KeySpec": "SYMMETRIC_DEFAULT", "PendingWindowInDays": 7}


def test_an_import_has_a_deletion_policy() -> None:
    """The release's own; where it says nothing, what CloudFormation takes for nothing."""
    kept = _part("AWS::SQS::Queue", {"QueueName": "jobs"}, DeletionPolicy="Retain", UpdateReplacePolicy="Retain")
    bare = _part("AWS::SQS::Queue", {"QueueName": "jobs"})
    queue = Existing(identifier={}, physical_id="url", name="jobs", properties={}, covered=frozenset())
    assert define(kept, queue, AROUND)["DeletionPolicy"] == "Retain"
    assert define(kept, queue, AROUND)["UpdateReplacePolicy"] == "Retain"
    assert define(bare, queue, AROUND)["DeletionPolicy"] == "Delete"
    assert "UpdateReplacePolicy" not in define(bare, queue, AROUND)


def _bucket(policy: Any) -> Existing:
    return Existing(
        identifier={"BucketName": "archive"},
        physical_id="archive",
        name="archive",
        properties={},
        covered=frozenset(),
        policy=policy,
    )


def test_the_policy_of_a_bucket_comes_along() -> None:
    """CloudFormation would refuse to create one where one is; another bucket's policy is left alone."""
    arn = {"Fn::Sub": "arn:${AWS::Partition}:s3:::archive"}
    template = {
        "Resources": {
            "Mine": {
                "Type": "AWS::S3::BucketPolicy",
                "DeletionPolicy": "Retain",
                "Properties": {"Bucket": "archive", "PolicyDocument": {"Resource": arn}},
            },
            "ByRef": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {"Bucket": {"Ref": "Archive"}, "PolicyDocument": {"Resource": "other"}},
            },
            "Other": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "logs", "PolicyDocument": {}}},
            "Archive": {"Type": "AWS::S3::Bucket", "Properties": {}},
        }
    }
    actual = {"Resource": "arn:aws:s3:::archive"}
    made = define_policies(template, "Archive", _bucket(actual), AROUND)
    assert set(made) == {"Mine", "ByRef"}
    assert made["Mine"]["Properties"]["PolicyDocument"] == {"Resource": arn}
    assert made["ByRef"]["Properties"]["PolicyDocument"] == actual
    assert import_of("Mine", made["Mine"], _bucket(actual)).identifier == {"Bucket": "archive"}
    assert not define_policies(template, "Archive", _bucket(None), AROUND)


def test_nothing_else_of_a_template_changes() -> None:
    """Outputs, parameters and resources stay: an import may change none of them."""
    before: dict[str, Any] = {"Parameters": {"A": {}}, "Resources": {"One": {}}, "Outputs": {"O": {}}}
    assert with_resources(before, {"Two": {}}) == {
        "Parameters": {"A": {}},
        "Resources": {"One": {}, "Two": {}},
        "Outputs": {"O": {}},
    }
    assert before["Resources"] == {"One": {}}
    assert with_resources({}, {"Two": {}})["AWSTemplateFormatVersion"] == "2010-09-09"


def test_a_row_keeps_its_stack_and_repeats_its_tags() -> None:
    """CloudFormation compares template and tags, and wants a policy that retains."""
    row = nested_row("https://s3/t.json", {"b": "2", "a": "1"})
    assert row["DeletionPolicy"] == "Retain"
    assert row["Properties"] == {
        "TemplateURL": "https://s3/t.json",
        "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
    }


def test_lifecycle_rules_are_read_in_the_words_of_a_template() -> None:
    """The API's names differ: ids, filters, days, non-current versions."""
    answer = {
        "Rules": [
            {
                "ID": "Expire",
                "Status": "Enabled",
                "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}], "ObjectSizeGreaterThan": 5}},
                "Expiration": {"Days": 30},
                "Transitions": [{"Days": 10, "StorageClass": "GLACIER"}],
                "NoncurrentVersionTransitions": [{"NoncurrentDays": 3, "StorageClass": "GLACIER"}],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
            },
            {"Status": "Disabled", "Prefix": "", "Expiration": {"ExpiredObjectDeleteMarker": True}},
        ]
    }
    assert lifecycle_of(answer) == {
        "Rules": [
            {
                "Status": "Enabled",
                "Id": "Expire",
                "Prefix": "a/",
                "TagFilters": [{"Key": "k", "Value": "v"}],
                "ObjectSizeGreaterThan": "5",
                "ExpirationInDays": 30,
                "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 10}],
                "NoncurrentVersionTransitions": [{"StorageClass": "GLACIER", "TransitionInDays": 3}],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
            },
            {"Status": "Disabled", "ExpiredObjectDeleteMarker": True},
        ]
    }
    assert lifecycle_of(None) is None
    assert lifecycle_of({"Rules": []}) is None
