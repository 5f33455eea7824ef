"""The root stack: nested stacks by content-addressed TemplateURL, wired by typed values, and what operators read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Output, Parameter, Ref, Sub, Tags, Template
from troposphere.cloudformation import Stack as NestedStack

from tapgen.elements import wiring
from tapgen.naming import Names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.config.environment import Environment

RELEASE_PARAMETER = "ReleaseId"
LEFT_OUT = "OutputsLeftOut"
"""The output that says how many others a root stack has no room for."""
MAX_OUTPUTS = 200
"""Of a template (CloudFormation user guide, "quotas")."""


def build_root(
    environment: Environment, stacks: tuple[wiring.Stack, ...], child_keys: Mapping[str, str]
) -> dict[str, Any]:
    """The root template.

    Args:
        environment: Gives names and tags.
        stacks: The nested stacks, providers first.
        child_keys: Stack name → key of its template in the artifact bucket.

    Raises:
        RenderError: The stacks do not fit together.
    """
    names = Names(environment)
    parameters = wiring.connect(stacks)
    template = Template(Description=f"{environment.service.title} {names.deployment}")
    template.set_version("2010-09-09")
    # In outputs alone: a nested stack that took it would change with every release.
    template.add_parameter(
        Parameter(
            RELEASE_PARAMETER,
            Type="String",
            Description="Digest that names the release",
            AllowedPattern="[0-9a-f]{16}",
            ConstraintDescription=f"{RELEASE_PARAMETER} is 16 hexadecimal digits",
        )
    )
    for setting in {name: setting for stack in stacks for name, setting in stack.settings.items()}.values():
        template.add_parameter(
            Parameter(
                setting.name,
                Type="String",
                Description=setting.description,
                AllowedValues=list(setting.allowed),
                Default=setting.allowed[0],
            )
        )
    providers = {name: stack.name for stack in stacks for name in stack.outputs}
    for stack in stacks:
        template.add_resource(
            NestedStack(
                wiring.logical_id(stack.name),
                TemplateURL=_template_url(names.artifact_bucket, child_keys[stack.name]),
                Tags=Tags(**environment.cost_tags),
                # What must outlive the service is retained inside, resource by resource.
                DeletionPolicy="Delete",
                UpdateReplacePolicy="Delete",
                **_dependencies(stack, providers),
                **({"Parameters": parameters[stack.name]} if parameters[stack.name] else {}),
            )
        )
    shown, left_out = _choose_outputs([value for stack in stacks for value in stack.exports])
    if left_out:
        text = f"{left_out} more are in the nested stacks; their names follow from {names.prefix} and the part's name"
        template.add_output(Output(LEFT_OUT, Description="What a root stack has no room for", Value=text))
    for value in shown:
        source = GetAtt(wiring.logical_id(providers[value.name]), f"Outputs.{value.name}")
        template.add_output(Output(value.name, Description=value.description, Value=source))
    template.add_output(Output(RELEASE_PARAMETER, Description="The live release", Value=Ref(RELEASE_PARAMETER)))
    return wiring.finish(template, "root")


def _dependencies(stack: wiring.Stack, providers: Mapping[str, str]) -> dict[str, Any]:
    """The stacks that must be there first; not those that a parameter names anyway."""
    known = {providers[name] for name in stack.inputs}
    wanted = [wiring.logical_id(name) for name in stack.after if name not in known]
    return {"DependsOn": wanted} if wanted else {}


def _choose_outputs(values: list[wiring.Value]) -> tuple[list[wiring.Value], int]:
    """What fits, and how many do not: first what nobody could derive, in the order of the stacks."""
    room = MAX_OUTPUTS - 1
    if len(values) <= room:
        return values, 0
    kept = [value for value in values if not value.derivable][: room - 1]
    return kept, len(values) - len(kept)


def _template_url(bucket: str, key: str) -> Sub:
    """Path-style, with the partition's suffix: the one form that is right in every partition."""
    return Sub(f"https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{bucket}/{key}")
