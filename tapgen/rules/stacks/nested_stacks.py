"""Each nested stack gets the values that it takes, of the same name from the stack that gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.policy_documents import as_text
from tapgen.elements.rule import Found, Rule, mapping, show
from tapgen.elements.templates import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.elements.templates import Resource, Templates

_NESTED = "AWS::CloudFormation::Stack"


def _find(templates: Templates) -> Found:
    if not templates.whole:
        return
    nested = {item.logical_id.lower(): item for item in templates.of_type(_NESTED) if item.stack == ROOT}
    for stack, template in templates.templates.items():
        if stack == ROOT:
            continue
        item = nested.get(stack)
        if item is None:
            yield "root.Resources", f"has no nested stack {stack}"
            continue
        yield from _judge_parameters(templates, item, template.get("Parameters", {}))
        url = as_text(item.get("TemplateURL"))
        bucket = f"https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{templates.names.artifact_bucket}/"
        if not url.startswith(bucket) or f"/{stack}/" not in url or not url.endswith(".json"):
            yield item, f"is made from {url}, which is no template of {stack} in {templates.names.artifact_bucket}"


def _judge_parameters(templates: Templates, item: Resource, taken: Mapping[str, Any]) -> Found:
    root = templates.templates[ROOT]
    given = mapping(item.get("Parameters"))
    missing = [name for name, parameter in taken.items() if name not in given and "Default" not in parameter]
    if missing:
        yield item, f"is not given {', '.join(missing)}"
    for name, value in given.items():
        output = mapping(value).get("Fn::GetAtt")
        by_output = (
            isinstance(output, list) and output[1:] == [f"Outputs.{name}"] and _gives(templates, output[0], name)
        )
        by_setting = mapping(value).get("Ref") == name and name in root.get("Parameters", {})
        if not by_output and not by_setting:
            yield item, f"gets {name} from {show(value)}; another stack's output of that name is asked for"


def _gives(templates: Templates, logical_id: Any, name: str) -> bool:
    return name in templates.templates.get(str(logical_id).lower(), {}).get("Outputs", {})


RULE = Rule(
    id="nested-stacks",
    holds="Each nested stack is made from its own template in the artifact bucket, and gets every value that it "
    "takes from the output of the same name.",
    why="A value that is crossed connects a function with another's table, and CloudFormation sees nothing wrong.",
    source='CloudFormation user guide, "Embed stacks within other stacks using nested stacks"',
    find=_find,
)
