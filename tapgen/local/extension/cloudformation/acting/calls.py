"""The calls of an operation, ready to be authorised: action, resource, and what conditions ask about the request.

IAM user guide, "AWS global condition context keys"; which action has which key is the Service Authorization Reference's
(``handler_calls.json``). Decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation.acting.arns import arns_of
from tapgen.local.extension.cloudformation.acting.needs import actions_of, data
from tapgen.local.extension.cloudformation.acting.operations import found, tags_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.local.extension.cloudformation.acting.operations import Operation
    from tapgen.local.extension.cloudformation.acting.place import Place

_STACK = "AWS::CloudFormation::Stack"
_PASSED_TO = {
    # Of each type: the service that assumes the role that it names (template reference).
    "AWS::ApiGatewayV2::Authorizer": "apigateway.amazonaws.com",
    "AWS::ApiGatewayV2::Integration": "apigateway.amazonaws.com",
    "AWS::ApplicationAutoScaling::ScalableTarget": "application-autoscaling.amazonaws.com",
    "AWS::CloudFormation::Stack": "cloudformation.amazonaws.com",
    "AWS::CodeDeploy::DeploymentGroup": "codedeploy.amazonaws.com",
    "AWS::Events::Rule": "events.amazonaws.com",
    "AWS::Lambda::Function": "lambda.amazonaws.com",
    "AWS::S3::Bucket": "s3.amazonaws.com",
    "AWS::SNS::Subscription": "sns.amazonaws.com",
    "AWS::SNS::Topic": "sns.amazonaws.com",
    "AWS::Scheduler::Schedule": "scheduler.amazonaws.com",
}
_URL_SUFFIXES = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}
_POLICY_ARN = "iam:PolicyARN"
_SYSTEM = "aws:"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request of CloudFormation's to a service.

    Attributes:
        action: ``dynamodb:CreateTable``.
        resource: An ARN, or ``*``.
        context: Condition keys of the request.
        tags: The tags of the resource, as far as the operation knows them.
    """

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def calls_of(operation: Operation, place: Place, role_arn: str) -> Iterator[Call]:
    """Every call, in the order of the alphabet.

    Args:
        operation: What is done.
        place: Where.
        role_arn: The role that does it, which nested stacks are handed.
    """
    operation = _without_system_tags(operation)
    tags = _tags(operation)
    for action in actions_of(operation):
        for resource in _resources(operation, action, place, role_arn):
            for context in _contexts(operation, action, place):
                yield Call(action=action, resource=resource, context=context, tags=tags)


def _resources(operation: Operation, action: str, place: Place, role_arn: str) -> list[str]:
    if action == "iam:PassRole" and operation.resource_type == _STACK:
        return [role_arn]
    return arns_of(operation, action, place)


def _tags(operation: Operation) -> dict[str, str]:
    return tags_of(operation.old or operation.new, _tags_property(operation))


def _tags_property(operation: Operation) -> str:
    return str(data()["types"].get(operation.resource_type, {}).get("tags", "Tags"))


def _without_system_tags(operation: Operation) -> Operation:
    """As the template and the stack tag it: ``aws:`` tags are CloudFormation's, and no permission of the role's."""
    name = _tags_property(operation)
    return replace(operation, old=_own_tags(operation.old, name), new=_own_tags(operation.new, name))


def _own_tags(properties: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    tags = properties.get(name)
    if isinstance(tags, dict):
        kept: Any = {key: value for key, value in tags.items() if not key.startswith(_SYSTEM)}
    elif isinstance(tags, list):
        kept = [tag for tag in tags if not (isinstance(tag, dict) and str(tag.get("Key")).startswith(_SYSTEM))]
    else:
        return properties
    others = {key: value for key, value in properties.items() if key != name}
    return {**others, name: kept} if kept else others


def _contexts(operation: Operation, action: str, place: Place) -> Iterator[dict[str, Any]]:
    """One for each request: a policy is attached by a request of its own."""
    keys = data()["keys"].get(action, "").split()
    context = {
        **(_requested_tags(operation) if "aws:RequestTag" in keys else {}),
        **(_boundary(operation) if "iam:PermissionsBoundary" in keys else {}),
        **(_key_use(operation, action, place) if action.startswith("kms:") else {}),
    }
    values = {
        "iam:PassedToService": _PASSED_TO.get(operation.resource_type, ""),
        "lambda:FunctionArn": _function_arn(operation, place),
        "application-autoscaling:service-namespace": _namespace(operation),
        "iam:AWSServiceName": f"{_namespace(operation)}.application-autoscaling.amazonaws.com",
    }
    context |= {key.lower(): value for key, value in values.items() if key in keys and value}
    if _POLICY_ARN in keys and action.startswith(("iam:Attach", "iam:Detach")):
        for arn in _policies(operation, place):
            yield {**context, _POLICY_ARN.lower(): arn}
        return
    yield context


def _key_use(operation: Operation, action: str, place: Place) -> dict[str, Any]:
    """A key that encrypts a resource is used by the resource's service for its caller, and its policy may ask for that.

    KMS developer guide, "AWS KMS condition keys": ``ViaService``, ``CallerAccount``, ``GrantIsForAWSResource``.
    A key itself is made and changed by direct calls.
    """
    service = operation.resource_type.split("::")[1].lower()
    if service == "kms":
        return {}
    suffix = _URL_SUFFIXES.get(place.partition, "amazonaws.com")
    return {
        "kms:viaservice": f"{service}.{place.region}.{suffix}",
        "kms:calleraccount": place.account,
        **({"kms:grantisforawsresource": "true"} if action == "kms:CreateGrant" else {}),
    }


def _requested_tags(operation: Operation) -> dict[str, Any]:
    asked = tags_of(operation.new, _tags_property(operation))
    return {
        **{f"aws:requesttag/{name}".lower(): value for name, value in asked.items()},
        **({"aws:tagkeys": list(asked)} if asked else {}),
    }


def _boundary(operation: Operation) -> dict[str, Any]:
    """Of the role itself; what is attached to a role counts by that role's."""
    from ministack.services import iam

    named = [str(arn) for arn in found(operation.properties, "PermissionsBoundary")]
    roles = [*(operation.properties.get("Roles") or ()), operation.properties.get("RoleName")]
    records = (iam._roles.get(str(name)) for name in roles if name)  # noqa: SLF001 - a seam of session
    named += [str(record["PermissionsBoundary"]) for record in records if record and record.get("PermissionsBoundary")]
    return {"iam:permissionsboundary": named[0]} if named else {}


def _function_arn(operation: Operation, place: Place) -> str:
    named = str(operation.properties.get("FunctionName") or "")
    if not named or named.startswith("arn:"):
        return named
    return f"arn:{place.partition}:lambda:{place.region}:{place.account}:function:{named}"


def _namespace(operation: Operation) -> str:
    """``lambda``: of the target, or of the policy that names the target by its id."""
    properties = operation.properties
    target = str(properties.get("ScalingTargetId") or operation.physical_id)
    return str(properties.get("ServiceNamespace") or target.rpartition("|")[2])


def _policies(operation: Operation, place: Place) -> list[str]:
    """The managed policies that are attached or detached."""
    if operation.kind != "ManagedPolicy":
        both = (*found(operation.old, "ManagedPolicyArns"), *found(operation.new, "ManagedPolicyArns"))
        return list(dict.fromkeys(str(arn) for arns in both for arn in arns))
    return arns_of(operation, "iam:GetPolicy", place)
