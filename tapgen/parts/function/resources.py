"""A function with its log group and its published version, and the layer that functions share.

A Version's logical id carries a hash over the code and every setting that Lambda versions, with resolved values: it
changes exactly when Lambda would publish a new version, and so does the alias that points at it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from troposphere.awslambda import Content, Function, LayerVersion, Version

from tapgen.parts.function import values
from tapgen.parts.function.program import Program, add_program
from tapgen.parts.names import granted_variables, resolve
from tapgen.parts.part import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.function.model import Function as FunctionPart
    from tapgen.parts.part import Part

# Changing concurrency or tags publishes nothing: Lambda keeps them beside the versions (Lambda developer guide,
# "versions"). Code and layer count by their contents, wherever the zips lie, and the role by its name.
_UNVERSIONED = {"ReservedConcurrentExecutions", "Tags", "Code", "Layers", "Role", "FunctionName"}
_HASH_DIGITS = 12
# Attributes by which a reference tells where its part is; a setting tells nothing of that.
_IDENTITIES = ("name", "arn", "url")
# Powertools has Python's names of levels.
_PYTHON_LEVELS = {"TRACE": "DEBUG", "WARN": "WARNING", "FATAL": "CRITICAL"}


@dataclass(frozen=True, kw_only=True)
class Published:
    """A function in its template: what aliases, alarms and events refer to."""

    part: FunctionPart
    function: Function
    version: Version
    version_hash: str


def add_layer(stack: Stack, context: Context) -> LayerVersion | None:
    """The dependency layer; earlier versions stay, published functions use them.

    Every property is create-only, so the logical id changes with any of them: old and new versions live side by side.
    """
    artifact = context.artifacts.get("layer")
    if artifact is None or not _runtimes(context):
        return None
    return stack.add(
        LayerVersion(
            f"Dependencies{_layer_hash(context)}",
            LayerName=context.names.name("layer", "dependencies"),
            Description=f"Dependencies {artifact.digest}",
            Content=Content(S3Bucket=context.names.artifact_bucket, S3Key=artifact.key),
            CompatibleRuntimes=_runtimes(context),
            CompatibleArchitectures=_architectures(context),
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )


def give_layer(stack: Stack, context: Context) -> None:
    """The layer for the functions of further nested stacks, where one of them uses it."""
    if any(part.uses_layer and not context.holds(part) for part in context.service.functions):
        layer = add_layer(stack, context)
        if layer is not None:
            stack.give(values.LAYER_ARN, layer.ref())


def take_layer(stack: Stack, context: Context, functions: Sequence[FunctionPart]) -> str | None:
    """The layer that the shifts' stack makes, by the name of its parameter; None where no function here uses it."""
    if "layer" not in context.artifacts or not any(part.uses_layer for part in functions):
        return None
    stack.take(values.LAYER_ARN)
    return values.LAYER_ARN.name


def add_function(stack: Stack, context: Context, part: FunctionPart, *, layer: Any) -> Published:
    """Log group, function and published version."""
    group, function = add_program(stack, context, _program(context, part, layer if part.uses_layer else None))
    version_hash = hash_version(function, context, part)
    version = stack.add(
        Version(
            f"{part.logical_id}Version{version_hash}",
            FunctionName=function.ref(),
            Description=f"Code {_code_digest(context, part)}",
            # CodeDeploy and CloudFormation go back to it when the next one fails. One that failed itself goes with its
            # update: Lambda publishes nothing that equals the last version, so it would block the same code for ever.
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )
    stack.export(values.name(part), function.ref())
    stack.export(values.version_arn(part), version.ref())
    stack.export(values.log_group_name(part), group.ref())
    return Published(part=part, function=function, version=version, version_hash=version_hash)


def hash_version(function: Function, context: Context, part: FunctionPart) -> str:
    """The hash in a Version's logical id: code, layer and every versioned setting."""
    properties = {key: value for key, value in function.to_dict()["Properties"].items() if key not in _UNVERSIONED}
    layer = _layer_hash(context) if part.uses_layer else ""
    role_name = context.names.function_role(part.name)
    return _hash_of([_code_digest(context, part), layer, role_name, properties])


def _code_digest(context: Context, part: FunctionPart) -> str:
    """What the code is known by: an image by its URI, which must name a digest or a tag that never moves."""
    return part.image or context.artifacts[part.name].digest


def _program(context: Context, part: FunctionPart, layer: Any) -> Program:
    names = context.names
    return Program(
        part=part,
        prefix=part.logical_id,
        artifact=part.name,
        runtime=part.runtime,
        handler=part.entry_point if part.build else f"handlers.{part.folder}.{part.entry_point}",
        name=names.function(part.name),
        description=part.description or f"{part.name} of {names.deployment}",
        log_group=names.function_log_group(part.name),
        role_arn=part.role_arn or values.role_arn(part),
        variables=_variables(context, part),
        settings=context.environment.functions[part.name],
        layer=layer,
        image=part.image,
        layers=part.layers,
        vpc=part.vpc,
        suppressed=_suppressed(part),
    )


def _variables(context: Context, part: FunctionPart) -> dict[str, Any]:
    """Resolved values, so that the version's hash sees them."""
    environment, names = context.environment, context.names
    level = environment.functions[part.name].log_level
    common = {
        "ENVIRONMENT": environment.label,
        "POWERTOOLS_LOG_LEVEL": _PYTHON_LEVELS.get(level, level),
        "POWERTOOLS_METRICS_NAMESPACE": names.metric_namespace,
        "POWERTOOLS_SERVICE_NAME": f"{environment.project}-{part.name}",
    }
    granted: dict[str, Any] = {}
    for other in _granted_parts(part):
        granted |= granted_variables(names, other)
    said = {name: resolve(environment, names, variable) for name, variable in part.variables.items()}
    return common | granted | said


def _granted_parts(part: FunctionPart) -> Iterator[Part]:
    """The parts whose names come with a grant; not those that the function's own variables name."""
    references = [value for value in part.variables.values() if isinstance(value, Reference)]
    named = {id(value.part) for value in references if value.attribute in _IDENTITIES}
    seen: set[int] = set()
    for grant in part.grants:
        other = grant.verb.part
        if grant.verb.variables and id(other) not in named | seen:
            seen.add(id(other))
            yield other


def _suppressed(part: FunctionPart) -> dict[str, str]:
    """Findings of the scanner that do not apply, with the reason that a security reviewer is given."""
    if part.sources:
        return {
            "CKV_AWS_115": "the event source bounds how many invocations there are at a time",
            "CKV_AWS_116": "the event source keeps what fails, or tells its destination",
        }
    return {
        "CKV_AWS_115": "configured where the environment asks for it; elsewhere the stage's throttling bounds it",
        "CKV_AWS_116": "called synchronously: the caller gets the error, and no event is there to be kept",
    }


def _layer_hash(context: Context) -> str:
    """Changes when Lambda would make another layer version, and a function that uses it another function version."""
    artifact = context.artifacts.get("layer")
    return _hash_of([artifact.digest, _compatible(context), _architectures(context)]) if artifact else ""


def _runtimes(context: Context) -> list[str]:
    return sorted({part.runtime for part in context.service.functions if part.uses_layer})


def _compatible(context: Context) -> str | list[str]:
    runtimes = _runtimes(context)
    return runtimes[0] if len(runtimes) == 1 else runtimes


def _architectures(context: Context) -> list[str]:
    return sorted(set(context.environment.layered_architectures))


def _hash_of(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:_HASH_DIGITS]
