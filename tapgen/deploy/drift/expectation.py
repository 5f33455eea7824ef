"""What the live release's templates say of that which CloudFormation's detection does not compare. Pure.

CloudFormation compares properties that a template sets, for types that support it. It does not compare where an
alias's traffic goes, whether a subscription was ever confirmed, or what a type without support has; log retention and
bucket policies are looked at all the same, where its own word is missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.naming import BREAK_GLASS_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.diff.side import Template

_VARIABLE = re.compile(r"\$\{([^}!]+)\}")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A resource of a template."""

    stack: str
    logical_id: str
    resource_type: str


@dataclass(frozen=True, kw_only=True)
class ExpectedGroup(Place):
    """A deployment group; names are physical."""

    application: str
    group: str
    alarms: tuple[str, ...]
    rollback_events: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ExpectedRetention(Place):
    """A log group."""

    log_group: str
    days: int | None


@dataclass(frozen=True, kw_only=True)
class ExpectedSubscription(Place):
    """A subscription of a topic of the same template."""

    topic: str
    """Logical id."""
    protocol: str
    endpoint: str


@dataclass(frozen=True, kw_only=True)
class ExpectedPolicy(Place):
    """A bucket policy with everything in it resolved."""

    bucket: str
    document: Any


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What pseudo parameters stand for, and the root's own parameters."""

    account_id: str
    region: str
    partition: str
    url_suffix: str
    parameters: Mapping[str, str]

    def value_of(self, name: str) -> str | None:
        """The value of a pseudo parameter; None for anything else."""
        return {
            "AWS::AccountId": self.account_id,
            "AWS::Region": self.region,
            "AWS::Partition": self.partition,
            "AWS::URLSuffix": self.url_suffix,
        }.get(name)


Expected = ExpectedGroup | ExpectedRetention | ExpectedSubscription | ExpectedPolicy


def expect(stack: str, template: Template, around: Surroundings) -> Iterator[Expected]:
    """Everything of one template that is looked at.

    Args:
        stack: Label of the stack: its logical id in the root.
        template: As it was deployed.
        around: Where.
    """
    makers = {
        "AWS::CodeDeploy::DeploymentGroup": _group,
        "AWS::Logs::LogGroup": _retention,
        "AWS::SNS::Subscription": _subscription,
        "AWS::S3::BucketPolicy": _policy,
    }
    for logical_id, resource in template["Resources"].items():
        make = makers.get(resource["Type"])
        if make:
            place = {"stack": stack, "logical_id": logical_id, "resource_type": resource["Type"]}
            found = make(place, resource.get("Properties", {}), template, around)
            if found:
                yield found


def resolve(value: Any, around: Surroundings) -> Any:
    """The value with pseudo parameters filled in; None where it takes more than those to know it."""
    if isinstance(value, dict):
        if set(value) == {"Ref"}:
            return around.value_of(value["Ref"])
        if set(value) == {"Fn::Sub"} and isinstance(value["Fn::Sub"], str):
            return _substituted(value["Fn::Sub"], around)
        resolved = {key: resolve(item, around) for key, item in value.items()}
        return None if any(item is None for item in resolved.values()) else resolved
    if isinstance(value, list):
        items = [resolve(item, around) for item in value]
        return None if any(item is None for item in items) else items
    return value


def _substituted(text: str, around: Surroundings) -> str | None:
    names = _VARIABLE.findall(text)
    if any(around.value_of(name) is None for name in names):
        return None
    return _VARIABLE.sub(lambda found: around.value_of(found[1]) or "", text)


def _name_of(value: Any, key: str, resources: Mapping[str, Any]) -> str:
    """A name that is written out, since another stack makes the resource, or that of the resource referred to."""
    return str(value if isinstance(value, str) else resources[value["Ref"]]["Properties"][key])


def _group(
    place: Mapping[str, str], properties: Mapping[str, Any], template: Template, around: Surroundings
) -> ExpectedGroup:
    resources = template["Resources"]
    broken = around.parameters.get(BREAK_GLASS_PARAMETER) == "true"
    listed = properties.get("AlarmConfiguration", {}).get("Alarms", ())
    # Guards that a broken glass lets go are conditional in the template.
    names = [
        item["Fn::If"][1]["Name"] if "Fn::If" in item else item["Name"]
        for item in listed
        if not (broken and "Fn::If" in item)
    ]
    return ExpectedGroup(
        **place,
        application=_name_of(properties["ApplicationName"], "ApplicationName", resources),
        group=properties["DeploymentGroupName"],
        alarms=tuple(sorted(_name_of(name, "AlarmName", resources) for name in names)),
        rollback_events=tuple(sorted(properties.get("AutoRollbackConfiguration", {}).get("Events", ()))),
    )


def _retention(
    place: Mapping[str, str],
    properties: Mapping[str, Any],
    template: Template,  # noqa: ARG001 - one signature for all makers
    around: Surroundings,  # noqa: ARG001 - one signature for all makers
) -> ExpectedRetention | None:
    name = properties.get("LogGroupName")
    if not isinstance(name, str):
        return None
    return ExpectedRetention(**place, log_group=name, days=properties.get("RetentionInDays"))


def _subscription(
    place: Mapping[str, str],
    properties: Mapping[str, Any],
    template: Template,  # noqa: ARG001 - one signature for all makers
    around: Surroundings,  # noqa: ARG001 - one signature for all makers
) -> ExpectedSubscription | None:
    topic, endpoint = properties.get("TopicArn"), properties.get("Endpoint")
    if not isinstance(topic, dict) or not isinstance(endpoint, str) or "Ref" not in topic:
        return None
    return ExpectedSubscription(**place, topic=topic["Ref"], protocol=properties["Protocol"], endpoint=endpoint)


def _policy(
    place: Mapping[str, str],
    properties: Mapping[str, Any],
    template: Template,  # noqa: ARG001 - one signature for all makers
    around: Surroundings,
) -> ExpectedPolicy | None:
    document = resolve(properties["PolicyDocument"], around)
    bucket = resolve(properties["Bucket"], around)
    return ExpectedPolicy(**place, bucket=bucket, document=document) if document and bucket else None
