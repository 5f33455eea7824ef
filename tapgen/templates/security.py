"""The security stack: the KMS key when there is one, a role for each function, and CodeDeploy's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs.aws import Allow, PolicyDocument, Principal, Statement
from awacs.sts import AssumeRole
from troposphere import GetAtt, Tags
from troposphere.iam import Policy, Role
from troposphere.kms import Alias, Key

from tapgen.iam import statements
from tapgen.templates import wiring
from tapgen.templates.key_policy import build_key_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.templates.wiring import Context, Stack


def build(context: Context) -> Stack:
    """Keys and roles."""
    stack = wiring.Stack("security", "Encryption key and roles of the transactions service")
    key = _add_key(stack, context) if context.environment.customer_managed else None
    _add_api_role(stack, context, key)
    _add_archiver_role(stack, context, key)
    _add_code_deploy_role(stack, context)
    return stack


def _add_key(stack: Stack, context: Context) -> dict[str, Any]:
    key = stack.add(
        Key(
            "Key",
            Description=f"Data of {context.names.deployment}",
            EnableKeyRotation=True,
            PendingWindowInDays=30,
            KeyPolicy=build_key_policy(context.names),
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
            Tags=Tags(**context.environment.cost_tags),
        )
    )
    stack.add(Alias("KeyAlias", AliasName=f"alias/{context.names.prefix}", TargetKeyId=key.ref()))
    stack.give(wiring.KEY_ARN, GetAtt(key, "Arn"))
    return {"Fn::GetAtt": ["Key", "Arn"]}


def _add_api_role(stack: Stack, context: Context, key: dict[str, Any] | None) -> None:
    names = context.names
    granted = [
        *_common(context, "api", key),
        statements.use_transactions(names.table),
        *([statements.use_table_key(key, names.table)] if key else []),
    ]
    stack.give(wiring.API_ROLE_ARN, _add_role(stack, context, "api", granted))


def _add_archiver_role(stack: Stack, context: Context, key: dict[str, Any] | None) -> None:
    """The stream's exact ARN is known in the compute stack alone, which adds its statement there."""
    names = context.names
    granted = [
        *_common(context, "archiver", key),
        statements.archive_changes(names.archive_bucket),
        statements.send_dead_letters(names.dead_letter_queue),
    ]
    if key:
        granted += [
            statements.use_table_key(key, names.table),
            statements.encrypt_archive(key, names.archive_bucket),
            statements.encrypt_dead_letters(key),
        ]
    stack.give(wiring.ARCHIVER_ROLE_ARN, _add_role(stack, context, "archiver", granted))


def _common(context: Context, role: str, key: dict[str, Any] | None) -> list[Statement]:
    granted = [statements.write_own_logs(context.names.function_log_group(role))]
    if context.environment.functions.of(role).tracing:
        granted.append(statements.send_traces())
    if key:
        granted.append(statements.decrypt_environment(key, context.names.function(role)))
    return granted


def _add_role(stack: Stack, context: Context, role: str, granted: Sequence[Statement]) -> GetAtt:
    resource = stack.add(
        Role(
            f"{role.capitalize()}Role",
            RoleName=context.names.function_role(role),
            Description=f"Execution role of the {role} function of {context.names.deployment}",
            AssumeRolePolicyDocument=_trust("lambda.amazonaws.com"),
            Policies=[
                Policy(
                    PolicyName="operations",
                    PolicyDocument=PolicyDocument(Version="2012-10-17", Statement=list(granted)),
                )
            ],
            Tags=Tags(**context.environment.cost_tags),
        )
    )
    return GetAtt(resource, "Arn")


def _add_code_deploy_role(stack: Stack, context: Context) -> None:
    names = context.names
    functions = [names.function("api"), names.function("archiver")]
    resource = stack.add(
        Role(
            "CodeDeployRole",
            RoleName=names.function_role("codedeploy"),
            Description=f"Moves the live aliases of {names.deployment}",
            AssumeRolePolicyDocument=_trust("codedeploy.amazonaws.com"),
            Policies=[
                Policy(
                    PolicyName="shifts",
                    PolicyDocument=PolicyDocument(
                        Version="2012-10-17",
                        Statement=[statements.shift_traffic(functions), statements.watch_alarms()],
                    ),
                )
            ],
            Tags=Tags(**context.environment.cost_tags),
        )
    )
    stack.give(wiring.CODE_DEPLOY_ROLE_ARN, GetAtt(resource, "Arn"))


def _trust(service: str) -> PolicyDocument:
    """Service principals have the same name in every partition (IAM user guide, service principals)."""
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[Statement(Effect=Allow, Action=[AssumeRole], Principal=Principal("Service", service))],
    )
