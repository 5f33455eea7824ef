"""What DynamoDB refuses of a table; changes of its expiry and stream are refused by the service itself here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation.service_rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.local.extension.cloudformation.service_rules.rule import Asked

    Properties = Mapping[str, Any]

_TABLE = "AWS::DynamoDB::Table"


def _one_index(asked: Asked) -> str:
    if asked.before is None or _count(asked.before, asked.properties) <= 1:
        return ""
    return "Cannot perform more than one GSI creation or deletion in a single update"


def _local_indexes(asked: Asked) -> str:
    before = asked.before
    if before is None or before.get("TableName") != asked.properties.get("TableName"):
        return ""
    old, new = (_indexes(each, "LocalSecondaryIndexes") for each in (before, asked.properties))
    return (
        "" if old == new else "Local secondary indexes cannot be added, changed or removed after the table was created"
    )


def _throughput(asked: Asked) -> str:
    on_demand = asked.properties.get("BillingMode") == "PAY_PER_REQUEST"
    if on_demand == bool(asked.properties.get("ProvisionedThroughput")):
        what = (
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
            if on_demand
            else "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
        )
        return f"One or more parameter values were invalid: {what}"
    return ""


def _count(old_props: Properties, new_props: Properties) -> int:
    """How many indexes would be created and deleted; one whose keys or projection change is both."""
    old, new = _indexes(old_props), _indexes(new_props)
    anew = sum(
        any(old[name].get(part) != new[name].get(part) for part in ("KeySchema", "Projection"))
        for name in old.keys() & new.keys()
    )
    return len(old.keys() ^ new.keys()) + 2 * anew


def _indexes(props: Properties, kind: str = "GlobalSecondaryIndexes") -> dict[str, dict[str, Any]]:
    return {index["IndexName"]: index for index in props.get(kind) or ()}


RULES = (
    Rule(
        name="dynamodb-one-index-at-a-time",
        resource_type=_TABLE,
        source='DynamoDB developer guide, "Managing global secondary indexes"; API reference, UpdateTable',
        find=_one_index,
    ),
    Rule(
        name="dynamodb-local-indexes-stay",
        resource_type=_TABLE,
        source='template reference, LocalSecondaryIndex, "Updates are not supported"; the text is inferred',
        find=_local_indexes,
    ),
    Rule(
        name="dynamodb-throughput-by-billing-mode",
        resource_type=_TABLE,
        source="DynamoDB API reference, CreateTable, BillingMode and ProvisionedThroughput",
        find=_throughput,
    ),
)
