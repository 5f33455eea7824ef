"""The security stack: the KMS key when there is one, a role for each function, and CodeDeploy's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Tags
from troposphere.iam import Policy, Role
from troposphere.kms import Alias, Key

from tapgen.iam import roles
from tapgen.templates import wiring
from tapgen.templates.key_policy import build_key_policy

if TYPE_CHECKING:
    from awacs.aws import PolicyDocument

    from tapgen.iam.statements import Key as KeyArn
    from tapgen.templates.wiring import Context, Stack, Value

_PENDING_DELETION_DAYS = 30


def build(context: Context) -> Stack:
    """Keys and roles."""
    stack = wiring.Stack("security", "Encryption key and roles of the transactions service")
    names, functions = context.names, context.environment.functions
    key = _add_key(stack, context) if context.environment.customer_managed else None
    principals = (
        (wiring.API_ROLE_ARN, "lambda", roles.api_policy(names, tracing=functions.api.tracing, key=key)),
        (wiring.ARCHIVER_ROLE_ARN, "lambda", roles.archiver_policy(names, tracing=functions.archiver.tracing, key=key)),
        (wiring.CODE_DEPLOY_ROLE_ARN, "codedeploy", roles.code_deploy_policy(names)),
    )
    for value, service, policy in principals:
        _add_role(stack, context, value, trusted=f"{service}.amazonaws.com", policy=policy)
    return stack


def _add_key(stack: Stack, context: Context) -> KeyArn:
    key = stack.add(
        Key(
            "Key",
            Description=f"Data of {context.names.deployment}",
            EnableKeyRotation=True,
            PendingWindowInDays=_PENDING_DELETION_DAYS,
            KeyPolicy=build_key_policy(context.names),
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
            Tags=Tags(**context.environment.cost_tags),
        )
    )
    stack.add(Alias("KeyAlias", AliasName=f"alias/{context.names.prefix}", TargetKeyId=key.ref()))
    stack.give(wiring.KEY_ARN, GetAtt(key, "Arn"))
    return {"Fn::GetAtt": ["Key", "Arn"]}


def _add_role(stack: Stack, context: Context, value: Value, *, trusted: str, policy: PolicyDocument) -> None:
    """A role with one inline policy; ``ApiRoleArn`` → ``ApiRole``, named ``…-api``."""
    logical_id = value.name.removesuffix("Arn")
    role = logical_id.removesuffix("Role").lower()
    resource = stack.add(
        Role(
            logical_id,
            RoleName=context.names.function_role(role),
            Description=f"{value.description} of {context.names.deployment}",
            AssumeRolePolicyDocument=roles.trust(trusted),
            Policies=[Policy(PolicyName="operations", PolicyDocument=policy)],
            Tags=Tags(**context.environment.cost_tags),
        )
    )
    stack.give(value, GetAtt(resource, "Arn"))
