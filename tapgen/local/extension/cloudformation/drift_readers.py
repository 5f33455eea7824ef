"""Drift detection for resource types that MiniStack compares in part, or does not compare at all.

A reader answers what a resource is now in the shape of its template; CloudFormation compares properties that the
template sets (user guide, "Detect unmanaged configuration changes"). Types without a reader stay ``NOT_CHECKED``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

    Properties = dict[str, Any]
    Reader = Callable[[str, Properties], Properties | None]

READERS = Seam(
    module="ministack.services.cloudformation.drift",
    attribute="_DRIFT_READERS",
    parameters=None,
    gap="Lacks alarms, aliases, bucket policies and event sources; of roles the inline policies, of buckets what keeps "
    "them closed.",
)


def _store(module: str, attribute: str) -> Seam:
    return Seam(
        module=f"ministack.services.{module}", attribute=attribute, parameters=None, gap="Used: what there is now."
    )


_ALARMS = _store("cloudwatch", "_alarms")
_FUNCTIONS = _store("lambda_svc", "_functions")
_SOURCES = _store("lambda_svc", "_esms")
_POLICIES = _store("s3", "_bucket_policies")
_BUCKETS = _store("s3", "_buckets")
_ROLES = _store("iam", "_roles")

SEAMS: tuple[Seam, ...] = (READERS, _ALARMS, _FUNCTIONS, _SOURCES, _POLICIES, _BUCKETS, _ROLES)

_ALARM_PROPERTIES = (
    *("AlarmName", "AlarmDescription", "ComparisonOperator", "DatapointsToAlarm", "EvaluationPeriods"),
    *("ExtendedStatistic", "MetricName", "Namespace", "Period", "Statistic", "Threshold", "TreatMissingData"),
)
_SOURCE_PROPERTIES = (
    *("BatchSize", "BisectBatchOnFunctionError", "MaximumBatchingWindowInSeconds", "MaximumRetryAttempts"),
)
_CLOSED = "PublicAccessBlockConfiguration"
_SETTING = re.compile(r"<(?:\w+:)?(\w+)>\s*(true|false)\s*<")


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Add the readers, and widen those that MiniStack has."""
    readers: dict[str, tuple[Reader, frozenset[str]]] = original(READERS)
    readers["AWS::CloudWatch::Alarm"] = (_read_alarm, frozenset(_ALARM_PROPERTIES))
    readers["AWS::Lambda::Alias"] = (_read_alias, frozenset({"FunctionVersion", "Name"}))
    readers["AWS::Lambda::EventSourceMapping"] = (_read_source, frozenset({*_SOURCE_PROPERTIES, "Enabled"}))
    readers["AWS::S3::BucketPolicy"] = (_read_bucket_policy, frozenset({"PolicyDocument"}))
    widen(readers, "AWS::IAM::Role", _read_role_policies, "Policies")
    widen(readers, "AWS::S3::Bucket", _read_closing, _CLOSED)


def widen(
    readers: dict[str, tuple[Reader, frozenset[str]]], resource_type: str, more: Reader, *properties: str
) -> None:
    """Let a type be compared in more properties, which ``more`` reads."""
    read, known = readers[resource_type]

    def read_both(physical_id: str, props: Properties) -> Properties | None:
        found = read(physical_id, props)
        return None if found is None else {**found, **(more(physical_id, props) or {})}

    readers[resource_type] = (read_both, known | set(properties))


def _read_alarm(physical_id: str, props: Properties) -> Properties | None:
    alarm = original(_ALARMS).get(physical_id)
    if alarm is None:
        return None
    return {
        name: _like(props.get(name), alarm[name]) for name in _ALARM_PROPERTIES if alarm.get(name) not in (None, "")
    }


def _like(expected: Any, value: Any) -> Any:
    """A number as the template writes it: the comparison is of texts, and 1 and 1.0 are the same threshold."""
    return expected if isinstance(value, int | float) and value == expected else value


def _read_alias(physical_id: str, props: Properties) -> Properties | None:  # noqa: ARG001 - a reader's signature
    _, _, name = physical_id.rpartition(":")
    function = original(_FUNCTIONS).get(physical_id.split(":")[-2])
    alias = (function or {}).get("aliases", {}).get(name)
    return {"FunctionVersion": alias["FunctionVersion"], "Name": name} if alias else None


def _read_source(physical_id: str, props: Properties) -> Properties | None:  # noqa: ARG001 - a reader's signature
    source = original(_SOURCES).get(physical_id)
    if source is None:
        return None
    found = {name: source[name] for name in _SOURCE_PROPERTIES if name in source}
    return {**found, "Enabled": source.get("State") != "Disabled"}


def _read_bucket_policy(physical_id: str, props: Properties) -> Properties | None:  # noqa: ARG001 - a reader's signature
    policy = original(_POLICIES).get(props.get("Bucket", ""))
    return {"PolicyDocument": json.loads(policy) if isinstance(policy, str) else policy} if policy else None


def _read_role_policies(physical_id: str, props: Properties) -> Properties | None:
    """The policies that the template names; those that other resources add to the role are theirs."""
    inline = original(_ROLES)[physical_id].get("InlinePolicies") or {}
    named = [policy["PolicyName"] for policy in props.get("Policies") or ()]
    return {
        "Policies": [
            {"PolicyName": name, "PolicyDocument": json.loads(body) if isinstance(body, str) else body}
            for name in named
            if (body := inline.get(name)) is not None
        ]
    }


def _read_closing(physical_id: str, props: Properties) -> Properties | None:
    """The settings that the template makes; S3 answers the others as false."""
    stored = original(_BUCKETS)[physical_id].get("_public_access_block")
    wanted = props.get(_CLOSED) or {}
    found = {name: value == "true" for name, value in _SETTING.findall(stored or "") if name in wanted}
    return {_CLOSED: found} if stored else {}
