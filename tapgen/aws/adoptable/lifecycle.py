"""S3's lifecycle rules in the words of a template, which are not those of its API. Pure.

Amazon S3 API reference, GetBucketLifecycleConfiguration; template reference, AWS::S3::Bucket Rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SIZES = ("ObjectSizeGreaterThan", "ObjectSizeLessThan")
_DEFAULT_SIZE = "TransitionDefaultMinimumObjectSize"


def lifecycle_of(answer: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """``LifecycleConfiguration`` of an answer of the API; None where there are no rules."""
    rules = (answer or {}).get("Rules")
    if not answer or not rules:
        return None
    size = {_DEFAULT_SIZE: answer[_DEFAULT_SIZE]} if answer.get(_DEFAULT_SIZE) else {}
    return {"Rules": [dict(_rule(rule)) for rule in rules], **size}


def _rule(rule: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "Status", rule["Status"]
    if "ID" in rule:
        yield "Id", rule["ID"]
    yield from _filter(rule)
    yield from _expiration(rule.get("Expiration") or {})
    if rule.get("Transitions"):
        yield "Transitions", [_transition(each) for each in rule["Transitions"]]
    if rule.get("NoncurrentVersionTransitions"):
        yield "NoncurrentVersionTransitions", [_noncurrent(each) for each in rule["NoncurrentVersionTransitions"]]
    for name in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if rule.get(name):
            yield name, dict(rule[name])


def _filter(rule: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the rule is about: a filter of one condition, of several in ``And``, or the old form without one."""
    found = rule.get("Filter") or {}
    conditions = {**found, **(found.get("And") or {})}
    prefix = conditions.get("Prefix") or rule.get("Prefix")
    if prefix:
        yield "Prefix", prefix
    tags = [*([conditions["Tag"]] if conditions.get("Tag") else ()), *(conditions.get("Tags") or ())]
    if tags:
        yield "TagFilters", tags
    for name in _SIZES:
        if conditions.get(name) is not None:
            yield name, str(conditions[name])


def _expiration(expiration: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "Days" in expiration:
        yield "ExpirationInDays", expiration["Days"]
    if "Date" in expiration:
        yield "ExpirationDate", _date(expiration["Date"])
    if expiration.get("ExpiredObjectDeleteMarker"):
        yield "ExpiredObjectDeleteMarker", True


def _transition(transition: Mapping[str, Any]) -> dict[str, Any]:
    when = {"TransitionInDays": transition["Days"]} if "Days" in transition else {}
    date = {"TransitionDate": _date(transition["Date"])} if "Date" in transition else {}
    return {"StorageClass": transition["StorageClass"], **when, **date}


def _noncurrent(transition: Mapping[str, Any]) -> dict[str, Any]:
    kept = transition.get("NewerNoncurrentVersions")
    return {
        "StorageClass": transition["StorageClass"],
        "TransitionInDays": transition["NoncurrentDays"],
        **({"NewerNoncurrentVersions": kept} if kept else {}),
    }


def _date(moment: Any) -> str:
    return moment.isoformat() if hasattr(moment, "isoformat") else str(moment)
