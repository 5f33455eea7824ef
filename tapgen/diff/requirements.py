"""Which properties of a type replace the resource when they change.

From the resource types' schemas as CloudFormation publishes them (``createOnlyProperties`` and
``conditionalCreateOnlyProperties``), for the types that the templates use; a test compares the table with cfn-lint's
copy of the schemas, so that it grows with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tapgen.diff.difference import Requirement

CREATE_ONLY: Mapping[str, tuple[str, ...]] = {
    "AWS::ApiGatewayV2::Api": ("ProtocolType",),
    "AWS::ApiGatewayV2::ApiMapping": ("DomainName",),
    "AWS::ApiGatewayV2::Authorizer": ("ApiId",),
    "AWS::ApiGatewayV2::DomainName": ("DomainName",),
    "AWS::ApiGatewayV2::Integration": ("ApiId",),
    "AWS::ApiGatewayV2::Route": ("ApiId",),
    "AWS::ApiGatewayV2::Stage": ("ApiId", "StageName"),
    # No schema; the template reference says "Replacement".
    "AWS::CertificateManager::Certificate": (
        "CertificateAuthorityArn",
        "CertificateExport",
        "DomainName",
        "DomainValidationOptions",
        "KeyAlgorithm",
        "SubjectAlternativeNames",
    ),
    "AWS::CloudFormation::Stack": (),
    "AWS::CloudWatch::Alarm": ("AlarmName",),
    "AWS::CloudWatch::CompositeAlarm": ("AlarmName",),
    "AWS::CloudWatch::Dashboard": ("DashboardName",),
    "AWS::CodeDeploy::Application": ("ApplicationName", "ComputePlatform"),
    "AWS::CodeDeploy::DeploymentConfig": (
        "ComputePlatform",
        "DeploymentConfigName",
        "MinimumHealthyHosts",
        "TrafficRoutingConfig",
        "ZonalConfig",
    ),
    "AWS::CodeDeploy::DeploymentGroup": ("ApplicationName", "DeploymentGroupName"),
    # The schema calls KeySchema conditional; each of its elements "requires replacement" in the template reference, and
    # UpdateTable takes no keys.
    "AWS::DynamoDB::Table": ("ImportSourceSpecification", "KeySchema", "TableName"),
    "AWS::Events::Rule": ("Name",),
    "AWS::IAM::ManagedPolicy": ("Description", "ManagedPolicyName", "Path"),
    "AWS::IAM::Policy": (),
    "AWS::IAM::Role": ("Path", "RoleName"),
    "AWS::KMS::Alias": ("AliasName",),
    "AWS::KMS::Key": (),
    "AWS::Lambda::Alias": ("FunctionName", "Name"),
    "AWS::Lambda::EventSourceMapping": (
        "EventSourceArn",
        "SelfManagedEventSource",
        "StartingPosition",
        "StartingPositionTimestamp",
    ),
    "AWS::Lambda::Function": ("FunctionName", "PackageType", "TenancyConfig"),
    "AWS::Lambda::LayerVersion": (
        "CompatibleArchitectures",
        "CompatibleRuntimes",
        "Content",
        "Description",
        "LayerName",
        "LicenseInfo",
    ),
    "AWS::Lambda::Permission": (
        "Action",
        "EventSourceToken",
        "FunctionName",
        "FunctionUrlAuthType",
        "InvokedViaFunctionUrl",
        "Principal",
        "PrincipalOrgID",
        "SourceAccount",
        "SourceArn",
    ),
    "AWS::Lambda::Version": (
        "CodeSha256",
        "Description",
        "FunctionName",
        "ProvisionedConcurrencyConfig",
        "RuntimePolicy",
    ),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::Logs::QueryDefinition": (),
    # No schema; the template reference says "Replacement".
    "AWS::Route53::RecordSet": ("HostedZoneId", "HostedZoneName", "Name"),
    "AWS::S3::Bucket": ("BucketName", "BucketNamePrefix", "BucketNamespace"),
    "AWS::S3::BucketPolicy": ("Bucket",),
    "AWS::SNS::Subscription": ("Endpoint", "Protocol", "TopicArn"),
    "AWS::SNS::Topic": ("FifoTopic", "TopicName"),
    "AWS::SNS::TopicPolicy": (),
    "AWS::SQS::Queue": ("FifoQueue", "QueueName"),
    "AWS::SQS::QueuePolicy": (),
}
CONDITIONAL: Mapping[str, tuple[str, ...]] = {
    "AWS::Events::Rule": ("EventBusName",),
    "AWS::Lambda::Function": ("DurableConfig",),
    "AWS::SNS::Subscription": ("Region",),
}

TYPE = "Type"
"""Not a property, and nothing that CloudFormation changes: it refuses another type under the same logical id."""

_NAMES: Mapping[str, str] = {
    "AWS::ApiGatewayV2::DomainName": "DomainName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::CodeDeploy::Application": "ApplicationName",
    "AWS::CodeDeploy::DeploymentGroup": "DeploymentGroupName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
}
"""Type → the property that names the resource in the account, where two of a name cannot be."""


def requirement(resource_type: str, path: str) -> Requirement:
    """What a difference at a property's path asks of CloudFormation."""
    name = top_of(path)
    if name in CREATE_ONLY.get(resource_type, ()):
        return "always"
    return "conditional" if name in CONDITIONAL.get(resource_type, ()) else "never"


def top_of(path: str) -> str:
    """The property that a path is in: ``KeySchema`` of ``KeySchema[userId]``."""
    return path.partition(".")[0].partition("[")[0]


def strictest(requirements: Iterable[Requirement]) -> Requirement:
    """The one that decides for the whole resource."""
    found = set(requirements)
    order: tuple[Requirement, ...] = ("always", "conditional")
    return next((each for each in order if each in found), "never")


def name_of(resource_type: str, properties: Mapping[str, Any]) -> str:
    """The physical name that a template gives a resource; empty when CloudFormation makes one up."""
    name = properties.get(_NAMES.get(resource_type, ""))
    return name if isinstance(name, str) else ""
