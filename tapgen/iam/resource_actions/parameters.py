"""Secrets and parameters: what functions read at run time."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::SSM::Parameter",
        create="ssm:AddTagsToResource GetParameters PutParameter",
        read="ssm:GetParameters ListTagsForResource",
        update="ssm:AddTagsToResource GetParameters ListTagsForResource PutParameter RemoveTagsFromResource",
        delete="ssm:DeleteParameter",
    ),
    ResourceCalls(
        "AWS::SecretsManager::Secret",
        create="secretsmanager:CreateSecret DescribeSecret TagResource",
        read="secretsmanager:DescribeSecret",
        update="secretsmanager:DescribeSecret TagResource UntagResource UpdateSecret",
        delete="secretsmanager:DeleteSecret DescribeSecret",
        omitted=(
            Omission("secretsmanager:GetRandomPassword", "no value is made", unless=("GenerateSecretString",)),
            Omission(
                "secretsmanager:GetSecretValue",
                "nobody reads a value to compare it: the template has none",
                unless=("GenerateSecretString", "SecretString"),
            ),
            Omission(
                "secretsmanager:RemoveRegionsFromReplication ReplicateSecretToRegions",
                "no replicas",
                unless=("ReplicaRegions",),
            ),
            Omission("kms:Decrypt GenerateDataKey", "encrypted with AWS's own key", unless=("KmsKeyId",)),
        ),
    ),
    ResourceCalls(
        "AWS::SecretsManager::ResourcePolicy",
        create="secretsmanager:PutResourcePolicy",
        read="secretsmanager:GetResourcePolicy",
        update="secretsmanager:PutResourcePolicy",
        delete="secretsmanager:DeleteResourcePolicy",
        source="Secrets Manager user guide, 'Attach a permissions policy to a secret'",
    ),
)
