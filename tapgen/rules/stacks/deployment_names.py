"""What roles and people know by name has a name, and one of this deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, show

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates

NAME_PROPERTIES = {
    "AWS::ApiGatewayV2::Api": "Name",
    "AWS::ApiGatewayV2::Authorizer": "Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::CodeDeploy::Application": "ApplicationName",
    "AWS::CodeDeploy::DeploymentConfig": "DeploymentConfigName",
    "AWS::CodeDeploy::DeploymentGroup": "DeploymentGroupName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Logs::QueryDefinition": "Name",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::SecretsManager::Secret": "Name",
}
"""Type → the property with the physical name, of what tapgen makes."""


def _find(templates: Templates) -> Found:
    if not templates.whole:
        # What bootstrap makes is shared by all suffixes of an environment.
        return
    for resource in templates.generated(*NAME_PROPERTIES):
        name = resource.get(NAME_PROPERTIES[resource.type])
        if not isinstance(name, str):
            yield resource, f"{NAME_PROPERTIES[resource.type]} is {show(name)}: CloudFormation would make a name up"
        elif templates.names.deployment not in name:
            yield resource, f"is named {name}, which is not of {templates.names.deployment}"


RULE = Rule(
    id="deployment-names",
    holds="Everything that can have a name has one of its deployment.",
    why="Roles are granted what they may do by name: what CloudFormation names itself is out of their reach, and "
    "what is named like another deployment's meets it.",
    source='CloudFormation user guide, "Name type"; `tapgen guide templates`, names',
    find=_find,
)
