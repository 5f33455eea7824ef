"""Rules on resources: privacy, encryption, retention, tags and CloudFormation's limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.wiring import OWN
from tapgen.iam.resource_actions import find_calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Every type that the templates use, by whether CloudFormation tags it; a test compares both with the schemas. A new
# type must be put in one of them.
TAGGED = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CertificateManager::Certificate",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::CloudFormation::Stack",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
    "AWS::SQS::Queue",
}
UNTAGGED = {
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::CodeDeploy::DeploymentConfig",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::KMS::Alias",
    "AWS::Lambda::Alias",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::QueryDefinition",
    "AWS::Route53::RecordSet",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::S3::BucketPolicy",
    "AWS::Scheduler::Schedule",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}
# What outlives its stack, by its DeletionPolicy. Versions do unless the update that makes them fails. Of the log groups
# only the access log does; the functions' logs are for operators.
_DELETION_POLICY = {
    "AWS::DynamoDB::Table": "Retain",
    "AWS::KMS::Key": "Retain",
    "AWS::Lambda::LayerVersion": "RetainExceptOnCreate",
    "AWS::Lambda::Version": "RetainExceptOnCreate",
    "AWS::S3::Bucket": "Retain",
    "AWS::S3::BucketPolicy": "Retain",
    "AWS::SecretsManager::Secret": "Retain",
}
# The property that names the key, for each type that holds data.
_KEY_PROPERTY = {
    "AWS::DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "AWS::Lambda::Function": ("KmsKeyArn",),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
}
_KEY_PARAMETER = "KeyArn"
# CloudFormation user guide, "quotas".
LIMITS = {"Resources": 500, "Outputs": 200, "Parameters": 200, "Mappings": 200}


def of_type(template: Mapping[str, Any], *types: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(logical id, resource) of these types."""
    return ((name, resource) for name, resource in template["Resources"].items() if resource["Type"] in types)


def find_open_buckets(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Buckets block public access, know no ACLs and keep overwritten objects for a time."""
    for name, bucket in of_type(template, "AWS::S3::Bucket"):
        properties = bucket["Properties"]
        block = properties.get("PublicAccessBlockConfiguration", {})
        if len(block) != 4 or not all(str(value).lower() == "true" for value in block.values()):
            yield name, "does not block all public access"
        rules = properties.get("OwnershipControls", {}).get("Rules", [{}])
        if rules[0].get("ObjectOwnership") != "BucketOwnerEnforced":
            yield name, "takes ACLs: enforce the owner"
        if properties.get("VersioningConfiguration", {}).get("Status") != "Enabled":
            yield name, "forgets what is overwritten: turn versioning on"


def find_unencrypted(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """With a key of our own, everything that holds data uses it; without one, AWS's own keys are turned on.

    A key of others that a part names counts as much.
    """
    has_key = _KEY_PARAMETER in template.get("Parameters", {})
    for name, resource in of_type(template, *_KEY_PROPERTY) if has_key else ():
        key = _look_up(resource["Properties"], _KEY_PROPERTY[resource["Type"]])
        if key != {"Ref": _KEY_PARAMETER} and not _is_others_key(key):
            yield name, "does not use the customer-managed key"
    for name, queue in of_type(template, "AWS::SQS::Queue"):
        keyed = has_key or _is_others_key(queue["Properties"].get("KmsMasterKeyId"))
        if not keyed and str(queue["Properties"].get("SqsManagedSseEnabled")).lower() != "true":
            yield name, "is not encrypted"
    yield from _unencrypted_buckets(template, algorithm="aws:kms" if has_key else "AES256")


def _unencrypted_buckets(template: Mapping[str, Any], *, algorithm: str) -> Iterator[tuple[str, str]]:
    buckets = dict(of_type(template, "AWS::S3::Bucket"))
    log_buckets = {
        bucket["Properties"].get("LoggingConfiguration", {}).get("DestinationBucketName") for bucket in buckets.values()
    }
    for name, bucket in buckets.items():
        properties = bucket["Properties"]
        # S3 delivers access logs to buckets with SSE-S3 alone.
        wanted = "AES256" if properties["BucketName"] in log_buckets else algorithm
        rules = properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [{}])
        default = rules[0].get("ServerSideEncryptionByDefault", {})
        keyed = default.get("SSEAlgorithm") == "aws:kms" and _is_others_key(default.get("KMSMasterKeyID"))
        if default.get("SSEAlgorithm") != wanted and not keyed:
            yield name, f"is not encrypted with {wanted}"


def _is_others_key(value: Any) -> bool:
    """Whether a property names a key by its ARN, pseudo parameters in it or not."""
    text = value.get("Fn::Sub") if isinstance(value, dict) else value
    return isinstance(text, str) and ":kms:" in text and ":key/" in text


def find_endless_logs(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Log groups have a retention."""
    for name, group in of_type(template, "AWS::Logs::LogGroup"):
        if not group["Properties"].get("RetentionInDays"):
            yield name, "keeps its events for ever: set a retention"


def find_unretained(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Data, what reads it, and what a rollback goes back to outlive their stack."""
    for name, resource in template["Resources"].items():
        is_access_log = resource["Type"] == "AWS::Logs::LogGroup" and "AccessLog" in name
        wanted = "Retain" if is_access_log else _DELETION_POLICY.get(resource["Type"])
        if not wanted:
            continue
        if (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")) != (wanted, "Retain"):
            yield name, f"needs DeletionPolicy {wanted} and UpdateReplacePolicy Retain"


def find_exceeded_limits(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """CloudFormation takes so many entries of each section."""
    for section, limit in LIMITS.items():
        count = len(template.get(section, {}))
        if count > limit:
            yield section, f"{count} entries; CloudFormation takes {limit}"


def _is_told_with_tags(resource: Mapping[str, Any]) -> bool:
    """A kind from outside has told the type's calls, and gives it tags: then it is taggable."""
    return find_calls(resource["Type"]) is not None and "Tags" in resource.get("Properties", {})


def find_untagged(template: Mapping[str, Any], tags: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Taggable resources carry the cost allocation tags; a type must be known to be taggable or not."""
    for name, resource in template["Resources"].items():
        if resource["Type"] in UNTAGGED or OWN in resource.get("Metadata", {}):
            continue
        if resource["Type"] not in TAGGED and not _is_told_with_tags(resource):
            yield name, f"{resource['Type']} is neither among the taggable types nor among the others: put it in one"
            continue
        given = resource.get("Properties", {}).get("Tags", {})
        found = given if isinstance(given, dict) else {tag["Key"]: tag["Value"] for tag in given}
        missing = [key for key, value in tags.items() if found.get(key) != value]
        if missing:
            yield name, f"lacks the cost allocation tags {', '.join(missing)}"


def _look_up(properties: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        properties = properties.get(key, {})
    return properties
