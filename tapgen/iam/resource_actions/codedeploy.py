"""Traffic shifts: application, groups and configurations."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::CodeDeploy::Application",
        create="codedeploy:CreateApplication TagResource",
        read="codedeploy:GetApplication ListTagsForResource",
        update="codedeploy:TagResource UntagResource",
        delete="codedeploy:DeleteApplication GetApplication",
    ),
    ResourceCalls(
        "AWS::CodeDeploy::DeploymentConfig",
        create="codedeploy:CreateDeploymentConfig",
        read="codedeploy:GetDeploymentConfig",
        delete="codedeploy:DeleteDeploymentConfig GetDeploymentConfig",
    ),
    ResourceCalls(
        "AWS::CodeDeploy::DeploymentGroup",
        create=(
            "codedeploy:CreateDeploymentGroup GetDeploymentConfig GetDeploymentGroup TagResource "
            "UntagResource; iam:PassRole"
        ),
        read="codedeploy:GetDeploymentGroup ListTagsForResource",
        update=(
            "codedeploy:GetDeploymentConfig ListTagsForResource TagResource UntagResource "
            "UpdateDeploymentGroup; iam:PassRole"
        ),
        delete="codedeploy:DeleteDeploymentGroup GetDeploymentGroup",
        omitted=(
            Omission(
                (
                    "codedeploy:CreateDeployment GetApplicationRevision GetDeployment ListDeployments "
                    "RegisterApplicationRevision RegisterOnPremisesInstance StopDeployment"
                ),
                "no property Deployment, which is for instances",
            ),
        ),
    ),
)
