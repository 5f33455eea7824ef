"""Calls that AWS's documentation names and the schemas do not: they are made on the way, by or for another service.

Written from the documentation that each names, and not from ``tapgen.iam``, which is held against it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Further:
    """Actions that operations on a type need besides those of its schema.

    Attributes:
        type: The resource type.
        verbs: ``create update delete``, or some of them.
        actions: By service: ``logs:CreateLogDelivery ListLogDeliveries``.
        properties: The operations that touch one of these need them; empty: every one does.
        source: AWS's documentation.
    """

    type: str
    verbs: str
    actions: str
    properties: tuple[str, ...]
    source: str

    @property
    def named(self) -> tuple[str, ...]:
        """``logs:CreateLogDelivery`` …"""
        service, _, names = self.actions.partition(":")
        return tuple(f"{service}:{name}" for name in names.split())


_LOGGING = "API Gateway developer guide, 'Configure logging for HTTP APIs', permissions to activate logging"
_STAGE = "AWS::ApiGatewayV2::Stage"

FURTHER_CALLS: tuple[Further, ...] = (
    Further(
        _STAGE,
        "create update",
        (
            "logs:CreateLogDelivery DescribeLogGroups DescribeResourcePolicies GetLogDelivery ListLogDeliveries "
            "PutResourcePolicy UpdateLogDelivery"
        ),
        ("AccessLogSettings",),
        _LOGGING,
    ),
    Further(_STAGE, "delete", "logs:DeleteLogDelivery", ("AccessLogSettings",), _LOGGING),
    Further(
        "AWS::CloudFormation::Stack",
        "create update",
        "s3:GetObject",
        ("TemplateURL",),
        "CloudFormation user guide, 'CloudFormation service role': the role makes all calls of the stack, and the "
        "template of a nested one is an object of S3",
    ),
    Further(
        "AWS::CertificateManager::Certificate",
        "delete",
        "route53:ChangeResourceRecordSets",
        ("HostedZoneId",),
        "template reference, 'AWS::CertificateManager::Certificate': the validation's record goes with the certificate",
    ),
    Further(
        "AWS::Lambda::Function",
        "create update",
        "ecr:BatchGetImage GetDownloadUrlForLayer GetRepositoryPolicy SetRepositoryPolicy",
        ("ImageUri",),
        "Lambda developer guide, 'Create a Lambda function using a container image', Amazon ECR permissions",
    ),
    Further(
        "AWS::Scheduler::Schedule",
        "create update",
        "kms:Decrypt DescribeKey GenerateDataKey",
        ("KmsKeyArn",),
        "EventBridge Scheduler user guide, 'Data encryption at rest', customer managed keys",
    ),
    Further(
        "AWS::SecretsManager::Secret",
        "create update",
        "kms:Decrypt GenerateDataKey",
        ("KmsKeyId",),
        "Secrets Manager user guide, 'Secret encryption and decryption', permissions for the KMS key",
    ),
)

SHIFT_CALLS = ("codedeploy:GetApplicationRevision", "codedeploy:RegisterApplicationRevision")
"""Besides those of the alias' schema, where CodeDeploy shifts it: CodeDeploy user guide, 'CodeDeploy permissions
reference'; the deployment's AppSpec is a revision, which it registers and reads."""
