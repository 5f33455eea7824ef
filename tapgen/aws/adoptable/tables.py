"""Reads a table as a template would describe it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.aws.adoptable.model import Existing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.aws.session import Aws

_COVERED = frozenset(
    {
        *("AttributeDefinitions", "BillingMode", "DeletionProtectionEnabled", "GlobalSecondaryIndexes", "KeySchema"),
        *("LocalSecondaryIndexes", "PointInTimeRecoverySpecification", "ProvisionedThroughput", "SSESpecification"),
        *("StreamSpecification", "TableName", "TimeToLiveSpecification"),
    }
)
_THROUGHPUT = ("ReadCapacityUnits", "WriteCapacityUnits")


def read(aws: Aws, name: str) -> Existing | None:
    """A table by its name (three calls)."""
    client = aws.client("dynamodb")
    table: Mapping[str, Any] = client.describe_table(TableName=name)["Table"]
    backups: Mapping[str, Any] = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    expiry = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    encryption = table.get("SSEDescription") or {}
    encrypted = encryption.get("Status") in {"ENABLED", "UPDATING"} and encryption.get("SSEType") == "KMS"
    key_arn = str(encryption.get("KMSMasterKeyArn", "")) if encrypted else ""
    properties = {
        "TableName": table["TableName"],
        "AttributeDefinitions": table["AttributeDefinitions"],
        "KeySchema": table["KeySchema"],
        "DeletionProtectionEnabled": bool(table.get("DeletionProtectionEnabled")),
        "PointInTimeRecoverySpecification": _recovery(backups.get("PointInTimeRecoveryDescription", {})),
        **_capacity(table),
        **_indexes(table),
        **_stream(table),
    }
    if encrypted:
        key = {"KMSMasterKeyId": key_arn} if key_arn else {}
        properties["SSESpecification"] = {"SSEEnabled": True, "SSEType": "KMS", **key}
    if expiry.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}:
        properties["TimeToLiveSpecification"] = {"AttributeName": expiry["AttributeName"], "Enabled": True}
    return Existing(
        identifier={"TableName": table["TableName"]},
        physical_id=table["TableName"],
        name=table["TableName"],
        properties=properties,
        covered=_COVERED,
        key_arn=key_arn,
    )


def _recovery(described: Mapping[str, Any]) -> dict[str, Any]:
    if described.get("PointInTimeRecoveryStatus") != "ENABLED":
        return {"PointInTimeRecoveryEnabled": False}
    days = described.get("RecoveryPeriodInDays")
    return {"PointInTimeRecoveryEnabled": True, **({"RecoveryPeriodInDays": days} if days else {})}


def _capacity(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table without a summary has always been provisioned (DynamoDB API reference, BillingModeSummary)."""
    mode = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    if mode == "PAY_PER_REQUEST":
        return {"BillingMode": mode}
    return {"BillingMode": mode, "ProvisionedThroughput": _throughput(table)}


def _throughput(described: Mapping[str, Any]) -> dict[str, int]:
    return {name: described["ProvisionedThroughput"][name] for name in _THROUGHPUT}


def _indexes(table: Mapping[str, Any]) -> dict[str, Any]:
    provisioned = table.get("BillingModeSummary", {}).get("BillingMode") != "PAY_PER_REQUEST"
    found: dict[str, Any] = {}
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        listed = [
            {
                **{name: index[name] for name in ("IndexName", "KeySchema", "Projection")},
                **(
                    {"ProvisionedThroughput": _throughput(index)}
                    if provisioned and kind == "GlobalSecondaryIndexes" and "ProvisionedThroughput" in index
                    else {}
                ),
            }
            for index in table.get(kind) or ()
        ]
        if listed:
            found[kind] = listed
    return found


def _stream(table: Mapping[str, Any]) -> dict[str, Any]:
    stream = table.get("StreamSpecification") or {}
    if not stream.get("StreamEnabled"):
        return {}
    return {"StreamSpecification": {"StreamViewType": stream["StreamViewType"]}}
