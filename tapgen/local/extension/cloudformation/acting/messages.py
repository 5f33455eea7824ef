"""How a service signs the refusals that CloudFormation repeats: the SDK's name for it, and the HTTP status."""

from __future__ import annotations

# The AWS SDK for Java, which the handlers use, names services after their service id.
_NAMES = {
    "acm": "Acm",
    "apigateway": "ApiGatewayV2",
    "application-autoscaling": "ApplicationAutoScaling",
    "cloudformation": "CloudFormation",
    "cloudwatch": "CloudWatch",
    "codedeploy": "CodeDeploy",
    "dynamodb": "DynamoDb",
    "ec2": "Ec2",
    "ecr": "Ecr",
    "events": "EventBridge",
    "iam": "Iam",
    "kinesis": "Kinesis",
    "kms": "Kms",
    "lambda": "Lambda",
    "logs": "CloudWatchLogs",
    "route53": "Route53",
    "s3": "S3",
    "scheduler": "Scheduler",
    "secretsmanager": "SecretsManager",
    "sns": "Sns",
    "sqs": "Sqs",
    "ssm": "Ssm",
}
_JSON = frozenset(
    {"acm", "codedeploy", "dynamodb", "ecr", "events", "application-autoscaling", "kinesis", "kms", "logs", "ssm"}
) | {"secretsmanager"}
"""Services whose protocol is AWS JSON: every error of the caller is a 400 there, and a refusal elsewhere a 403."""


def service_of(action: str) -> str:
    """``DynamoDb`` of ``dynamodb:CreateTable``."""
    service = action.partition(":")[0]
    return _NAMES.get(service, service.title())


def status_of(action: str) -> int:
    """The HTTP status of the refusal."""
    return 400 if action.partition(":")[0] in _JSON else 403
