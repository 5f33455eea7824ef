"""What the table, the buckets, the queue, the topics and the key cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tapgen.cost.charges import Charge
from tapgen.cost.resources import DAYS_PER_MONTH, SECONDS_PER_MONTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.cost.resources import Inventory, Resource, Usage

_KB_PER_GB = 1024 * 1024
# DynamoDB adds 100 bytes of index to each item (DynamoDB developer guide, "item sizes and formats").
_ITEM_OVERHEAD_KB = 0.1
# SNS, DynamoDB, S3 with a bucket key and Lambda keep a data key for five minutes or longer (SNS developer guide,
# "Estimating AWS KMS costs"; DynamoDB developer guide, "encryption at rest: how it works").
_KEY_REUSE_S = 300
# An archived line holds both images and is compressed; the archiver's gzip makes about a third of JSON.
_ARCHIVED_SHARE = 2 / 3
# Beside each archived object S3 keeps 32 KB in Glacier and 8 KB in Standard (S3 user guide, "S3 Glacier storage
# classes").
_GLACIER_INDEX_KB, _NAME_INDEX_KB = 32, 8
# Smaller objects are not moved (S3 user guide, "Transitioning objects using Amazon S3 Lifecycle").
_SMALLEST_MOVED_KB = 128


def price_table(table: Resource, inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """AWS::DynamoDB::Table on demand: units, storage, continuous backups. Streams are free for Lambda."""
    del inventory
    if table.properties.get("BillingMode") != "PAY_PER_REQUEST":
        return
    reads = usage.requests_per_month - usage.writes
    write_units, read_units = max(math.ceil(usage.payload_kb), 1), max(math.ceil(usage.payload_kb / 4), 1)
    stored_gb = usage.writes * usage.months * (usage.payload_kb + _ITEM_OVERHEAD_KB) / _KB_PER_GB
    stored = f"{usage.writes:,.0f} writes a month x {usage.months:g} months x {usage.payload_kb:g} KB, none expired"
    yield Charge(
        item="writes",
        price="dynamodb-writes",
        quantity=usage.writes * write_units,
        formula=f"{usage.writes:,.0f} writes x {write_units} (1 KB each)",
    )
    yield Charge(
        item="reads",
        price="dynamodb-reads",
        quantity=reads * read_units,
        formula=f"{reads:,.0f} consistent reads x {read_units} (4 KB each)",
    )
    yield Charge(item="storage", price="dynamodb-storage", quantity=stored_gb, formula=stored)
    if _recovers(table.properties):
        yield Charge(item="point-in-time recovery", price="dynamodb-pitr", quantity=stored_gb, formula=stored)


def price_bucket(bucket: Resource, inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """AWS::S3::Bucket: what the archiver puts there, by the bucket's own life cycle; other buckets are left out."""
    source = next(inventory.of_kind("AWS::Lambda::EventSourceMapping"), None)
    if source is None or "LoggingConfiguration" not in bucket.properties:
        return
    puts, words = inventory.batches(source, usage)
    expires, glacier = _life_cycle(bucket.properties)
    monthly_gb = usage.writes * usage.payload_kb * _ARCHIVED_SHARE / _KB_PER_GB
    kept = min(expires / DAYS_PER_MONTH, usage.months) if expires else usage.months
    # An object has the changes of one second, however many batches bring them.
    made = min(puts, SECONDS_PER_MONTH)
    object_kb = monthly_gb * _KB_PER_GB / made if made else 0.0
    stays = glacier and object_kb < _smallest_moved_kb(bucket.properties)
    hot = min(glacier / DAYS_PER_MONTH, kept) if glacier and not stays else kept
    why = f"; objects of {object_kb:.3g} KB are too small for Glacier" if stays else ""
    yield Charge(item="writes", price="s3-writes", quantity=puts, formula=f"{words}, one write each")
    yield Charge(
        item="storage",
        price="s3-standard",
        quantity=monthly_gb * hot,
        formula=f"{monthly_gb:.3g} GB a month x {hot:.3g} months in Standard{why}",
    )
    if kept > hot:
        cold, objects = kept - hot, made * (kept - hot)
        yield Charge(
            item="storage in Glacier",
            price="s3-glacier",
            quantity=monthly_gb * cold + objects * _GLACIER_INDEX_KB / _KB_PER_GB,
            formula=f"{monthly_gb:.3g} GB a month x {cold:.3g} months, and {_GLACIER_INDEX_KB} KB for each object",
        )
        yield Charge(
            item="names of what is in Glacier",
            price="s3-standard",
            quantity=objects * _NAME_INDEX_KB / _KB_PER_GB,
            formula=f"{objects:,.0f} objects x {_NAME_INDEX_KB} KB in Standard",
        )
        yield Charge(
            item="transitions to Glacier",
            price="s3-glacier-transitions",
            quantity=made,
            formula=f"{made:,.0f} objects, one a second at most, once they are {glacier:g} days old",
        )


def price_key(key: Resource, inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """AWS::KMS::Key: the key, and requests for the data keys of what it encrypts."""
    del key, usage
    count = len(inventory.encrypted)
    yield Charge(item="key", price="kms-keys", quantity=1, formula="1 key; a rotated one costs more", fixed=True)
    yield Charge(
        item="requests",
        price="kms-requests",
        quantity=count * SECONDS_PER_MONTH / _KEY_REUSE_S,
        formula=f"{count} encrypted resources x one data key in 5 min",
    )


def price_queue(queue: Resource, inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """AWS::SQS::Queue: a dead-letter queue is written to when something fails."""
    del queue, inventory, usage
    yield Charge(item="requests", price="sqs-requests", quantity=0, formula="nothing fails")


def price_topic(topic: Resource, inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """AWS::SNS::Topic: notifications are sent when something fails."""
    del topic, inventory, usage
    yield Charge(item="requests", price="sns-requests", quantity=0, formula="nothing fails; deliveries are not counted")


def _recovers(properties: Mapping[str, Any]) -> bool:
    return properties.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") is True


def _smallest_moved_kb(properties: Mapping[str, Any]) -> float:
    """Objects from this size on go to Glacier."""
    default = properties.get("LifecycleConfiguration", {}).get("TransitionDefaultMinimumObjectSize")
    return 0.0 if default == "varies_by_storage_class" else _SMALLEST_MOVED_KB


def _life_cycle(properties: Mapping[str, Any]) -> tuple[float, float]:
    """(days until objects expire, days until they go to Glacier); 0 for never."""
    rules = properties.get("LifecycleConfiguration", {}).get("Rules", ())
    expires = next((rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule), 0)
    moves = [move for rule in rules for move in rule.get("Transitions", ()) if move.get("StorageClass") == "GLACIER"]
    return float(expires), float(moves[0]["TransitionInDays"]) if moves else 0.0
