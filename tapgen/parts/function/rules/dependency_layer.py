"""The dependency layer fits the functions that use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.artifacts import is_artifact
from tapgen.elements.rule import Found, Rule, differences

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    users = [part for part in templates.environment.service.functions if part.uses_layer]
    for layer in templates.generated("AWS::Lambda::LayerVersion"):
        architectures = sorted({templates.environment.functions[part.name].architecture for part in users})
        yield from differences(
            layer,
            {
                "CompatibleRuntimes": sorted({part.runtime for part in users}),
                "CompatibleArchitectures": architectures,
                "Content.S3Bucket": templates.names.artifact_bucket,
                "LayerName": templates.names.name("layer", "dependencies"),
            },
        )
        if not is_artifact(layer.get("Content.S3Key"), "layer"):
            yield layer, f"holds {layer.get('Content.S3Key')}, which is no layer"


RULE = Rule(
    id="dependency-layer",
    holds="The dependency layer is one for every runtime and architecture of the functions that use it.",
    why="Lambda refuses a function whose runtime its layer does not name.",
    source="Lambda API reference, PublishLayerVersion",
    find=_find,
)
