"""Named checks on finished templates: each has an id, looks at one template, and says what is wrong where.

They hold what cfn-lint cannot know: this project's promises. Rendering runs all of them on every template.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tapgen.templates.shifts import ROLLBACK_EVENTS

Resources = Mapping[str, Mapping[str, Any]]

# Types that carry tags in CloudFormation and appear in this project.
TAGGED = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudFormation::Stack",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::DynamoDB::Table",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
}
_RETAINED = {"AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::Lambda::Version", "AWS::S3::Bucket"}
# Actions without resource-level permissions; their statements must narrow by condition.
_NO_RESOURCE_LEVEL = {"dynamodb:ListStreams", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}
_MAX_GROUP_ALARMS = 10
_DIMENSIONS = {
    "AWS/ApiGateway": {frozenset({"ApiId"}), frozenset({"ApiId", "Stage"})},
    "AWS/DynamoDB": {frozenset({"TableName"}), frozenset({"TableName", "Operation"})},
    "AWS/Lambda": {
        frozenset({"FunctionName"}),
        frozenset({"FunctionName", "Resource"}),
        frozenset({"FunctionName", "Resource", "ExecutedVersion"}),
    },
    "AWS/SQS": {frozenset({"QueueName"})},
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One broken promise."""

    check: str
    stack: str
    resource: str
    text: str

    def render(self) -> str:
        """``stack.Resource [check]: text``."""
        return f"{self.stack}.{self.resource} [{self.check}]: {self.text}"


def check(stack: str, template: Mapping[str, Any], tags: Mapping[str, str]) -> list[Finding]:
    """Every finding in one template; ``tags`` are the cost allocation tags that taggable resources must carry."""
    resources: Resources = template["Resources"]
    findings = [
        Finding(check=name, stack=stack, resource=resource, text=text)
        for name, rule in CHECKS.items()
        for resource, text in rule(resources)
    ]
    return findings + [
        Finding(check="cost-tags", stack=stack, resource=resource, text=text)
        for resource, text in _missing_tags(resources, tags)
    ]


def _of_type(resources: Resources, *types: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((name, resource) for name, resource in resources.items() if resource["Type"] in types)


def _statements(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    properties = resource.get("Properties", {})
    documents = [properties.get(name) for name in ("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument")]
    documents += [policy["PolicyDocument"] for policy in properties.get("Policies", ())]
    for document in documents:
        yield from (document or {}).get("Statement", ())


def _wildcard_actions(resources: Resources) -> Iterator[tuple[str, str]]:
    for name, resource in resources.items():
        for statement in _statements(resource):
            actions = _listed(statement.get("Action", ()))
            if statement["Effect"] == "Allow" and any("*" in action for action in actions):
                yield name, f"allows {', '.join(actions)}: name each action"


def _wildcard_resources(resources: Resources) -> Iterator[tuple[str, str]]:
    for name, resource in resources.items():
        if resource["Type"] == "AWS::KMS::Key":
            continue
        for statement in _statements(resource):
            if statement["Effect"] != "Allow" or "*" not in _listed(statement.get("Resource", ())):
                continue
            unsupported = set(_listed(statement["Action"])) <= _NO_RESOURCE_LEVEL
            if not unsupported or "Condition" not in statement:
                yield name, "allows every resource: name it, or narrow by condition where AWS has no resource level"


def _buckets_refuse_plain_http(resources: Resources) -> Iterator[tuple[str, str]]:
    refusing = {
        json.dumps(policy["Properties"]["Bucket"])
        for _, policy in _of_type(resources, "AWS::S3::BucketPolicy")
        if any(_refuses_plain_http(statement) for statement in _statements(policy))
    }
    for name, bucket in _of_type(resources, "AWS::S3::Bucket"):
        if json.dumps(bucket["Properties"]["BucketName"]) not in refusing:
            yield name, "has no policy that refuses plain HTTP"


def _refuses_plain_http(statement: Mapping[str, Any]) -> bool:
    condition = statement.get("Condition", {}).get("Bool", {})
    return bool(statement["Effect"] == "Deny" and condition.get("aws:SecureTransport") == "false")


def _buckets_are_private(resources: Resources) -> Iterator[tuple[str, str]]:
    for name, bucket in _of_type(resources, "AWS::S3::Bucket"):
        block = bucket["Properties"].get("PublicAccessBlockConfiguration", {})
        if len(block) != 4 or not all(str(value).lower() == "true" for value in block.values()):
            yield name, "does not block all public access"
        if "BucketEncryption" not in bucket["Properties"]:
            yield name, "is not encrypted"


def _logs_are_kept_for_a_time(resources: Resources) -> Iterator[tuple[str, str]]:
    for name, group in _of_type(resources, "AWS::Logs::LogGroup"):
        if not group["Properties"].get("RetentionInDays"):
            yield name, "keeps its events for ever: set a retention"


def _data_is_retained(resources: Resources) -> Iterator[tuple[str, str]]:
    for name, resource in _of_type(resources, *_RETAINED):
        if {resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")} != {"Retain"}:
            yield name, "needs DeletionPolicy and UpdateReplacePolicy Retain"


def _alarm_dimensions(resources: Resources) -> Iterator[tuple[str, str]]:
    for name, alarm in _of_type(resources, "AWS::CloudWatch::Alarm"):
        properties = alarm["Properties"]
        known = _DIMENSIONS.get(properties.get("Namespace", ""))
        dimensions = frozenset(dimension["Name"] for dimension in properties.get("Dimensions", ()))
        if known and dimensions not in known:
            yield name, f"no metric of {properties['Namespace']} has the dimensions {', '.join(sorted(dimensions))}"
        if "TreatMissingData" not in properties:
            yield name, "does not say how missing data counts"


def _shifts_are_guarded(resources: Resources) -> Iterator[tuple[str, str]]:
    for name, group in _of_type(resources, "AWS::CodeDeploy::DeploymentGroup"):
        properties = group["Properties"]
        if sorted(properties["AutoRollbackConfiguration"]["Events"]) != sorted(ROLLBACK_EVENTS):
            yield name, "must roll back on failure, alarm and request"
        alarms = properties["AlarmConfiguration"]["Alarms"]
        if not 0 < len(alarms) <= _MAX_GROUP_ALARMS:
            yield name, f"has {len(alarms)} guard alarms; CodeDeploy takes 1 to {_MAX_GROUP_ALARMS}"


def _aliases_wait_for_guards(resources: Resources) -> Iterator[tuple[str, str]]:
    for name, alias in _of_type(resources, "AWS::Lambda::Alias"):
        update = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        group = update["DeploymentGroupName"]["Ref"]
        alarms = resources[group]["Properties"]["AlarmConfiguration"]["Alarms"]
        missing = {group, *(alarm["Name"]["Ref"] for alarm in alarms)} - set(alias.get("DependsOn", ()))
        if missing:
            yield name, f"must depend on {', '.join(sorted(missing))}, or the shift starts before its guards"


def _missing_tags(resources: Resources, tags: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, resource in _of_type(resources, *TAGGED):
        given = resource.get("Properties", {}).get("Tags", {})
        found = given if isinstance(given, dict) else {tag["Key"]: tag["Value"] for tag in given}
        missing = [key for key, value in tags.items() if found.get(key) != value]
        if missing:
            yield name, f"lacks the cost allocation tags {', '.join(missing)}"


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


CHECKS: Mapping[str, Callable[[Resources], Iterator[tuple[str, str]]]] = {
    "no-wildcard-action": _wildcard_actions,
    "no-wildcard-resource": _wildcard_resources,
    "tls-only": _buckets_refuse_plain_http,
    "private-buckets": _buckets_are_private,
    "log-retention": _logs_are_kept_for_a_time,
    "retained-data": _data_is_retained,
    "alarm-dimensions": _alarm_dimensions,
    "guarded-shifts": _shifts_are_guarded,
    "guards-first": _aliases_wait_for_guards,
}
"""Check id → rule; a rule yields (logical id, what is wrong)."""
