"""A function runs the code that the service names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.artifacts import is_artifact
from tapgen.elements.rule import Found, Rule, differences, listed
from tapgen.parts.function.model import Function
from tapgen.parts.made import made

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates


def _find(templates: Templates) -> Found:
    bucket = templates.names.artifact_bucket
    for part, function in made(templates, Function, "AWS::Lambda::Function", name_property="FunctionName"):
        entry = part.entry_point if part.build else f"handlers.{part.folder}.{part.entry_point}"
        image = part.image or None
        yield from differences(
            function,
            {
                "Runtime": None if image else part.runtime,
                "Handler": None if image else entry,
                "PackageType": "Image" if image else None,
                "Code.ImageUri": image,
                "Code.S3Bucket": None if image else bucket,
            },
        )
        if not image and not is_artifact(function.get("Code.S3Key"), part.name):
            yield function, f"runs {function.get('Code.S3Key')}, which is no zip of {part.label}"
        yield from _judge_layers(templates, function, part)


def _judge_layers(templates: Templates, function: Resource, part: Function) -> Found:
    found = [] if part.image else listed(function.get("Layers"))
    missing = [layer for layer in part.layers if layer not in found and not part.image]
    if missing:
        yield function, f"lacks the layers {', '.join(missing)}"
    traced = [templates.trace(function.stack, layer) for layer in found]
    has_layer = any(target and target.resource.type == "AWS::Lambda::LayerVersion" for target in traced)
    if has_layer != (part.uses_layer and any(templates.of_type("AWS::Lambda::LayerVersion"))):
        yield function, "has the dependency layer" if has_layer else "lacks the dependency layer"


RULE = Rule(
    id="function-code",
    holds="A function runs the zip or image, the runtime, the entry point and the layers that the service names.",
    why="A function that starts with other code fails at every call.",
    source='Lambda developer guide, "Lambda runtimes" and "Working with layers"',
    find=_find,
)
