"""Reads log groups and keys as a template would describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.aws.adoptable.model import Existing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.aws.session import Aws

_GROUP = ("LogGroupName", "RetentionInDays", "KmsKeyId", "LogGroupClass")
_KEY = ("Description", "Enabled", "EnableKeyRotation", "KeySpec", "KeyUsage", "MultiRegion", "Origin")


def read_log_group(aws: Aws, name: str) -> Existing | None:
    """A log group by its name (one call)."""
    pages = aws.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    found = next((group for page in pages for group in page["logGroups"] if group.get("logGroupName") == name), None)
    if found is None:
        return None
    properties = {
        "LogGroupName": name,
        "RetentionInDays": found.get("retentionInDays"),
        "KmsKeyId": found.get("kmsKeyId"),
        "LogGroupClass": found.get("logGroupClass"),
    }
    return Existing(
        identifier={"LogGroupName": name},
        physical_id=name,
        name=name,
        properties={key: value for key, value in properties.items() if value},
        covered=frozenset(_GROUP),
        key_arn=str(found.get("kmsKeyId", "")),
    )


def read_key(aws: Aws, given: str) -> Existing | None:
    """A key by its id, ARN or alias (two calls); one that is to be deleted is none."""
    client = aws.client("kms")
    found: Mapping[str, Any] = client.describe_key(KeyId=given)["KeyMetadata"]
    if found.get("KeyState") in {"PendingDeletion", "PendingReplicaDeletion"}:
        return None
    symmetric = found.get("KeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
    rotated = symmetric and client.get_key_rotation_status(KeyId=found["KeyId"])["KeyRotationEnabled"]
    properties = {
        "Description": found.get("Description"),
        "Enabled": bool(found.get("Enabled")),
        "EnableKeyRotation": bool(rotated),
        "KeySpec": found.get("KeySpec"),
        "KeyUsage": found.get("KeyUsage"),
        "MultiRegion": bool(found.get("MultiRegion")),
        "Origin": found.get("Origin"),
    }
    return Existing(
        identifier={"KeyId": found["KeyId"]},
        physical_id=found["KeyId"],
        name=found["KeyId"],
        properties={key: value for key, value in properties.items() if value is not None},
        covered=frozenset(_KEY),
        key_arn=str(found.get("Arn", "")),
    )
