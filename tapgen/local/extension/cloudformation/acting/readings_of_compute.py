"""Which calls of functions, APIs, roles, stacks, shifts and scaling are for some properties alone."""

from __future__ import annotations

from tapgen.local.extension.cloudformation.acting.reading import PASSES_ROLE, USES_KEY, Reading

_FUNCTION = "AWS::Lambda::Function"
_SERVER = "CodeDeploy user guide: the property Deployment deploys to instances, and on-premises instances are theirs"
_ATTACHED = "IAM API reference: a policy is attached to the kinds of identities that it names"

READINGS: tuple[Reading, ...] = (
    Reading("AWS::ApiGatewayV2::Api", "s3:GetObject", ("BodyS3Location",), "template reference, 'BodyS3Location'"),
    Reading("AWS::ApiGatewayV2::Authorizer", "iam:PassRole", ("AuthorizerCredentialsArn",), PASSES_ROLE),
    Reading("AWS::ApiGatewayV2::Integration", "iam:PassRole", ("CredentialsArn",), PASSES_ROLE),
    Reading(
        "AWS::ApiGatewayV2::DomainName",
        "s3:GetObject GetObjectVersion",
        ("TruststoreUri",),
        "API Gateway developer guide, 'Mutual TLS authentication for HTTP APIs': the truststore is an object of S3",
    ),
    Reading("AWS::ApplicationAutoScaling::ScalableTarget", "iam:PassRole", ("RoleARN",), PASSES_ROLE),
    Reading(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "cloudwatch:GetMetricData",
        ("PredictiveScalingPolicyConfiguration",),
        "Application Auto Scaling user guide, 'Predictive scaling', permissions",
    ),
    Reading(
        "AWS::CertificateManager::Certificate",
        "acm-pca:GetCertificate IssueCertificate",
        ("CertificateAuthorityArn",),
        "ACM user guide, 'Private certificates'",
    ),
    Reading(
        "AWS::CertificateManager::Certificate",
        "route53:ChangeResourceRecordSets",
        ("HostedZoneId",),
        "template reference, 'DomainValidationOption': CloudFormation writes the record where a zone is named",
    ),
    Reading(
        "AWS::CertificateManager::Certificate",
        "acm:UpdateCertificateOptions",
        ("CertificateTransparencyLoggingPreference", "CertificateExport"),
        "ACM API reference, 'UpdateCertificateOptions'",
    ),
    Reading(
        "AWS::CloudFormation::Stack",
        "cloudformation:GetStackPolicy SetStackPolicy",
        ("StackPolicyBody", "StackPolicyURL"),
        "template reference: a nested stack has no such property unless Cloud Control makes it",
    ),
    Reading(
        "AWS::CloudFormation::Stack",
        "cloudformation:UpdateTerminationProtection",
        ("EnableTerminationProtection",),
        "CloudFormation user guide, 'Protect a stack from being deleted': it is set on the root stack",
    ),
    Reading(
        "AWS::CodeDeploy::DeploymentGroup",
        (
            "codedeploy:CreateDeployment GetApplicationRevision GetDeployment ListDeployments "
            "RegisterApplicationRevision RegisterOnPremisesInstance StopDeployment"
        ),
        ("Deployment", "OnPremisesInstanceTagFilters", "OnPremisesTagSet"),
        _SERVER,
    ),
    Reading("AWS::IAM::ManagedPolicy", "iam:AttachGroupPolicy DetachGroupPolicy", ("Groups",), _ATTACHED),
    Reading("AWS::IAM::ManagedPolicy", "iam:AttachRolePolicy DetachRolePolicy", ("Roles",), _ATTACHED),
    Reading("AWS::IAM::ManagedPolicy", "iam:AttachUserPolicy DetachUserPolicy", ("Users",), _ATTACHED),
    Reading("AWS::IAM::Policy", "iam:DeleteGroupPolicy GetGroupPolicy PutGroupPolicy", ("Groups",), _ATTACHED),
    Reading("AWS::IAM::Policy", "iam:DeleteRolePolicy GetRolePolicy PutRolePolicy", ("Roles",), _ATTACHED),
    Reading("AWS::IAM::Policy", "iam:DeleteUserPolicy GetUserPolicy PutUserPolicy", ("Users",), _ATTACHED),
    Reading("AWS::IAM::Role", "iam:AttachRolePolicy DetachRolePolicy", ("ManagedPolicyArns",), _ATTACHED),
    Reading("AWS::IAM::Role", "iam:DeleteRolePolicy GetRolePolicy PutRolePolicy", ("Policies",), _ATTACHED),
    Reading("AWS::Lambda::EventSourceMapping", "kms:Decrypt DescribeKey GenerateDataKey", ("KmsKeyArn",), USES_KEY),
    Reading(
        _FUNCTION,
        "ec2:DescribeNetworkInterfaces DescribeSecurityGroups DescribeSubnets DescribeVpcs",
        ("VpcConfig",),
        "Lambda developer guide, 'Giving Lambda functions access to resources in an Amazon VPC', permissions",
    ),
    Reading(
        _FUNCTION,
        "elasticfilesystem:DescribeMountTargets",
        ("FileSystemConfigs",),
        "Lambda developer guide, 'Configuring file system access', user permissions",
    ),
    Reading(_FUNCTION, "s3files:ListMountTargets", ("FileSystemConfigs",), "Lambda developer guide, the same"),
    Reading(
        _FUNCTION,
        "kms:CreateGrant Decrypt Encrypt",
        ("KmsKeyArn", "SourceKMSKeyArn"),
        "Lambda developer guide, 'Securing Lambda environment variables', permissions for the key",
    ),
    Reading(
        _FUNCTION,
        "kms:DescribeKey GenerateDataKey",
        ("SourceKMSKeyArn",),
        "Lambda developer guide, 'Encrypting Lambda .zip deployment packages', permissions for the key",
    ),
    Reading(_FUNCTION, "lambda:GetLayerVersion", ("Layers",), "Lambda developer guide, 'Adding layers to functions'"),
    Reading(
        _FUNCTION,
        "lambda:DeleteFunctionCodeSigningConfig GetCodeSigningConfig PutFunctionCodeSigningConfig",
        ("CodeSigningConfigArn",),
        "Lambda API reference, 'PutFunctionCodeSigningConfig'",
    ),
    Reading(
        _FUNCTION,
        "lambda:DeleteFunctionConcurrency PutFunctionConcurrency",
        ("ReservedConcurrentExecutions",),
        "Lambda API reference, 'PutFunctionConcurrency'",
    ),
    Reading(
        _FUNCTION,
        "lambda:PutFunctionRecursionConfig",
        ("RecursiveLoop",),
        "Lambda API reference, 'PutFunctionRecursionConfig'",
    ),
    Reading(
        _FUNCTION,
        "lambda:PassCapacityProvider PublishVersion PutFunctionScalingConfig",
        ("CapacityProviderConfig", "FunctionScalingConfig", "PublishToLatestPublished"),
        "Lambda developer guide, 'Lambda Managed Instances'",
    ),
    Reading(_FUNCTION, "s3:GetObject", ("S3Bucket",), "Lambda API reference, 'FunctionCode'"),
    Reading(_FUNCTION, "s3:GetObjectVersion", ("S3ObjectVersion",), "Lambda API reference, 'FunctionCode'"),
    Reading(
        "AWS::Lambda::LayerVersion",
        "s3:GetObjectVersion",
        ("S3ObjectVersion",),
        "Lambda API reference, 'LayerVersionContentInput'",
    ),
    Reading(
        "AWS::Lambda::Version",
        "lambda:PutRuntimeManagementConfig",
        ("RuntimePolicy",),
        "Lambda API reference, 'PutRuntimeManagementConfig'",
    ),
    Reading(
        "AWS::Route53::RecordSet",
        "route53:ListHostedZones",
        ("HostedZoneName",),
        "template reference, 'HostedZoneName': a zone that is named and not identified has to be found",
    ),
)
