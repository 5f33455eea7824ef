"""Which properties of a type replace the resource: change sets say it, and updates do it.

Facts are the "Update requires" lines of the CloudFormation template reference, for types that MiniStack leaves open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.local.extension.settings import Settings

_REPLACING_PROPERTIES = Seam(
    module="ministack.services.cloudformation.provisioners",
    attribute="_REPLACING_PROPERTIES",
    parameters=None,
    gap="Lacks these types, whose every change then counts as perhaps a replacement, and so do their referrers'.",
)

SEAMS: tuple[Seam, ...] = (_REPLACING_PROPERTIES,)

_CREATE_ONLY: Mapping[str, tuple[str, ...]] = {
    "AWS::ApiGatewayV2::Api": ("ProtocolType",),
    "AWS::ApiGatewayV2::Authorizer": ("ApiId",),
    "AWS::ApiGatewayV2::Integration": ("ApiId",),
    "AWS::ApiGatewayV2::Route": ("ApiId",),
    "AWS::ApiGatewayV2::Stage": ("ApiId", "StageName"),
    "AWS::CloudWatch::Alarm": ("AlarmName",),
    "AWS::CloudWatch::Dashboard": ("DashboardName",),
    "AWS::Events::EventBus": ("Name",),
    "AWS::Events::Rule": ("EventBusName", "Name"),
    "AWS::IAM::Policy": (),
    "AWS::KMS::Alias": ("AliasName",),
    "AWS::KMS::Key": (),
    "AWS::Lambda::Alias": ("FunctionName", "Name"),
    "AWS::Lambda::EventInvokeConfig": ("FunctionName", "Qualifier"),
    "AWS::Lambda::EventSourceMapping": ("EventSourceArn", "StartingPosition", "StartingPositionTimestamp"),
    "AWS::Lambda::Permission": (
        "Action",
        "EventSourceToken",
        "FunctionName",
        "FunctionUrlAuthType",
        "Principal",
        "PrincipalOrgID",
        "SourceAccount",
        "SourceArn",
    ),
    "AWS::Lambda::Version": ("CodeSha256", "Description", "FunctionName"),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::Logs::QueryDefinition": (),
    "AWS::S3::Bucket": ("BucketName",),
    "AWS::S3::BucketPolicy": ("Bucket",),
    "AWS::SNS::Subscription": ("Endpoint", "Protocol", "TopicArn"),
    "AWS::SNS::TopicPolicy": (),
    "AWS::SQS::QueuePolicy": (),
}


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Add what MiniStack does not have."""
    known = original(_REPLACING_PROPERTIES)
    for resource_type, properties in _CREATE_ONLY.items():
        known.setdefault(resource_type, properties)
