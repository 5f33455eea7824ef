"""Objects move and expire as it is configured, and nothing that was overwritten stays for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule, listed, mapping, same, show
from tapgen.parts.bucket.model import Bucket
from tapgen.parts.made import made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.templates import Resource, Templates

# What is overwritten, and uploads that nobody ended, stay this long at most.
_MOST_DAYS = 30
_LOG_FOLDERS = "LoggingConfiguration.DestinationBucketName"


def _find(templates: Templates) -> Found:
    buckets = templates.environment.buckets
    for part, bucket in made(templates, Bucket, "AWS::S3::Bucket", name_property="BucketName"):
        settings = buckets[part.name]
        yield from _judge(bucket, "ExpirationInDays", settings.expire_after_days)
        yield from _judge_transitions(bucket, settings.glacier_after_days)
        yield from _judge_versions(bucket)
    days = [buckets[part.name].access_log_retention_days for part in templates.environment.service.of(Bucket)]
    for bucket in _log_buckets(templates):
        yield from _judge(bucket, "ExpirationInDays", max(days, default=None))
        yield from _judge_versions(bucket)


def _log_buckets(templates: Templates) -> Iterator[Resource]:
    names = {bucket.get(_LOG_FOLDERS) for bucket in templates.of_type("AWS::S3::Bucket")}
    return (item for item in templates.of_type("AWS::S3::Bucket") if item.get("BucketName") in names)


def _rules(bucket: Resource) -> list[dict[str, Any]]:
    """The rules that are on, and for all objects of the bucket."""
    found = [mapping(rule) for rule in listed(bucket.get("LifecycleConfiguration.Rules"))]
    narrowed = ("Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
    return [rule for rule in found if rule.get("Status") == "Enabled" and not any(key in rule for key in narrowed)]


def _judge(bucket: Resource, action: str, days: int | None) -> Found:
    found = [rule[action] for rule in _rules(bucket) if action in rule]
    if not same(found, [] if days is None else [days]):
        yield bucket, f"{action} is {show(found[0] if found else None)}; {show(days)} is configured"


def _judge_transitions(bucket: Resource, days: int | None) -> Found:
    found = [
        (item.get("StorageClass"), item.get("TransitionInDays"))
        for rule in _rules(bucket)
        for item in listed(rule.get("Transitions"))
    ]
    if not same(found, [] if days is None else [("GLACIER", days)]):
        yield bucket, f"moves objects by {show(found)}; to Glacier after {show(days)} days is configured"
    size = "LifecycleConfiguration.TransitionDefaultMinimumObjectSize"
    if days is not None and bucket.get(size) != "all_storage_classes_128K":
        yield bucket, f"{size} is {show(bucket.get(size))}: moving small objects costs more than it saves"


def _judge_versions(bucket: Resource) -> Found:
    for action, days in (
        ("NoncurrentVersionExpiration", "NoncurrentDays"),
        ("AbortIncompleteMultipartUpload", "DaysAfterInitiation"),
    ):
        if not any(0 < int(mapping(rule.get(action)).get(days) or 0) <= _MOST_DAYS for rule in _rules(bucket)):
            yield bucket, f"has no rule {action} of at most {_MOST_DAYS} days"


RULE = Rule(
    id="bucket-lifecycle",
    holds="Objects of a bucket expire and move to Glacier as `buckets.<name>` says, by rules that are on and for "
    "all objects; overwritten objects and unfinished uploads go within 30 days, and access logs when their "
    "retention ends.",
    why="A rule that is off keeps everything for ever, and one that is early deletes evidence.",
    source='S3 user guide, "Managing the lifecycle of objects" and "Lifecycle configuration elements"',
    find=_find,
)
