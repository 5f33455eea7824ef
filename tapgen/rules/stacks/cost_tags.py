"""Taggable resources carry the cost allocation tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, listed
from tapgen.iam.resource_actions import find_calls

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates

# Every type that the templates use, by whether CloudFormation tags it; a test compares both with the schemas. A new
# type must be put in one of them.
TAGGED = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Stage",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::CertificateManager::Certificate",
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


def _find(templates: Templates) -> Found:
    tags = templates.environment.cost_tags
    for resource in templates.resources:
        if resource.type in UNTAGGED or resource.own:
            continue
        if resource.type not in TAGGED and not _is_told_with_tags(resource):
            text = f"{resource.type} is neither among the taggable types nor among the others: put it in one"
            yield resource, text
            continue
        given = resource.properties.get("Tags", {})
        found = given if isinstance(given, dict) else {tag.get("Key"): tag.get("Value") for tag in listed(given)}
        missing = [key for key, value in tags.items() if found.get(key) != value]
        if missing:
            yield resource, f"lacks the cost allocation tags {', '.join(missing)}"
        elif len(found) != len(given):
            yield resource, "carries a tag twice"


def _is_told_with_tags(resource: Resource) -> bool:
    """A kind from outside has told the type's calls, and gives it tags: then it is taggable."""
    return find_calls(resource.type) is not None and "Tags" in resource.properties


RULE = Rule(
    id="cost-tags",
    holds="Everything that can be tagged carries the cost allocation tags: Owner, CostCentre, Project, Environment.",
    why="What has no tags is on nobody's bill, and roles that act by tag do not reach it.",
    source='AWS Billing user guide, "Organizing and tracking costs using AWS cost allocation tags"',
    find=_find,
)
