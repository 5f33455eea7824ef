"""The security stack: the KMS key when there is one, a role for each function and hook, and CodeDeploy's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from troposphere import GetAtt, Sub, Tags
from troposphere.iam import Policy, Role
from troposphere.kms import Alias, Key

from tapgen.elements import wiring
from tapgen.iam import arns, roles
from tapgen.parts.function import values
from tapgen.parts.function.model import HOOKS
from tapgen.parts.function.role import make_policy
from tapgen.templates.key_policy import build_key_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awacs.aws import PolicyDocument

    from tapgen.elements.wiring import Context, Stack, Value
    from tapgen.iam.statements import Key as KeyArn

_PENDING_DELETION_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class _Principal:
    """Who gets a role."""

    value: Value
    role_name: str
    service: str
    """``lambda`` or ``codedeploy``: who assumes it."""
    policy: PolicyDocument


def build(context: Context) -> Stack:
    """Keys and roles."""
    stack = wiring.Stack("security", f"Encryption key and roles of the {context.service.title}")
    key = _add_key(stack, context) if context.environment.customer_managed else None
    for principal in (*_functions(context, key), *_hooks(context, key), _code_deploy(context)):
        _add_role(stack, context, principal)
    return stack


def _functions(context: Context, key: KeyArn | None) -> Iterator[_Principal]:
    for part in context.service.functions:
        policy = make_policy(context, part, key=key)
        role_name = context.names.function_role(part.name)
        yield _Principal(value=values.role_arn(part), role_name=role_name, service="lambda", policy=policy)


def _hooks(context: Context, key: KeyArn | None) -> Iterator[_Principal]:
    names, settings = context.names, context.environment.functions[HOOKS]
    for event, value in wiring.HOOK_ROLE_ARNS.items():
        policy = roles.hook_policy(event, names, tracing=settings.tracing, key=key)
        yield _Principal(value=value, role_name=names.hook_role(event), service="lambda", policy=policy)


def _code_deploy(context: Context) -> _Principal:
    return _Principal(
        value=wiring.CODE_DEPLOY_ROLE_ARN,
        role_name=context.names.function_role("codedeploy"),
        service="codedeploy",
        policy=roles.code_deploy_policy(context.names),
    )


def _add_key(stack: Stack, context: Context) -> KeyArn:
    key = stack.add(
        Key(
            "Key",
            Description=f"Data of {context.names.deployment}",
            EnableKeyRotation=True,
            PendingWindowInDays=_PENDING_DELETION_DAYS,
            KeyPolicy=build_key_policy(context.names, context.service),
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
            Tags=Tags(**context.environment.cost_tags),
        )
    )
    stack.add(Alias("KeyAlias", AliasName=f"alias/{context.names.prefix}", TargetKeyId=key.ref()))
    stack.give(wiring.KEY_ARN, GetAtt(key, "Arn"))
    return {"Fn::GetAtt": ["Key", "Arn"]}


def _add_role(stack: Stack, context: Context, principal: _Principal) -> None:
    """A role with one inline policy; ``ApiRoleArn`` → ``ApiRole``."""
    value = principal.value
    resource = stack.add(
        Role(
            value.name.removesuffix("Arn"),
            RoleName=principal.role_name,
            Description=f"{value.description} of {context.names.deployment}",
            AssumeRolePolicyDocument=roles.trust(f"{principal.service}.amazonaws.com"),
            PermissionsBoundary=Sub(arns.iam(f"policy/{context.names.boundary}")["Fn::Sub"]),
            Policies=[Policy(PolicyName="operations", PolicyDocument=principal.policy)],
            Tags=Tags(**context.environment.cost_tags),
        )
    )
    stack.give(value, GetAtt(resource, "Arn"))
