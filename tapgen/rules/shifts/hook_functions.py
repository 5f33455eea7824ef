"""The hooks run the code that judges versions, and live no longer than a shift waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.artifacts import is_artifact
from tapgen.elements.rule import Found, Rule, differences, show

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    made = {item.get("FunctionName"): item for item in templates.of_type("AWS::Lambda::Function")}
    for name in templates.names.hooks:
        event = name.partition("-")[0]
        hook = made.get(templates.names.hook(name))
        if hook is None:
            if templates.whole and templates.environment.service.functions:
                yield "compute.Resources", f"has no function {templates.names.hook(name)}"
            continue
        wanted = {
            "Handler": f"tapgen.hook_runtime.app.{event}_traffic",
            "Code.S3Bucket": templates.names.artifact_bucket,
            "Layers": None,
            "VpcConfig": None,
        }
        yield from differences(hook, wanted)
        if not str(hook.get("Runtime")).startswith("python3."):
            yield hook, f"Runtime is {show(hook.get('Runtime'))}; the hooks are written in Python"
        if not is_artifact(hook.get("Code.S3Key"), "hooks"):
            yield hook, f"runs {hook.get('Code.S3Key')}, which is not the hooks' zip"


RULE = Rule(
    id="hook-functions",
    holds="Both hooks are there, and each runs its own entry point of tapgen's code, without layer and network.",
    why="A hook that cannot start fails every shift; one that runs other code judges nothing.",
    source="CodeDeploy user guide, \"AppSpec 'hooks' section for an AWS Lambda deployment\"",
    find=_find,
)
