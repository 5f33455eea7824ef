"""What resources of each type are called, and the parts of others that they stand for, as placeholders of ARNs.

One rule a type; types without one are called as their properties say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ministack.services import iam

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.acting.needs import SHIFT_POLICY
from tapgen.local.extension.cloudformation.acting.operations import found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tapgen.local.extension.cloudformation.acting.operations import Operation

    Names = dict[str, str]

_AT_ONCE = "CodeDeployDefault.LambdaAllAtOnce"
_FUNCTION = re.compile(r"(?:arn:[^:]+:lambda:[^:]+:\d+:function:)?(?P<name>[^:]+)(?::(?P<qualifier>.+))?")
_LAYER = re.compile(
    r"arn:[^:]+:lambda:(?P<Region>[^:]+):(?P<Account>\d+):layer:(?P<LayerName>[^:]+):(?P<LayerVersion>\d+)"
)
SCALING_ROLE = (
    "aws-service-role/{service}.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_{kind}"
)
"""The service-linked role of Application Auto Scaling (its user guide)."""


def own_names(operation: Operation) -> list[Names]:
    """Sets of placeholders for a resource and its parts."""
    return _OWN.get(operation.resource_type, _plain)(operation)


def called(operation: Operation, *properties: str) -> str:
    """What the resource is called: by a property, by its physical id, or as CloudFormation begins the name."""
    named = next((str(operation.properties[name]) for name in properties if operation.properties.get(name)), "")
    if named:
        return last_part(named)
    return last_part(operation.physical_id) or f"{operation.stack_name}-{operation.logical_id}-"


def last_part(name: str) -> str:
    """A name as it is; the last part of an ARN or a URL."""
    if name.startswith(("https://", "http://")):
        return name.rstrip("/").rpartition("/")[2]
    return re.split("[:/]", name)[-1] if name.startswith("arn:") else name


def function_of(reference: Any) -> tuple[str, str]:
    """Name and qualifier of what refers to a function."""
    match = _FUNCTION.fullmatch(str(reference))
    return (match["name"], match["qualifier"] or "") if match else (str(reference), "")


def _plain(operation: Operation) -> list[Names]:
    """Of types without a rule of their own: every property that is a text is a placeholder, and the id for the rest."""
    texts = {key: value for key, value in operation.properties.items() if isinstance(value, str)}
    name = called(operation, f"{operation.kind}Name", "Name")
    return [{f"{operation.kind}Name": name, f"{operation.kind}Id": name, **texts}]


def _by(placeholder: str, *properties: str) -> Callable[[Operation], list[Names]]:
    return lambda operation: [{placeholder: called(operation, *(properties or (placeholder,)))}]


def _listed(placeholder: str, properties: str) -> Callable[[Operation], list[Names]]:
    """One set for each element of a property."""
    return lambda operation: [
        {placeholder: last_part(str(value))} for values in found(operation.properties, properties) for value in values
    ]


def _function(operation: Operation) -> list[Names]:
    layers = (_LAYER.fullmatch(str(value)) for values in found(operation.properties, "Layers") for value in values)
    return [{"FunctionName": called(operation, "FunctionName")}, *(match.groupdict() for match in layers if match)]


def _of_function(operation: Operation) -> list[Names]:
    """Aliases, versions, permissions, configurations of invocations: parts of a function."""
    name, qualifier = function_of(operation.properties.get("FunctionName", ""))
    names = {"FunctionName": name}
    if operation.kind == "Alias":
        names["Alias"] = str(operation.properties.get("Name", ""))
    elif operation.kind == "Version":
        names["Version"] = function_of(operation.physical_id)[1] or "1"
    elif qualifier:
        names["Alias"] = qualifier
    return [names, *_shift(operation)]


def _shift(operation: Operation) -> Iterator[Names]:
    policy = operation.policy.get(SHIFT_POLICY)
    if policy:
        yield {
            "ApplicationName": str(policy.get("ApplicationName")),
            "DeploymentGroupName": str(policy.get("DeploymentGroupName")),
        }
        # The group's configuration, which the deployment takes over.
        yield from _configurations(operation, _configuration(policy))


def _configurations(operation: Operation, name: str) -> Iterator[Names]:
    """An update that may change everything may go all at once."""
    for each in dict.fromkeys((name, _AT_ONCE) if operation.utmost else (name,)):
        yield {"DeploymentConfigurationName": each}


def _configuration(policy: Mapping[str, Any]) -> str:
    """What the group is configured with, wherever a stack has made it."""
    wanted = (policy.get("ApplicationName"), policy.get("DeploymentGroupName"))
    for stack in list(cfn.stacks().values()):
        for record in list(stack.get("_resources", {}).values()):
            properties = record.get("Properties") or {}
            if (properties.get("ApplicationName"), properties.get("DeploymentGroupName")) == wanted:
                return str(properties.get("DeploymentConfigName") or _AT_ONCE)
    return _AT_ONCE


def _mapping(operation: Operation) -> list[Names]:
    return [{"UUID": operation.physical_id or f"{operation.stack_name}-{operation.logical_id}"}]


def _layer(operation: Operation) -> list[Names]:
    match = _LAYER.fullmatch(operation.physical_id)
    return [match.groupdict() if match else {"LayerName": called(operation, "LayerName"), "LayerVersion": "1"}]


def _rule(operation: Operation) -> list[Names]:
    name = str(operation.properties.get("Name") or called(operation).rpartition("|")[2])
    bus = last_part(str(operation.properties.get("EventBusName") or "default"))
    return [{"RuleName": name, **({} if bus == "default" else {"EventBusName": bus})}]


def _schedule(operation: Operation) -> list[Names]:
    group = str(operation.properties.get("GroupName") or "default")
    return [{"ScheduleName": called(operation, "Name"), "GroupName": group}]


def _schedule_group(operation: Operation) -> list[Names]:
    """Its schedules go with it: those of the group, whatever they are called."""
    name = called(operation, "Name")
    return [{"GroupName": name}, {"GroupName": name, "ScheduleName": "*"}]


def _role(operation: Operation) -> list[Names]:
    return [{"RoleNameWithPath": _with_path(operation, called(operation, "RoleName"))}]


def _managed_policy(operation: Operation) -> list[Names]:
    policy = {"PolicyNameWithPath": _with_path(operation, called(operation, "ManagedPolicyName"))}
    return [policy, *_identities(operation)]


def _identities(operation: Operation) -> list[Names]:
    others = {"Groups": "GroupNameWithPath", "Users": "UserNameWithPath"}
    return [
        *({"RoleNameWithPath": _existing_role(str(name))} for name in operation.properties.get("Roles") or ()),
        *(
            {placeholder: str(name)}
            for key, placeholder in others.items()
            for name in operation.properties.get(key) or ()
        ),
    ]


def _role_policy(operation: Operation) -> list[Names]:
    return [{"RoleNameWithPath": _existing_role(str(operation.properties.get("RoleName")))}]


def _existing_role(name: str) -> str:
    """A template names a role without its path, and IAM authorises on the ARN, which has it."""
    record = iam._roles.get(name) or {}  # noqa: SLF001 - a seam
    return f"{record.get('Path', '/')}{name}".lstrip("/")


def _with_path(operation: Operation, name: str) -> str:
    return f"{operation.properties.get('Path') or '/'}{name}".lstrip("/")


def _group(operation: Operation) -> list[Names]:
    application = str(operation.properties.get("ApplicationName"))
    configuration = str(operation.properties.get("DeploymentConfigName") or _AT_ONCE)
    return [
        {"ApplicationName": application, "DeploymentGroupName": called(operation, "DeploymentGroupName")},
        *_configurations(operation, configuration),
    ]


def _stack(operation: Operation) -> list[Names]:
    made = re.fullmatch(r"arn:.*:stack/([^/]+)/(.+)", operation.physical_id)
    name = made[1] if made else f"{operation.stack_name}-{operation.logical_id}-"
    return [{"StackName": name, "Id": made[2] if made else "*"}]


def _scaling_target(operation: Operation) -> list[Names]:
    """What scales an alias changes its concurrency, and makes alarms that are named after the target."""
    properties = operation.properties
    resource = str(properties.get("ResourceId") or operation.physical_id.partition("|")[0])
    names = [{"ResourceId": resource}, {"AlarmName": f"TargetTracking-{resource}-AlarmHigh"}]
    if resource.startswith("function:"):
        name, alias = function_of(resource.removeprefix("function:"))
        role = SCALING_ROLE.format(service="lambda", kind="LambdaConcurrency")
        names += [{"FunctionName": name, "Alias": alias}, {"RoleNameWithPath": role}]
    return names


def _scaling_policy(operation: Operation) -> list[Names]:
    target = str(operation.properties.get("ScalingTargetId") or operation.properties.get("ResourceId") or "")
    return [{"ResourceId": target.partition("|")[0]}]


def _key(operation: Operation) -> list[Names]:
    return [{"KeyId": operation.physical_id or "*"}]


def _key_alias(operation: Operation) -> list[Names]:
    return [
        {
            "Alias": called(operation, "AliasName").removeprefix("alias/"),
            "KeyId": last_part(str(operation.properties.get("TargetKeyId", ""))),
        }
    ]


def _record_set(operation: Operation) -> list[Names]:
    zone = str(operation.properties.get("HostedZoneId") or "*")
    return [{"Id": zone}]


def _certificate(operation: Operation) -> list[Names]:
    zones = found(operation.properties, "HostedZoneId")
    return [{"CertificateId": last_part(operation.physical_id) or "*"}, *({"Id": str(zone)} for zone in zones)]


def _parameter(operation: Operation) -> list[Names]:
    name = operation.properties.get("Name") or called(operation)
    return [{"ParameterNameWithoutLeadingSlash": str(name).lstrip("/")}]


def _secret(operation: Operation) -> list[Names]:
    named = str(operation.properties.get("SecretId") or operation.physical_id)
    known = named.rpartition(":secret:")[2] if ":secret:" in named else named
    name = known or f"{operation.properties.get('Name') or called(operation)}-??????"
    return [{"SecretId": name}]


_OWN: dict[str, Callable[[Operation], list[Names]]] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": _scaling_target,
    "AWS::ApplicationAutoScaling::ScalingPolicy": _scaling_policy,
    "AWS::CertificateManager::Certificate": _certificate,
    "AWS::CloudFormation::Stack": _stack,
    "AWS::CloudWatch::Alarm": _by("AlarmName"),
    "AWS::CloudWatch::CompositeAlarm": _by("AlarmName"),
    "AWS::CloudWatch::Dashboard": _by("DashboardName"),
    "AWS::CodeDeploy::Application": _by("ApplicationName"),
    "AWS::CodeDeploy::DeploymentConfig": _by("DeploymentConfigurationName", "DeploymentConfigName"),
    "AWS::CodeDeploy::DeploymentGroup": _group,
    "AWS::DynamoDB::Table": _by("TableName"),
    "AWS::Events::EventBus": _by("EventBusName", "Name"),
    "AWS::Events::Rule": _rule,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::Policy": _identities,
    "AWS::IAM::Role": _role,
    "AWS::IAM::RolePolicy": _role_policy,
    "AWS::KMS::Alias": _key_alias,
    "AWS::KMS::Key": _key,
    "AWS::Lambda::Alias": _of_function,
    "AWS::Lambda::EventInvokeConfig": _of_function,
    "AWS::Lambda::EventSourceMapping": _mapping,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::LayerVersion": _layer,
    "AWS::Lambda::Permission": _of_function,
    "AWS::Lambda::Version": _of_function,
    "AWS::Logs::LogGroup": _by("LogGroupName"),
    "AWS::Logs::MetricFilter": _by("LogGroupName"),
    "AWS::Route53::RecordSet": _record_set,
    "AWS::S3::Bucket": _by("BucketName"),
    "AWS::S3::BucketPolicy": _by("BucketName", "Bucket"),
    "AWS::SNS::Subscription": _by("TopicName", "TopicArn"),
    "AWS::SNS::Topic": _by("TopicName"),
    "AWS::SNS::TopicInlinePolicy": _by("TopicName", "TopicArn"),
    "AWS::SNS::TopicPolicy": _listed("TopicName", "Topics"),
    "AWS::SQS::Queue": _by("QueueName"),
    "AWS::SQS::QueueInlinePolicy": _by("QueueName", "Queue"),
    "AWS::SQS::QueuePolicy": _listed("QueueName", "Queues"),
    "AWS::SSM::Parameter": _parameter,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::Scheduler::ScheduleGroup": _schedule_group,
    "AWS::SecretsManager::ResourcePolicy": _secret,
    "AWS::SecretsManager::Secret": _secret,
}
