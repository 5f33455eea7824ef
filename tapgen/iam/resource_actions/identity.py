"""Roles and the policies that are attached to them."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::IAM::ManagedPolicy",
        create="iam:AttachRolePolicy CreatePolicy",
        read="iam:GetPolicy GetPolicyVersion ListEntitiesForPolicy",
        update=(
            "iam:AttachRolePolicy CreatePolicyVersion DeletePolicyVersion DetachRolePolicy GetPolicy ListPolicyVersions"
        ),
        delete=(
            "iam:DeletePolicy DeletePolicyVersion DetachRolePolicy GetPolicy ListEntitiesForPolicy ListPolicyVersions"
        ),
        omitted=(
            Omission(
                "iam:AttachGroupPolicy AttachUserPolicy DetachGroupPolicy DetachUserPolicy",
                "policies are attached to roles alone",
            ),
        ),
    ),
    ResourceCalls(
        "AWS::IAM::Policy",
        create="iam:GetRolePolicy PutRolePolicy",
        read="iam:GetRolePolicy",
        update="iam:PutRolePolicy",
        delete="iam:DeleteRolePolicy",
        omitted=(
            Omission(
                "iam:DeleteGroupPolicy DeleteUserPolicy PutGroupPolicy PutUserPolicy",
                "policies are attached to roles alone",
            ),
        ),
    ),
    ResourceCalls(
        "AWS::IAM::Role",
        create="iam:CreateRole GetRole GetRolePolicy PutRolePolicy TagRole UntagRole",
        read="iam:GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies",
        update=(
            "iam:DeleteRolePolicy ListRoleTags PutRolePermissionsBoundary PutRolePolicy TagRole "
            "UntagRole UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription"
        ),
        delete=("iam:DeleteRole DeleteRolePolicy GetRole ListAttachedRolePolicies ListRolePolicies TagRole UntagRole"),
        omitted=(
            Omission(
                "iam:AttachRolePolicy DetachRolePolicy",
                "roles have inline policies alone",
                unless=("ManagedPolicyArns",),
            ),
            Omission("iam:DeleteRolePermissionsBoundary", "the boundary must never go"),
        ),
    ),
    ResourceCalls(
        "AWS::IAM::RolePolicy",
        create="iam:GetRolePolicy PutRolePolicy",
        read="iam:GetRolePolicy",
        update="iam:GetRolePolicy PutRolePolicy",
        delete="iam:DeleteRolePolicy GetRolePolicy",
    ),
)
