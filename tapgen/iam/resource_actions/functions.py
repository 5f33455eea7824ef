"""Lambda: functions, versions, aliases, layers, permissions, and what sends events to them."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Addition, Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::Lambda::Alias",
        create="lambda:CreateAlias GetProvisionedConcurrencyConfig",
        read="lambda:GetAlias GetProvisionedConcurrencyConfig",
        update=(
            "codedeploy:CreateDeployment GetDeployment GetDeploymentConfig GetDeploymentGroup "
            "StopDeployment; lambda:GetAlias GetProvisionedConcurrencyConfig UpdateAlias"
        ),
        delete="lambda:DeleteAlias GetAlias",
        added=(
            Addition(
                "codedeploy:GetApplicationRevision RegisterApplicationRevision",
                ("the shift's AppSpec is a revision: CodeDeploy user guide, 'CodeDeploy permissions reference'"),
            ),
        ),
        omitted=(
            Omission(
                "lambda:DeleteProvisionedConcurrencyConfig PutProvisionedConcurrencyConfig",
                "no provisioned concurrency",
                unless=("ProvisionedConcurrencyConfig",),
            ),
        ),
    ),
    ResourceCalls(
        "AWS::Lambda::EventInvokeConfig",
        create="lambda:PutFunctionEventInvokeConfig",
        read="lambda:GetFunctionEventInvokeConfig",
        update="lambda:UpdateFunctionEventInvokeConfig",
        delete="lambda:DeleteFunctionEventInvokeConfig",
    ),
    ResourceCalls(
        "AWS::Lambda::EventSourceMapping",
        create="lambda:CreateEventSourceMapping GetEventSourceMapping TagResource",
        read="lambda:GetEventSourceMapping ListTags",
        update="lambda:GetEventSourceMapping ListTags TagResource UntagResource UpdateEventSourceMapping",
        delete="lambda:DeleteEventSourceMapping GetEventSourceMapping",
        omitted=(
            Omission(
                "kms:Decrypt DescribeKey GenerateDataKey", "filter criteria are not encrypted", unless=("KmsKeyArn",)
            ),
        ),
    ),
    ResourceCalls(
        "AWS::Lambda::Function",
        create=(
            "iam:PassRole; kms:CreateGrant Decrypt Encrypt; lambda:CreateFunction GetFunction "
            "GetFunctionCodeSigningConfig GetFunctionRecursionConfig "
            "GetRuntimeManagementConfig TagResource; s3:GetObject"
        ),
        read=(
            "kms:Decrypt; lambda:GetFunction GetFunctionCodeSigningConfig GetFunctionRecursionConfig "
            "GetFunctionScalingConfig GetRuntimeManagementConfig"
        ),
        update=(
            "iam:PassRole; kms:CreateGrant Decrypt; lambda:GetFunction "
            "GetFunctionCodeSigningConfig GetFunctionRecursionConfig GetRuntimeManagementConfig "
            "ListTags TagResource UntagResource UpdateFunctionCode "
            "UpdateFunctionConfiguration; s3:GetObject"
        ),
        delete="lambda:DeleteFunction GetFunction",
        omitted=(
            Omission(
                "ec2:DescribeNetworkInterfaces DescribeSecurityGroups DescribeSubnets DescribeVpcs",
                "no VPC",
                unless=("VpcConfig",),
            ),
            Omission(
                "ecr:BatchGetImage GetDownloadUrlForLayer GetRepositoryPolicy SetRepositoryPolicy",
                "no image: Lambda developer guide, 'Create a Lambda function using a container image', permissions",
                unless=("ImageUri",),
            ),
            Omission("elasticfilesystem:DescribeMountTargets", "no file system", unless=("FileSystemConfigs",)),
            Omission("s3files:ListMountTargets", "no file system of S3"),
            Omission("kms:GenerateDataKey", "code is not encrypted with a key of ours", unless=("SourceKMSKeyArn",)),
            Omission(
                "lambda:DeleteFunctionCodeSigningConfig GetCodeSigningConfig PutFunctionCodeSigningConfig",
                "no code signing",
                unless=("CodeSigningConfigArn",),
            ),
            Omission(
                "lambda:DeleteFunctionConcurrency PutFunctionConcurrency",
                "no reserved concurrency",
                unless=("ReservedConcurrentExecutions",),
            ),
            Omission("lambda:GetLayerVersion", "no layer", unless=("Layers",)),
            Omission("s3:GetObjectVersion", "an object is named by its content", unless=("S3ObjectVersion",)),
            Omission("lambda:PutFunctionRecursionConfig", "loops are stopped by default", unless=("RecursiveLoop",)),
            Omission(
                "lambda:PutRuntimeManagementConfig",
                "the runtime is updated by default",
                unless=("RuntimeManagementConfig",),
            ),
            Omission(
                "lambda:PassCapacityProvider PublishVersion PutFunctionScalingConfig",
                "no instances of ours, and versions are resources of their own",
                unless=("CapacityProviderConfig",),
            ),
        ),
    ),
    ResourceCalls(
        "AWS::Lambda::LayerVersion",
        create="lambda:PublishLayerVersion; s3:GetObject",
        read="lambda:GetLayerVersion",
        delete="lambda:DeleteLayerVersion GetLayerVersion",
        omitted=(Omission("s3:GetObjectVersion", "an object is named by its content", unless=("S3ObjectVersion",)),),
    ),
    ResourceCalls(
        "AWS::Lambda::Permission",
        create="lambda:AddPermission",
        read="lambda:GetPolicy",
        delete="lambda:RemovePermission",
    ),
    ResourceCalls(
        "AWS::Lambda::Version",
        create=(
            "lambda:GetFunctionConfiguration GetProvisionedConcurrencyConfig "
            "GetRuntimeManagementConfig ListVersionsByFunction PublishVersion"
        ),
        read=(
            "lambda:GetFunctionConfiguration GetFunctionScalingConfig "
            "GetProvisionedConcurrencyConfig GetRuntimeManagementConfig"
        ),
        update="lambda:GetFunctionConfiguration",
        delete="lambda:DeleteFunction GetFunctionConfiguration",
        omitted=(
            Omission(
                "lambda:PutProvisionedConcurrencyConfig",
                "no provisioned concurrency",
                unless=("ProvisionedConcurrencyConfig",),
            ),
            Omission("lambda:PutRuntimeManagementConfig", "no runtime of its own", unless=("RuntimePolicy",)),
            Omission("lambda:PutFunctionScalingConfig", "no scaling of its own", unless=("FunctionScalingConfig",)),
        ),
    ),
)
