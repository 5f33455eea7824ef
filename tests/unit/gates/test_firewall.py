"""The data firewall: what counts as a loss, which property is to blame, and what does not count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.gates.firewall import find_threats
from tapgen.model import Change, ChangeDetail

if TYPE_CHECKING:
    from tapgen.gates.allowances import Threat

TABLE, BUCKET, QUEUE, KEY, LOGS = (
    *("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::KMS::Key", "AWS::Logs::LogGroup"),
)


def _stacks(resource: dict[str, Any] | None) -> dict[str, Any]:
    return {"root": {"Resources": {}}, "Data": {"Resources": {"Orders": resource} if resource else {}}}


def _resource(resource_type: str, attributes: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return {"Type": resource_type, "Properties": properties, **(attributes or {})}


def _threats(before: dict[str, Any] | None, after: dict[str, Any] | None, *changes: Change) -> list[Threat]:
    listed = [(f"Data.{change.logical_id}", change) for change in changes]
    return list(find_threats(listed, _stacks(before), _stacks(after)))


def _change(resource_type: str, action: str, replacement: str = "", *replacing: str) -> Change:
    return Change(
        action=action,  # type: ignore[arg-type]  # parametrized as text
        logical_id="Orders",
        resource_type=resource_type,
        replacement=replacement,  # type: ignore[arg-type]  # parametrized as text
        reasons=tuple(f"Properties.{name} (DirectModification)" for name in replacing),
        details=tuple(
            ChangeDetail(
                attribute="Properties",
                name=name,
                requires_recreation="Always",
                evaluation="Static",
                source="DirectModification",
                cause="",
            )
            for name in replacing
        ),
    )


@pytest.mark.parametrize("resource_type", [TABLE, BUCKET, QUEUE, KEY, LOGS])
def test_data_that_would_go_is_named_with_its_property_and_cause(resource_type: str) -> None:
    """Removal, replacement, and what may become one; what CloudFormation and the templates both say is said once."""
    resource = _resource(resource_type)
    (removed,) = _threats(resource, None, _change(resource_type, "Remove"))
    (replaced,) = _threats(resource, resource, _change(resource_type, "Modify", "True", "Name"))
    (perhaps,) = _threats(resource, resource, _change(resource_type, "Modify", "Conditional", "Name"))

    assert removed.text == f"Data.Orders ({resource_type}): it would be deleted with its data"
    assert replaced.text.startswith(f"Data.Orders ({resource_type}) Name: it would be replaced by an empty one")
    assert "it may be replaced" in perhaps.text


def test_data_in_a_nested_stack_that_goes_is_deleted_with_it() -> None:
    """The change set of the root says that a stack goes, and nothing of what is in it."""
    before = _stacks(_resource(TABLE, {"DeletionPolicy": "Retain"}))
    gone = Change(action="Remove", logical_id="Data", resource_type="AWS::CloudFormation::Stack")

    (threat,) = find_threats([("Data", gone)], before, {"root": {"Resources": {}}})

    assert (threat.path, threat.kind) == ("Data.Orders", "delete")
    assert "would stay in the account" in threat.cause


def test_another_type_under_the_same_name_replaces_the_data() -> None:
    """Logical ids tell CloudFormation nothing of what a resource holds."""
    (threat,) = _threats(_resource(QUEUE), _resource("AWS::SNS::Topic"))
    assert (threat.kind, threat.property_path) == ("replace", "Type")


WEAKER = [
    (TABLE, {"DeletionProtectionEnabled": True}, {}, "DeletionProtectionEnabled"),
    (TABLE, {"DeletionProtectionEnabled": True}, {"DeletionProtectionEnabled": {"Ref": "P"}}, "DeletionProtection"),
    (
        TABLE,
        {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
        {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False}},
        "PointInTimeRecoveryEnabled",
    ),
    (
        TABLE,
        {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
        {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7}},
        "RecoveryPeriodInDays",
    ),
    (TABLE, {"SSESpecification": {"SSEEnabled": True}}, {}, "SSESpecification"),
    (TABLE, {}, {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "at"}}, "TimeToLiveSpecification"),
    (BUCKET, {"VersioningConfiguration": {"Status": "Enabled"}}, {}, "VersioningConfiguration"),
    (BUCKET, {"ObjectLockEnabled": True}, {}, "ObjectLockEnabled"),
    (
        BUCKET,
        {"ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 1}}}},
        {"ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}}}},
        "DefaultRetention",
    ),
    (
        BUCKET,
        {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
            }
        },
        {},
        "BucketEncryption",
    ),
    (
        BUCKET,
        {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 2557}]}},
        {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 30}]}},
        "LifecycleConfiguration",
    ),
    (
        BUCKET,
        {},
        {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "Prefix": "a/", "ExpirationInDays": 30}]}},
        "LifecycleConfiguration",
    ),
    (LOGS, {"RetentionInDays": 365}, {"RetentionInDays": 7}, "RetentionInDays"),
    (LOGS, {}, {"RetentionInDays": 3653}, "RetentionInDays"),
    (LOGS, {"KmsKeyId": {"Ref": "KeyArn"}}, {}, "KmsKeyId"),
    (QUEUE, {"MessageRetentionPeriod": 1209600}, {}, "MessageRetentionPeriod"),
    (QUEUE, {"KmsMasterKeyId": "k"}, {"SqsManagedSseEnabled": True}, "KmsMasterKeyId"),
    (QUEUE, {}, {"SqsManagedSseEnabled": False}, "KmsMasterKeyId"),
    (KEY, {"EnableKeyRotation": True}, {"EnableKeyRotation": False}, "EnableKeyRotation"),
    (KEY, {}, {"Enabled": False}, "Enabled"),
]


@pytest.mark.parametrize(("resource_type", "before", "after", "part"), WEAKER)
def test_protection_that_is_taken_back_is_a_threat(
    resource_type: str, before: dict[str, Any], after: dict[str, Any], part: str
) -> None:
    """Each protection by itself; the way back, which protects more, is none."""
    old, new = _resource(resource_type, **before), _resource(resource_type, **after)

    (threat,) = _threats(old, new)

    assert threat.kind == "weaken"
    assert part in threat.property_path
    back = _threats(new, old)
    assert not back or part in {"DeletionProtection", "TimeToLiveSpecification"}, back


@pytest.mark.parametrize("attribute", ["DeletionPolicy", "UpdateReplacePolicy"])
def test_what_keeps_a_resource_beyond_its_stack_must_stay(attribute: str) -> None:
    """Retain to Delete is less, and so is leaving it out; RetainExceptOnCreate to Retain is more."""
    kept, gone = _resource(TABLE, {attribute: "Retain"}), _resource(TABLE, {attribute: "Delete"})
    cautious = _resource(TABLE, {attribute: "RetainExceptOnCreate"})

    assert [threat.property_path for threat in _threats(kept, gone)] == [attribute]
    assert [threat.property_path for threat in _threats(kept, _resource(TABLE))] == [attribute]
    assert _threats(cautious, kept) == _threats(gone, kept) == []


def test_what_keeps_its_data_is_no_threat() -> None:
    """Changes in place, additions, more of a property, and the removal of something without data."""
    queue = _resource(QUEUE, VisibilityTimeout=30)
    assert _threats(queue, _resource(QUEUE, VisibilityTimeout=60), _change(QUEUE, "Modify", "False")) == []
    assert _threats(None, queue, _change(QUEUE, "Add")) == []
    version = _resource("AWS::Lambda::Version")
    assert _threats(version, None, _change("AWS::Lambda::Version", "Remove")) == []
    wider = {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 30, "Prefix": "a/"}]}}
    whole = {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 30}]}}
    assert _threats(_resource(BUCKET, **whole), _resource(BUCKET, **wider)) == []


def test_an_index_may_bring_attributes_and_a_changed_attribute_may_replace_the_table() -> None:
    """CloudFormation calls both conditional; the templates tell them apart."""
    old = _resource(TABLE, AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    more = _resource(
        TABLE,
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "status", "AttributeType": "S"},
        ],
    )
    other = _resource(TABLE, AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}])
    change = _change(TABLE, "Modify", "Conditional", "AttributeDefinitions")

    assert _threats(old, more, change) == []
    assert [threat.kind for threat in _threats(old, other, change)] == ["replace"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (None, "KEYS_ONLY", ""),
        ("NEW_IMAGE", "NEW_IMAGE", ""),
        ("NEW_AND_OLD_IMAGES", "KEYS_ONLY", "records have no new and no old images"),
        ("NEW_AND_OLD_IMAGES", "NEW_IMAGE", "records have no old images"),
        ("KEYS_ONLY", "NEW_IMAGE", "have not read yet of the old stream"),
        ("NEW_IMAGE", None, "have not read yet of the old stream"),
    ],
)
def test_another_view_of_a_stream_is_a_threat(old: str | None, new: str | None, said: str) -> None:
    """It is another stream: what nobody has read yet is lost, and fewer images leave readers with none."""
    before, after = (
        _resource(TABLE, **({"StreamSpecification": {"StreamViewType": view}} if view else {})) for view in (old, new)
    )
    found = _threats(before, after)
    assert len(found) == bool(said)
    assert said in " ".join(threat.text for threat in found)
    assert ("images" in " ".join(threat.text for threat in found)) == ("images" in said)
