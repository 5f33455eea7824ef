"""Rules on who may do what: identity policies, resource policies, key policies, invocations and routes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tapgen.elements.wiring import PUBLIC
from tapgen.naming import LIVE_ALIAS
from tapgen.templates.resource_checks import of_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Actions without resource-level permissions (Service Authorization Reference); a condition must narrow them.
_NO_RESOURCE_LEVEL = {
    "dynamodb:ListStreams",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
# Where a resource may end open: the streams of one log group, the objects below one prefix, the versions and aliases of
# one function, and all alarms, which is what CloudWatch authorises DescribeAlarms against.
_OPEN_ENDS = (
    re.compile(r":logs:[^*]+:log-group:[^*]+:\*"),
    re.compile(r":s3:::[^*/]+/[^*]+/\*"),
    re.compile(r":lambda:[^*]+:function:[^*:]+:\*"),
    re.compile(r":cloudwatch:[^*]+:alarm:\*"),
)


def find_wildcard_actions(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """An Allow names each action. A Deny may cover all of them: it takes away, those of tomorrow included."""
    for name, statement in _statements(template):
        actions = _listed(statement.get("Action", ()))
        if statement["Effect"] == "Allow" and ("NotAction" in statement or any("*" in action for action in actions)):
            yield name, f"allows {', '.join(actions) or 'all but some actions'}: name each action"


def find_open_resources(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """An Allow names exact resources, or narrows by condition where AWS has no resource level."""
    for name, statement in _statements(template):
        # In a key policy ``*`` is the key itself (KMS developer guide, "Key policies").
        if statement["Effect"] != "Allow" or template["Resources"][name]["Type"] == "AWS::KMS::Key":
            continue
        if "NotResource" in statement:
            yield name, "allows all but some resources: name them"
        for resource in map(_text, _listed(statement.get("Resource", ()))):
            if resource == "*":
                unsupported = set(_listed(statement["Action"])) <= _NO_RESOURCE_LEVEL
                if not unsupported or "Condition" not in statement:
                    yield name, "allows every resource: name it, or narrow by condition where AWS has no resource level"
            elif "*" in resource and not any(end.search(resource) for end in _OPEN_ENDS):
                yield name, f"allows {resource}: name the exact resource"


# What AWS names by an id of its own, or authorises as a whole (``tapgen.iam.scopes`` says what narrows each).
_NAMELESS = (
    re.compile(r":acm:[^*]+:certificate/\*"),
    re.compile(r":apigateway:[^*]+::/(apis|domainnames|tags)/\*"),
    re.compile(r":cloudwatch:[^*]+:alarm:\*"),
    re.compile(r":codedeploy:[^*]+:deploymentconfig:CodeDeployDefault\.\*"),
    re.compile(r":execute-api:[^*]+:\*/\$default/\*"),
    re.compile(r":kms:[^*]+:key/\*"),
    re.compile(r":lambda:[^*]+:(code-signing-config|event-source-mapping):\*"),
    re.compile(r":logs:[^*]+:log-group:\*"),
    re.compile(r":route53:::(change|hostedzone)/\*"),
    # What somebody else made is named by whoever uses it, with its account.
    re.compile(r"^arn:aws"),
)


def find_foreign_resources(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """In the bootstrap stack, an Allow names resources of this environment by pattern, or narrows by condition."""
    # "Artifacts and roles of PROJECT ENVIRONMENT": names may have a prefix of the organisation's before both.
    base = "-".join(str(template.get("Description", "")).split()[-2:])
    for name, statement in _statements(template):
        for resource in map(_text, _listed(statement.get("Resource", ()))) if statement["Effect"] == "Allow" else ():
            if resource == "*":
                if "Condition" not in statement:
                    yield name, "allows every resource: narrow by condition where AWS has no resource level"
            elif "*" in resource and base not in resource and not any(end.search(resource) for end in _NAMELESS):
                yield name, f"allows {resource}: name this environment"


def find_plain_http(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Buckets, queues and topics refuse requests that are not over TLS."""
    refusing = {
        _text(target)
        for name, statement in _statements(template)
        if _refuses_plain_http(statement)
        for target in _targets(template["Resources"][name])
    }
    for name, resource in of_type(template, "AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue"):
        names = {_text({"Ref": name}), resource["Properties"].get("BucketName")}
        if not names & refusing:
            yield name, "has no policy that refuses plain HTTP"


def _targets(policy: Mapping[str, Any]) -> list[Any]:
    properties = policy["Properties"]
    return [*_listed(properties.get("Bucket", ())), *properties.get("Queues", ()), *properties.get("Topics", ())]


def _refuses_plain_http(statement: Mapping[str, Any]) -> bool:
    condition = statement.get("Condition", {}).get("Bool", {})
    return bool(statement["Effect"] == "Deny" and condition.get("aws:SecureTransport") == "false")


def find_open_invocations(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A permission to invoke names its source exactly, and invokes an alias."""
    for name, permission in of_type(template, "AWS::Lambda::Permission"):
        properties = permission["Properties"]
        source = _text(properties.get("SourceArn", "*"))
        if "*" in source:
            yield name, f"lets {source} of {properties['Principal']} invoke: name the exact source"
        target = properties["FunctionName"]
        made = template["Resources"].get(target.get("Ref", ""), {}).get("Type") == "AWS::Lambda::Alias"
        # By its ARN where another stack makes it.
        if not made and not target.get("Fn::Sub", "").endswith(f":{LIVE_ALIAS}"):
            yield name, "lets the function be invoked past its alias"


def find_open_routes(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where routes ask who calls, all of them do but those that tell nothing about anyone."""
    routes = list(of_type(template, "AWS::ApiGatewayV2::Route"))
    kinds = {route["Properties"]["RouteKey"]: route["Properties"]["AuthorizationType"] for _, route in routes}
    if set(kinds.values()) <= {"NONE"}:
        return
    for name, route in routes:
        properties = route["Properties"]
        if properties["AuthorizationType"] == "NONE" and not route.get("Metadata", {}).get(PUBLIC):
            yield name, f"{properties['RouteKey']} asks nobody who they are"
        if properties["AuthorizationType"] == "JWT" and "AuthorizerId" not in properties:
            yield name, f"{properties['RouteKey']} has no authorizer to check the token"


def _statements(template: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(logical id, statement) of every policy in the template."""
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        documents = [properties.get(key) for key in ("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument")]
        documents += [policy["PolicyDocument"] for policy in properties.get("Policies", ())]
        for document in documents:
            for statement in (document or {}).get("Statement", ()):
                yield name, statement


def _text(value: Any) -> str:
    """A literal as it is, a pattern without its function, any other function as JSON."""
    if isinstance(value, str):
        return value
    return str(value["Fn::Sub"]) if "Fn::Sub" in value else json.dumps(value, sort_keys=True)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
