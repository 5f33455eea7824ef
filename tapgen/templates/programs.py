"""A Lambda function with its log group: what versions, aliases and hooks have in common.

Settings arrive here; what a function is for, and who calls it, does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from troposphere import Ref, Tags
from troposphere.awslambda import Code, Environment, Function, LoggingConfig, SnapStart, TracingConfig
from troposphere.logs import LogGroup

from tapgen.templates import wiring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.config.environment import Function as FunctionSettings
    from tapgen.templates.wiring import Context, Stack, Value

RUNTIME = "python3.13"


class FunctionLogging(LoggingConfig):  # type: ignore[misc]  # troposphere has no type information
    """``LoggingConfig`` with ``LogFormat``, which AWS::Lambda::Function has and troposphere 4.11 forgot."""

    props: ClassVar[dict[str, Any]] = {**LoggingConfig.props, "LogFormat": (str, False)}


@dataclass(frozen=True, kw_only=True)
class Program:
    """What is particular to one function."""

    prefix: str
    """First part of its logical ids."""
    folder: str
    """The name of its zip and of its settings."""
    handler: str
    """``module.function``, as Lambda imports it from the zip."""
    name: str
    description: str
    log_group: str
    role_arn: Value
    variables: Mapping[str, str]
    layer: Any = None


def add_program(stack: Stack, context: Context, program: Program) -> tuple[LogGroup, Function]:
    """Log group and function; a function that ran first would make the group itself, without retention."""
    settings = context.environment.functions.of(program.folder)
    group = stack.add(_log_group(stack, context, program, settings))
    function = stack.add(_function(stack, context, program, settings))
    function.DependsOn = group.title
    return group, function


def _log_group(stack: Stack, context: Context, program: Program, settings: FunctionSettings) -> LogGroup:
    encryption = {"KmsKeyId": stack.take(wiring.KEY_ARN)} if context.environment.customer_managed else {}
    return LogGroup(
        f"{program.prefix}LogGroup",
        LogGroupName=program.log_group,
        RetentionInDays=settings.log_retention_days,
        Tags=Tags(**context.environment.cost_tags),
        # For whoever operates the function; the record of who did what is the API's access log, which is retained.
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
        **encryption,
    )


def _function(stack: Stack, context: Context, program: Program, settings: FunctionSettings) -> Function:
    return Function(
        f"{program.prefix}Function",
        FunctionName=program.name,
        Description=program.description,
        Runtime=RUNTIME,
        Handler=program.handler,
        Code=Code(S3Bucket=context.names.artifact_bucket, S3Key=context.artifacts[program.folder].key),
        Role=stack.take(program.role_arn),
        MemorySize=settings.memory_mb,
        Timeout=settings.timeout_s,
        Architectures=[settings.architecture],
        TracingConfig=TracingConfig(Mode="Active" if settings.tracing else "PassThrough"),
        LoggingConfig=FunctionLogging(
            LogFormat="JSON",
            LogGroup=program.log_group,
            ApplicationLogLevel=settings.log_level,
            SystemLogLevel="INFO",
        ),
        Environment=Environment(Variables=dict(program.variables)),
        Tags=Tags(**context.environment.cost_tags),
        **_optional(stack, context, program, settings),
    )


def _optional(stack: Stack, context: Context, program: Program, settings: FunctionSettings) -> dict[str, Any]:
    optional: dict[str, Any] = {}
    if program.layer:
        optional["Layers"] = [Ref(program.layer)]
    if settings.reserved_concurrency:
        optional["ReservedConcurrentExecutions"] = settings.reserved_concurrency
    if settings.snap_start:
        optional["SnapStart"] = SnapStart(ApplyOn="PublishedVersions")
    if context.environment.customer_managed:
        optional["KmsKeyArn"] = stack.take(wiring.KEY_ARN)
    return optional
