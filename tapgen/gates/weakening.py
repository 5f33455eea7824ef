"""Which properties protect data, and when a new value protects it less. Pure.

A value that is not literal (``Fn::If``, a parameter) cannot be compared: where it takes the place of a protection, that
counts as less. Facts are CloudFormation's template reference and the services' guides; the defaults of what is left out
are the services' own.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.gates.templates import is_true, look_up, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tapgen.gates.templates import Resource

    Rule = Callable[[Resource, Resource], Iterator["Weakening"]]


@dataclass(frozen=True, kw_only=True)
class Weakening:
    """One property that would protect less."""

    property_path: str
    cause: str


# How much of a resource an attribute keeps, the more the higher. Left out, the template reference says Delete.
_POLICIES = {"Delete": 0, "Snapshot": 1, "RetainExceptOnCreate": 2, "Retain": 3}
# SQS keeps a message for four days when nothing is said (SQS API reference, MessageRetentionPeriod).
_QUEUE_RETENTION_S = 345_600


def find_weakenings(before: Resource, after: Resource) -> Iterator[Weakening]:
    """What of a resource's protection the new definition takes back."""
    for attribute in ("DeletionPolicy", "UpdateReplacePolicy"):
        old, new = before.get(attribute, "Delete"), after.get(attribute, "Delete")
        if _POLICIES.get(str(new), 0) < _POLICIES.get(str(old), 0):
            yield Weakening(property_path=attribute, cause=f"{old} becomes {show(new)}")
    for rule in _RULES.get(before["Type"], ()):
        yield from rule(before, after)


def _stays_on(path: str) -> Rule:
    """A switch that must not be turned off."""

    def rule(before: Resource, after: Resource) -> Iterator[Weakening]:
        if is_true(look_up(before, path)) and not is_true(look_up(after, path)):
            yield Weakening(property_path=path, cause=_becomes(look_up(before, path), look_up(after, path)))

    return rule


def _stays_set(path: str) -> Rule:
    """A property that must not go; another value protects as much."""

    def rule(before: Resource, after: Resource) -> Iterator[Weakening]:
        if look_up(before, path) and not look_up(after, path):
            yield Weakening(property_path=path, cause=_becomes(look_up(before, path), look_up(after, path)))

    return rule


def _stays_long(path: str, *, default: float = math.inf) -> Rule:
    """A time that must not become shorter; left out, it is the default."""

    def rule(before: Resource, after: Resource) -> Iterator[Weakening]:
        old, new = look_up(before, path), look_up(after, path)
        if old != new and _number(new, default) < _number(old, default):
            yield Weakening(property_path=path, cause=_becomes(old, new))

    return rule


def _versioning(before: Resource, after: Resource) -> Iterator[Weakening]:
    path = "VersioningConfiguration.Status"
    old, new = look_up(before, path), look_up(after, path)
    if old == "Enabled" != new:
        yield Weakening(property_path=path, cause=_becomes(old, new))


def _bucket_encryption(before: Resource, after: Resource) -> Iterator[Weakening]:
    """S3 encrypts everything; a key of KMS says in addition who may read."""
    old, new = _algorithm(before), _algorithm(after)
    if old.startswith("aws:kms") and not new.startswith("aws:kms"):
        yield Weakening(property_path="BucketEncryption", cause=f"{old} becomes {new}")


def _algorithm(bucket: Resource) -> str:
    rules = look_up(bucket, "BucketEncryption.ServerSideEncryptionConfiguration")
    first = rules[0] if isinstance(rules, list) and rules else {}
    return str(first.get("ServerSideEncryptionByDefault", {}).get("SSEAlgorithm", "AES256"))


def _object_lock(before: Resource, after: Resource) -> Iterator[Weakening]:
    """The default retention of new objects: governance can be lifted with a permission, compliance by nobody."""
    path = "ObjectLockConfiguration.Rule.DefaultRetention"
    old, new = look_up(before, path), look_up(after, path)
    if old and _lock_strength(new) < _lock_strength(old):
        yield Weakening(property_path=path, cause=_becomes(old, new))


def _lock_strength(retention: Any) -> tuple[int, float]:
    if not isinstance(retention, dict):
        return 0, 0
    mode = {"GOVERNANCE": 1, "COMPLIANCE": 2}.get(str(retention.get("Mode")), 0)
    return mode, _number(retention.get("Days"), 0) + 365 * _number(retention.get("Years"), 0)


def _expiration(key: str, days: str) -> Rule:
    """Objects must not go earlier than before, in any part of the bucket."""

    def rule(before: Resource, after: Resource) -> Iterator[Weakening]:
        old = _expirations(before, key, days)
        for part, new_days in _expirations(after, key, days).items():
            # What the whole bucket keeps for so long, a part of it keeps for no longer.
            old_days = min(old.get(part, math.inf), old.get(_WHOLE, math.inf))
            if new_days < old_days:
                was = "for ever" if old_days == math.inf else f"for {old_days:g} days"
                where = "" if part == _WHOLE else f" where {part}"
                text = f"objects{where} were kept {was} and would go after {new_days:g} days"
                yield Weakening(property_path="LifecycleConfiguration", cause=text)

    return rule


_WHOLE = "{}"


def _expirations(bucket: Resource, key: str, days: str) -> dict[str, float]:
    """The part of the bucket that a rule is about, as JSON → after how many days objects go there."""
    found: dict[str, float] = {}
    rules = look_up(bucket, "LifecycleConfiguration.Rules")
    for rule in rules if isinstance(rules, list) else ():
        setting = rule.get(key)
        setting = setting.get(days) if isinstance(setting, dict) else setting
        if rule.get("Status") == "Enabled" and setting is not None:
            filters = {name: rule[name] for name in ("Prefix", "TagFilters", "ObjectSizeGreaterThan") if rule.get(name)}
            part = json.dumps(filters, sort_keys=True)
            found[part] = min(found.get(part, math.inf), _number(setting, 0))
    return found


def _expiry_attribute(before: Resource, after: Resource) -> Iterator[Weakening]:
    """Items go when the attribute says so: one that was not asked before says it of items that were to stay."""
    path = "TimeToLiveSpecification"
    old, new = look_up(before, path) or {}, look_up(after, path) or {}
    if not is_true(new.get("Enabled")):
        return
    if not is_true(old.get("Enabled")) or old.get("AttributeName") != new.get("AttributeName"):
        text = f"items would expire by {show(new.get('AttributeName'))}"
        yield Weakening(property_path=path, cause=f"{text}, which they did not before")


_IMAGES = {
    "KEYS_ONLY": frozenset[str](),
    "NEW_IMAGE": frozenset({"new"}),
    "OLD_IMAGE": frozenset({"old"}),
    "NEW_AND_OLD_IMAGES": frozenset({"new", "old"}),
}


def _stream_view(before: Resource, after: Resource) -> Iterator[Weakening]:
    """Another view is another stream, and what shows fewer images leaves their readers with none.

    Source: the schema of AWS::DynamoDB::Table, StreamSpecification: "When you modify the StreamViewType property,
    DynamoDB creates a new stream"; a mapping reads one stream (AWS::Lambda::EventSourceMapping, EventSourceArn).
    """
    path = "StreamSpecification.StreamViewType"
    old, new = look_up(before, path), look_up(after, path)
    if not old or old == new:
        return
    missing = _IMAGES.get(str(old), frozenset()) - _IMAGES.get(str(new), frozenset())
    fewer = f", whose records have no {' and no '.join(sorted(missing))} images" if new and missing else ""
    lost = "what consumers have not read yet of the old stream is lost to them"
    yield Weakening(property_path=path, cause=f"{_becomes(old, new)}{fewer}; {lost}")


def _table_encryption(before: Resource, after: Resource) -> Iterator[Weakening]:
    """Without a specification DynamoDB uses a key of its own, which no policy guards."""
    path = "SSESpecification.SSEEnabled"
    if is_true(look_up(before, path)) and not is_true(look_up(after, path)):
        yield Weakening(property_path="SSESpecification", cause="a key of KMS becomes one that DynamoDB owns")


def _queue_encryption(before: Resource, after: Resource) -> Iterator[Weakening]:
    """SQS encrypts with keys of its own unless that is turned off (SQS developer guide, SSE-SQS)."""
    old, new = _queue_key(before), _queue_key(after)
    if new < old:
        names = ("nothing", "keys of SQS", "a key of KMS")
        yield Weakening(property_path="KmsMasterKeyId", cause=f"encrypted with {names[old]} becomes {names[new]}")


def _queue_key(queue: Resource) -> int:
    if look_up(queue, "KmsMasterKeyId"):
        return 2
    managed = look_up(queue, "SqsManagedSseEnabled")
    return 1 if managed is None or is_true(managed) else 0


def _key_enabled(before: Resource, after: Resource) -> Iterator[Weakening]:
    """A key that is disabled makes everything unreadable that it has encrypted."""
    old, new = look_up(before, "Enabled"), look_up(after, "Enabled")
    if (old is None or is_true(old)) and not (new is None or is_true(new)):
        yield Weakening(property_path="Enabled", cause="a disabled key decrypts nothing")


def _number(value: Any, default: float) -> float:
    """A number of a template; what is not literal protects for no time that is known."""
    if value is None:
        return default
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _becomes(old: Any, new: Any) -> str:
    return f"{show(old)} becomes {show(new)}"


_RULES: Mapping[str, tuple[Rule, ...]] = {
    "AWS::DynamoDB::Table": (
        _stays_on("DeletionProtectionEnabled"),
        _stays_on("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"),
        _stays_long("PointInTimeRecoverySpecification.RecoveryPeriodInDays", default=35),
        _table_encryption,
        _expiry_attribute,
        _stream_view,
    ),
    "AWS::KMS::Key": (_stays_on("EnableKeyRotation"), _stays_long("PendingWindowInDays", default=30), _key_enabled),
    "AWS::Logs::LogGroup": (
        _stays_long("RetentionInDays"),
        _stays_set("KmsKeyId"),
        _stays_on("DeletionProtectionEnabled"),
    ),
    "AWS::S3::Bucket": (
        _versioning,
        _bucket_encryption,
        _stays_on("ObjectLockEnabled"),
        _object_lock,
        _expiration("ExpirationInDays", ""),
        _expiration("NoncurrentVersionExpiration", "NoncurrentDays"),
        _stays_set("ReplicationConfiguration"),
    ),
    "AWS::SQS::Queue": (
        _stays_long("MessageRetentionPeriod", default=_QUEUE_RETENTION_S),
        _queue_encryption,
        _stays_set("RedrivePolicy"),
    ),
}
"""Types that hold data → what protects it, besides the attributes that every resource has."""

PROTECTED = frozenset(_RULES)
"""Types that hold data."""
