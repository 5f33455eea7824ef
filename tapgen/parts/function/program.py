"""A Lambda function with its log group: what versions, aliases and hooks have in common.

Settings arrive here; what a function is for, and who calls it, does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from troposphere import Ref, Tags
from troposphere.awslambda import (
    Code,
    Environment,
    EphemeralStorage,
    Function,
    LoggingConfig,
    SnapStart,
    TracingConfig,
    VPCConfig,
)
from troposphere.logs import LogGroup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.elements.wiring import Context, Stack, Value
    from tapgen.parts.function.model import Vpc
    from tapgen.parts.function.settings import FunctionSettings
    from tapgen.parts.part import Part

# What every function has without asking (Lambda quotas).
_EPHEMERAL_STORAGE_MB = 512
# Of every function: the scanner wants a network of its own for each.
_SUPPRESSED = {
    "CKV_AWS_117": (
        "calls AWS's own APIs alone, over TLS and with a role that names every resource; a VPC would add a network to "
        "keep closed, and nothing in it to reach"
    )
}


class FunctionLogging(LoggingConfig):  # type: ignore[misc]  # troposphere has no type information
    """``LoggingConfig`` with ``LogFormat``, which AWS::Lambda::Function has and troposphere 4.11 forgot."""

    props: ClassVar[dict[str, Any]] = {**LoggingConfig.props, "LogFormat": (str, False)}


@dataclass(frozen=True, kw_only=True)
class Program:
    """What is particular to one function."""

    prefix: str
    """First part of its logical ids."""
    artifact: str
    """The name of its zip."""
    runtime: str
    handler: str
    """As Lambda calls it."""
    name: str
    description: str
    log_group: str
    role_arn: Value | str
    """Of its own role, or the ARN of a role of others."""
    variables: Mapping[str, Any]
    settings: FunctionSettings
    suppressed: Mapping[str, str]
    """Findings of the scanner that do not apply, with their reasons."""
    layer: Any = None
    image: str = ""
    """URI of a container image, instead of a zip."""
    layers: tuple[str, ...] = ()
    """ARNs of further layers."""
    vpc: Vpc | None = None
    part: Part | None = None
    """The function of the service; None for one of tapgen's own."""


def add_program(stack: Stack, context: Context, program: Program) -> tuple[LogGroup, Function]:
    """Log group and function; a function that ran first would make the group itself, without retention."""
    group = stack.add(_log_group(stack, context, program))
    function = stack.add(_function(stack, context, program))
    function.DependsOn = group.title
    return group, function


def _log_group(stack: Stack, context: Context, program: Program) -> LogGroup:
    key = stack.take_key(context, program.part)
    encryption = {"KmsKeyId": key} if key else {}
    return LogGroup(
        f"{program.prefix}LogGroup",
        LogGroupName=program.log_group,
        RetentionInDays=program.settings.log_retention_days,
        Tags=Tags(**context.environment.cost_tags),
        # For whoever operates the function; the record of who did what is the API's access log, which is retained.
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
        **encryption,
    )


def _function(stack: Stack, context: Context, program: Program) -> Function:
    settings = program.settings
    return Function(
        f"{program.prefix}Function",
        FunctionName=program.name,
        Description=program.description,
        **_code(context, program),
        Role=program.role_arn if isinstance(program.role_arn, str) else stack.take(program.role_arn),
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
        Metadata={"checkov": {"skip": list(_skipped(program))}},
        **_optional(stack, context, program),
    )


def _code(context: Context, program: Program) -> dict[str, Any]:
    """A zip with its runtime and handler, or an image that brings both."""
    if program.image:
        return {"PackageType": "Image", "Code": Code(ImageUri=program.image)}
    code = Code(S3Bucket=context.names.artifact_bucket, S3Key=context.artifacts[program.artifact].key)
    return {"Runtime": program.runtime, "Handler": program.handler, "Code": code}


def _skipped(program: Program) -> Iterator[dict[str, str]]:
    for check, reason in sorted({**program.suppressed, **({} if program.vpc else _SUPPRESSED)}.items()):
        # The finding is not raised where concurrency is reserved.
        if check != "CKV_AWS_115" or not program.settings.reserved_concurrency:
            yield {"id": check, "comment": reason}


def _optional(stack: Stack, context: Context, program: Program) -> dict[str, Any]:
    settings = program.settings
    optional: dict[str, Any] = {}
    layers = [*([Ref(program.layer)] if program.layer else ()), *program.layers]
    if layers and not program.image:
        optional["Layers"] = layers
    if settings.ephemeral_storage_mb != _EPHEMERAL_STORAGE_MB:
        optional["EphemeralStorage"] = EphemeralStorage(Size=settings.ephemeral_storage_mb)
    if program.vpc:
        optional["VpcConfig"] = VPCConfig(
            SubnetIds=list(program.vpc.subnets), SecurityGroupIds=list(program.vpc.security_groups)
        )
    if settings.reserved_concurrency:
        optional["ReservedConcurrentExecutions"] = settings.reserved_concurrency
    if settings.snap_start:
        optional["SnapStart"] = SnapStart(ApplyOn="PublishedVersions")
    key = stack.take_key(context, program.part)
    if key:
        optional["KmsKeyArn"] = key
    return optional
