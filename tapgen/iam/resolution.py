"""What the values of templates come to: a parameter is what the parent passes, an output what it names. Pure.

Names of parameters and outputs are a release's own affair. Two statements say the same when both come to the same
attribute of the same resource, and different things when they do not, however alike they read. Only whoever compares
needs this; nothing here is rendered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Stacks = Mapping[str, Mapping[str, Any]]
"""``root``, and each nested stack by its logical id or by the name in its template's key → its template."""

_ROOT, _NESTED_STACK = "root", "AWS::CloudFormation::Stack"
_PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")
_OUTPUT = "Outputs."


class Resolution:
    """Follows references through the templates of one release.

    A reference comes to ``{"Fn::Sub": "${Data.Table.StreamArn}"}``, the path of its resource and the attribute, whether
    it was written as Ref, Fn::GetAtt, Fn::Sub or Fn::Join; what a deployed stack alone knows stays as it is written.
    """

    def __init__(self, stacks: Stacks) -> None:
        self._templates = dict(stacks)
        self._labels = {stack: stack for stack in stacks}
        for logical_id, resource in stacks.get(_ROOT, {}).get("Resources", {}).items():
            if resource["Type"] == _NESTED_STACK and logical_id not in stacks:
                stack = _stack_name(resource)
                if stack in stacks:
                    self._labels[stack] = logical_id
                    self._templates[logical_id] = self._templates.pop(stack)
        # References that are being followed: CloudFormation refuses a circle, and this must end before it is asked.
        self._trail: list[tuple[str, str, str]] = []
        self._functions: dict[str, Callable[[str, Any], Any]] = {
            "Ref": lambda stack, name: self._follow(stack, name, ""),
            "Fn::GetAtt": self._attribute,
            "Fn::Sub": lambda stack, argument: _simple(self._substituted(stack, argument)),
            "Fn::Join": self._joined,
        }

    def resources(self, *types: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """(path, type, properties with every reference followed) of these types, of all types when none is given."""
        for stack, template in self._templates.items():
            for name, resource in template.get("Resources", {}).items():
                if not types or resource["Type"] in types:
                    properties = {
                        key: self._resolve(stack, value) for key, value in resource.get("Properties", {}).items()
                    }
                    yield _path(stack, name), resource["Type"], properties

    def paths(self) -> Iterator[str]:
        """The path of every resource, ``Data.Table``; one of the root by its logical id alone."""
        for stack, template in self._templates.items():
            yield from (_path(stack, name) for name in template.get("Resources", {}))

    def _resolve(self, stack: str, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [self._resolve(stack, item) for item in value]
        if not isinstance(value, Mapping):
            return value
        function = next(iter(value)) if len(value) == 1 else ""
        if function in self._functions:
            return self._functions[function](stack, value[function])
        return {key: self._resolve(stack, item) for key, item in value.items()}

    def _attribute(self, stack: str, argument: Any) -> Any:
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        if isinstance(attribute, str):
            return self._follow(stack, name, attribute)
        return {"Fn::GetAtt": [name, self._resolve(stack, attribute)]}

    def _follow(self, stack: str, name: str, attribute: str) -> Any:
        """What a reference comes to, over as many stacks as it takes."""
        step = (stack, name, attribute)
        origin = self._origin(*step) if step not in self._trail else None
        if origin is None:
            # AWS::Region and its like are the same in every stack.
            path = name if "::" in name else _path(stack, name)
            return {"Fn::Sub": f"${{{path}.{attribute}}}" if attribute else f"${{{path}}}"}
        self._trail.append(step)
        try:
            return self._resolve(*origin)
        finally:
            self._trail.pop()

    def _origin(self, stack: str, name: str, attribute: str) -> tuple[str, Any] | None:
        """(stack, value) that a parameter or an output stands for; None for what stands for itself."""
        template = self._templates[stack]
        if name in template.get("Resources", {}):
            output = attribute.removeprefix(_OUTPUT) if stack == _ROOT and attribute.startswith(_OUTPUT) else ""
            outputs = self._templates.get(name, {}).get("Outputs", {})
            return (name, outputs[output]["Value"]) if output in outputs else None
        if stack == _ROOT or name not in template.get("Parameters", {}):
            return None
        holder = self._templates.get(_ROOT, {}).get("Resources", {}).get(stack, {})
        given = holder.get("Properties", {}).get("Parameters", {})
        if name in given:
            return _ROOT, given[name]
        default = template["Parameters"][name].get("Default")
        return None if default is None else (stack, default)

    def _substituted(self, stack: str, argument: Any) -> str:
        text, variables = (argument, {}) if isinstance(argument, str) else argument

        def replace(found: re.Match[str]) -> str:
            name, _, attribute = found[1].partition(".")
            if found[1] in variables:
                return _part(self._resolve(stack, variables[found[1]]))
            return _part(self._follow(stack, name, attribute))

        return _PLACEHOLDER.sub(replace, text)

    def _joined(self, stack: str, argument: Any) -> Any:
        delimiter, items = argument
        resolved = self._resolve(stack, items)
        if not isinstance(resolved, list):
            return {"Fn::Join": [delimiter, resolved]}
        return _simple(_part(delimiter).join(_part(item) for item in resolved))


def _stack_name(resource: Mapping[str, Any]) -> str:
    """``data``, from the key of the template, ``…/templates/data/<digest>.json``."""
    url = resource.get("Properties", {}).get("TemplateURL", "")
    parts = str(url["Fn::Sub"] if isinstance(url, Mapping) and "Fn::Sub" in url else url).split("/")
    return parts[-2] if len(parts) > 1 else ""


def _path(stack: str, name: str) -> str:
    return name if stack == _ROOT else f"{stack}.{name}"


def _part(value: Any) -> str:
    """A value as a part of the text of Fn::Sub."""
    if isinstance(value, str):
        return value.replace("${", "${!")
    if isinstance(value, dict) and set(value) == {"Fn::Sub"}:
        return str(value["Fn::Sub"])
    return f"${{{json.dumps(value, sort_keys=True)}}}"


def _simple(text: str) -> Any:
    """A text without placeholders is a literal."""
    return {"Fn::Sub": text} if "${" in text else text
