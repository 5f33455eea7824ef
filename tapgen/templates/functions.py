"""The functions, their versions and live aliases, and the event source of the archiver.

A Version's logical id carries a hash over the code and every setting that Lambda versions, with resolved values: it
changes exactly when Lambda would publish a new version, and so does the alias that points at it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from troposphere import Tags
from troposphere.awslambda import (
    Content,
    DestinationConfig,
    EventSourceMapping,
    Function,
    LayerVersion,
    OnFailure,
    Version,
)
from troposphere.iam import PolicyType

from tapgen.iam import roles
from tapgen.templates import wiring
from tapgen.templates.programs import RUNTIME, Program, add_program

if TYPE_CHECKING:
    from tapgen.config.environment import Function as FunctionSettings
    from tapgen.templates.wiring import Context, Stack, Value

# Changing concurrency or tags publishes nothing: Lambda keeps them beside the versions (Lambda developer guide,
# "versions"). Code and layer count by their contents, wherever the zips lie, and the role by its name.
_UNVERSIONED = {"ReservedConcurrentExecutions", "Tags", "Code", "Layers", "Role", "FunctionName"}
_HASH_DIGITS = 12

_EXPIRY_ATTRIBUTE = "expiresAt"
_BATCH_SIZE = 100
_BATCH_WINDOW_S = 1
_RETRIES = 5


@dataclass(frozen=True, kw_only=True)
class FunctionDefinition:
    """One function of the service: what is particular to it."""

    role: str
    role_arn: Value
    function_name: Value
    alias_arn: Value
    version_arn: Value
    log_group_name: Value
    deployment_group_name: Value

    @property
    def prefix(self) -> str:
        """First part of the function's logical ids."""
        return self.role.capitalize()


API = FunctionDefinition(
    role="api",
    role_arn=wiring.API_ROLE_ARN,
    function_name=wiring.API_FUNCTION_NAME,
    alias_arn=wiring.API_ALIAS_ARN,
    version_arn=wiring.API_VERSION_ARN,
    log_group_name=wiring.API_LOG_GROUP_NAME,
    deployment_group_name=wiring.API_DEPLOYMENT_GROUP_NAME,
)
ARCHIVER = FunctionDefinition(
    role="archiver",
    role_arn=wiring.ARCHIVER_ROLE_ARN,
    function_name=wiring.ARCHIVER_FUNCTION_NAME,
    alias_arn=wiring.ARCHIVER_ALIAS_ARN,
    version_arn=wiring.ARCHIVER_VERSION_ARN,
    log_group_name=wiring.ARCHIVER_LOG_GROUP_NAME,
    deployment_group_name=wiring.ARCHIVER_DEPLOYMENT_GROUP_NAME,
)
FUNCTIONS = (API, ARCHIVER)


@dataclass(frozen=True, kw_only=True)
class Published:
    """A function in its template: what aliases, alarms and events refer to."""

    definition: FunctionDefinition
    function: Function
    version: Version
    version_hash: str


def add_layer(stack: Stack, context: Context) -> LayerVersion | None:
    """The dependency layer; earlier versions stay, published functions use them.

    Every property is create-only, so the logical id changes with any of them: old and new versions live side by side.
    """
    artifact = context.artifacts.get("layer")
    if artifact is None:
        return None
    return stack.add(
        LayerVersion(
            f"Dependencies{_layer_hash(context)}",
            LayerName=context.names.name("layer", "dependencies"),
            Description=f"Dependencies {artifact.digest}",
            Content=Content(S3Bucket=context.names.artifact_bucket, S3Key=artifact.key),
            CompatibleRuntimes=[RUNTIME],
            CompatibleArchitectures=_architectures(context),
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )


def _layer_hash(context: Context) -> str:
    """Changes when Lambda would make another layer version, and a function that uses it another function version."""
    artifact = context.artifacts.get("layer")
    return _hash_of([artifact.digest, RUNTIME, _architectures(context)]) if artifact else ""


def _architectures(context: Context) -> list[str]:
    return sorted(set(context.environment.functions.layered_architectures))


def _hash_of(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:_HASH_DIGITS]


def add_function(stack: Stack, context: Context, definition: FunctionDefinition, layer: Any) -> Published:
    """Log group, function and published version."""
    group, function = add_program(stack, context, _program(context, definition, layer))
    version_hash = hash_version(function, context, definition.role)
    version = stack.add(
        Version(
            f"{definition.prefix}Version{version_hash}",
            FunctionName=function.ref(),
            Description=f"Code {context.artifacts[definition.role].digest}",
            # CodeDeploy and CloudFormation go back to it when the next one fails. One that failed itself goes with its
            # update: Lambda publishes nothing that equals the last version, so it would block the same code for ever.
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )
    stack.give(definition.function_name, function.ref())
    stack.give(definition.version_arn, version.ref())
    stack.give(definition.log_group_name, group.ref())
    return Published(definition=definition, function=function, version=version, version_hash=version_hash)


def _program(context: Context, definition: FunctionDefinition, layer: Any) -> Program:
    names, role = context.names, definition.role
    return Program(
        prefix=definition.prefix,
        folder=role,
        handler=f"handlers.{role}.app.handler",
        name=names.function(role),
        description=f"{role} of {names.deployment}",
        log_group=names.function_log_group(role),
        role_arn=definition.role_arn,
        variables=_variables(context, role, context.environment.functions.of(role)),
        layer=layer,
    )


def hash_version(function: Function, context: Context, role: str) -> str:
    """The hash in a Version's logical id: code, layer and every versioned setting."""
    properties = {key: value for key, value in function.to_dict()["Properties"].items() if key not in _UNVERSIONED}
    role_name = context.names.function_role(role)
    return _hash_of([context.artifacts[role].digest, _layer_hash(context), role_name, properties])


def add_stream_source(stack: Stack, context: Context, alias: Any) -> None:
    """The table's stream feeds the archiver's live alias; what cannot be archived ends in the dead-letter queue."""
    stream_arn = stack.take(wiring.STREAM_ARN)
    read = stack.add(
        PolicyType(
            "ArchiverReadsStream",
            Roles=[context.names.function_role("archiver")],
            PolicyName="stream",
            PolicyDocument=roles.stream_policy(stream_arn),
        )
    )
    stack.add(
        EventSourceMapping(
            "ArchiverSource",
            # Lambda checks the role's permissions when the mapping is made.
            DependsOn=[read.title],
            EventSourceArn=stream_arn,
            FunctionName=alias.ref(),
            BatchSize=_BATCH_SIZE,
            MaximumBatchingWindowInSeconds=_BATCH_WINDOW_S,
            StartingPosition="TRIM_HORIZON",
            BisectBatchOnFunctionError=True,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            MaximumRetryAttempts=_RETRIES,
            DestinationConfig=DestinationConfig(
                OnFailure=OnFailure(Destination=stack.take(wiring.DEAD_LETTER_QUEUE_ARN))
            ),
            Tags=Tags(**context.environment.cost_tags),
        )
    )


def _variables(context: Context, role: str, settings: FunctionSettings) -> dict[str, str]:
    """Literal values, so that the version's hash sees them resolved."""
    environment, names = context.environment, context.names
    common = {
        "ENVIRONMENT": environment.label,
        "POWERTOOLS_LOG_LEVEL": {"TRACE": "DEBUG", "WARN": "WARNING", "FATAL": "CRITICAL"}.get(
            settings.log_level, settings.log_level
        ),
        "POWERTOOLS_METRICS_NAMESPACE": names.metric_namespace,
        "POWERTOOLS_SERVICE_NAME": f"{environment.project}-{role}",
    }
    if role == API.role:
        return common | {
            "AUTHORIZATION": environment.api.authorization,
            "REQUIRE_IF_MATCH": str(environment.api.require_if_match).lower(),
            "TABLE_NAME": names.table,
            # Without time to live the function alone tells what has expired.
            "TTL_ATTRIBUTE": environment.table.ttl_attribute or _EXPIRY_ATTRIBUTE,
        }
    return common | {"ARCHIVE_BUCKET": names.archive_bucket, "DEAD_LETTER_QUEUE": names.dead_letter_queue}
