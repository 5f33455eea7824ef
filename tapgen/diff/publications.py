"""Which function versions a release publishes, why, and how their traffic shifts.

A version's logical id carries a hash over the code and every setting that Lambda versions; it is new exactly when
Lambda publishes another version. What the hash leaves out publishes nothing: reserved concurrency, tags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.diff.difference import Publication
from tapgen.diff.requirements import top_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.diff.difference import ResourceDifference, StackDifference
    from tapgen.diff.side import Side, Template

_VERSION, _ALIAS, _GROUP = "AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::CodeDeploy::DeploymentGroup"
_LAYER = "AWS::Lambda::LayerVersion"
_UNVERSIONED = {"ReservedConcurrentExecutions", "Tags"}
_CODE, _LAYERS = "Code", "Layers"
NEW_FUNCTION = "new function"


def find_publications(after: Side, stacks: tuple[StackDifference, ...]) -> Iterator[Publication]:
    """Every version that comes, with what makes it a new one."""
    for stack in stacks:
        found = {resource.logical_id: resource for resource in stack.resources}
        for resource in stack.resources:
            if resource.resource_type == _VERSION and resource.action in {"add", "renew"}:
                template = after.templates[stack.stack]
                yield _publication(stack.stack, resource, template, found)


def _publication(
    stack: str, version: ResourceDifference, template: Template, found: Mapping[str, ResourceDifference]
) -> Publication:
    function = str(template["Resources"][version.logical_id]["Properties"]["FunctionName"]["Ref"])
    return Publication(
        stack=stack,
        function=function,
        reasons=tuple(dict.fromkeys(_reasons(found.get(function), found))),
        shift=_shift(template, version.logical_id),
    )


def _reasons(function: ResourceDifference | None, found: Mapping[str, ResourceDifference]) -> Iterator[str]:
    if function is None:
        return
    if function.action == "add":
        yield NEW_FUNCTION
    for each in function.properties:
        name = top_of(each.path)
        if name not in _UNVERSIONED:
            yield {_CODE: "code", _LAYERS: "layer"}.get(name, each.path)
    for dependence in function.depends_on:
        source = found.get(dependence.source.rpartition(".")[2])
        if source and source.resource_type == _LAYER:
            yield "layer"


def _shift(template: Template, version: str) -> str:
    """The deployment configuration of the alias that points at a version; empty when it is moved at once."""
    resources = template["Resources"]
    for resource in resources.values():
        policy = resource.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate")
        points_at = resource.get("Properties", {}).get("FunctionVersion", {})
        if resource["Type"] == _ALIAS and policy and points_at.get("Fn::GetAtt", [""])[0] == version:
            group = resources.get(policy["DeploymentGroupName"].get("Ref", ""), {})
            return _as_configured(group.get("Properties", {}).get("DeploymentConfigName", ""))
    return ""


def _as_configured(value: Any) -> str:
    """The configuration's own shift, where the template lets an operation choose to shift all at once."""
    while isinstance(value, dict) and "Fn::If" in value:
        value = value["Fn::If"][2]
    return str(value["Ref"]) if isinstance(value, dict) and "Ref" in value else str(value)
