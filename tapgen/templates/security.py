"""The security stack: the KMS key when there is one, a role for each function and hook, and CodeDeploy's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Tags
from troposphere.iam import ManagedPolicy, Policy, Role
from troposphere.kms import Alias, Key

from tapgen.elements import wiring
from tapgen.elements.principals import RoleHolder
from tapgen.iam import roles
from tapgen.iam.policies import fit_role
from tapgen.naming import hooks_of_block
from tapgen.parts.function import values
from tapgen.parts.function.model import HOOKS
from tapgen.parts.function.role import make_policy
from tapgen.parts.registry import list_kinds
from tapgen.templates import identities
from tapgen.templates.key_policy import build_key_policy
from tapgen.templates.ways_out import add_resources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.wiring import Context, Stack
    from tapgen.iam.statements import Key as KeyArn

_PENDING_DELETION_DAYS = 30


def build(context: Context) -> Stack:
    """Keys and roles."""
    name = wiring.stack_name("security", context.block)
    stack = wiring.Stack(name, f"Encryption key and roles of the {context.service.title}")
    shared: tuple[RoleHolder, ...] = ()
    if context.first:
        key = _add_key(stack, context) if context.environment.customer_managed else None
        shared = (_code_deploy(context),)
    else:
        key = _taken_key(stack, context)
    for principal in (*_functions(context, key), *_hooks(context, key), *_kinds(context), *shared):
        _add_role(stack, context, principal)
    add_resources(stack, context)
    return stack


def _functions(context: Context, key: KeyArn | None) -> Iterator[RoleHolder]:
    for part in context.service.functions:
        if part.role_arn or not context.holds(part):
            continue
        policy = make_policy(context, part, key=key)
        role_name = context.names.function_role(part.name)
        yield RoleHolder(value=values.role_arn(part), role_name=role_name, service="lambda", policy=policy)


def _kinds(context: Context) -> Iterator[RoleHolder]:
    """The roles that other kinds than functions have."""
    for kind in list_kinds():
        module = kind.load("principals")
        if module is not None:
            yield from module.list_principals(context)


def _hooks(context: Context, key: KeyArn | None) -> Iterator[RoleHolder]:
    names, settings = context.names, context.environment.functions[HOOKS]
    for hook in hooks_of_block(context.block):
        if hook in names.hooks:
            policy = roles.hook_policy(hook, names, tracing=settings.tracing, key=key)
            yield RoleHolder(
                value=wiring.hook_role_arn(hook), role_name=names.hook_role(hook), service="lambda", policy=policy
            )


def _code_deploy(context: Context) -> RoleHolder:
    return RoleHolder(
        value=wiring.CODE_DEPLOY_ROLE_ARN,
        role_name=context.names.function_role("codedeploy"),
        service="codedeploy",
        policy=roles.code_deploy_policy(context.names),
    )


def _taken_key(stack: Stack, context: Context) -> KeyArn | None:
    """The key of the first block; a stack without functions takes none."""
    if not any(context.holds(part) for part in context.service.functions):
        return None
    return stack.take(wiring.KEY_ARN).to_dict() if context.environment.customer_managed else None


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


def _add_role(stack: Stack, context: Context, principal: RoleHolder) -> None:
    """A role with one inline policy, and managed ones for what is too long for it; ``ApiRoleArn`` → ``ApiRole``."""
    value = principal.value
    policies = fit_role(principal.role_name, principal.policy.properties["Statement"])
    resource = stack.add(
        Role(
            value.name.removesuffix("Arn"),
            RoleName=principal.role_name,
            Description=f"{value.description} of {context.names.deployment}",
            AssumeRolePolicyDocument=roles.trust(f"{principal.service}.amazonaws.com"),
            Policies=[Policy(PolicyName="operations", PolicyDocument=policies.inline)],
            Tags=Tags(**context.environment.cost_tags),
            **identities.bound(context.environment),
        )
    )
    for number, document in enumerate(policies.managed, start=1):
        stack.add(
            ManagedPolicy(
                f"{resource.title}Policy{number}",
                ManagedPolicyName=context.names.role_policy(principal.role_name, number),
                Description=f"{value.description} of {context.names.deployment}, part {number}",
                PolicyDocument=document,
                Roles=[principal.role_name],
                DependsOn=[resource.title],
                **identities.place(context.environment),
            )
        )
    stack.give(value, GetAtt(resource, "Arn"))
