"""Writes the plain script that rendering is compared with: imports troposphere and builds the same templates.

The script is what a person would write by hand: one constructor call for each resource and property, literal values, no
functions of ours. It is made from the rendered templates, so that it always builds the same ones.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from typing import TYPE_CHECKING, Any

from troposphere import Tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_INTRINSICS = {
    "Ref": "Ref",
    "Fn::Equals": "Equals",
    "Fn::FindInMap": "FindInMap",
    "Fn::GetAtt": "GetAtt",
    "Fn::Join": "Join",
    "Fn::Sub": "Sub",
}
_ATTRIBUTES = ("DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata")


class _Writer:
    def __init__(self) -> None:
        self.modules: set[str] = set()
        self._classes = dict(_resource_classes())

    def write_template(self, stack: str, template: Mapping[str, Any]) -> Iterator[str]:
        yield "t = Template()"
        yield f"t.set_description({template['Description']!r})"
        yield "t.set_version('2010-09-09')"
        for name, content in template.get("Mappings", {}).items():
            yield f"t.add_mapping({name!r}, {content!r})"
        for name, content in template.get("Parameters", {}).items():
            yield f"t.add_parameter(Parameter({name!r}, **{content!r}))"
        for name, content in template.get("Conditions", {}).items():
            yield f"t.add_condition({name!r}, {self._value(content, None)})"
        for name, content in template["Resources"].items():
            yield f"t.add_resource({self._resource(name, content)})"
        for name, content in template.get("Outputs", {}).items():
            value = self._value(content["Value"], None)
            yield f"t.add_output(Output({name!r}, Description={content['Description']!r}, Value={value}))"
        yield f"open(sys.argv[1] + '/{stack}.json', 'w').write(t.to_json(indent=None))"

    def _resource(self, name: str, content: Mapping[str, Any]) -> str:
        cls = self._classes[content["Type"]]
        parts = [
            f"{key}={self._value(value, cls.props.get(key))}" for key, value in content.get("Properties", {}).items()
        ]
        parts += [f"{key}={content[key]!r}" for key in _ATTRIBUTES if key in content]
        if "UpdatePolicy" in content:
            parts.append(f"UpdatePolicy={self._update_policy(content['UpdatePolicy'])}")
        return f"{self._name(cls)}({name!r}, {', '.join(parts)})"

    def _update_policy(self, policy: Mapping[str, Any]) -> str:
        self.modules.add("troposphere.policies")
        update = policy["CodeDeployLambdaAliasUpdate"]
        parts = ", ".join(f"{key}={self._value(value, None)}" for key, value in update.items())
        inner = f"troposphere.policies.CodeDeployLambdaAliasUpdate({parts})"
        return f"troposphere.policies.UpdatePolicy(CodeDeployLambdaAliasUpdate={inner})"

    def _value(self, value: Any, spec: Any) -> str:
        kind = spec[0] if isinstance(spec, tuple) else None
        if isinstance(value, dict):
            return self._mapping(value, kind)
        if isinstance(value, list):
            if any(item is Tags for item in _alternatives(kind)):
                return f"Tags(**{ {tag['Key']: tag['Value'] for tag in value}!r})"
            inner = kind[0] if isinstance(kind, list) else None
            return "[" + ", ".join(self._value(item, (inner, False)) for item in value) + "]"
        return repr(value)

    def _mapping(self, value: dict[str, Any], kind: Any) -> str:
        if len(value) == 1 and (name := next(iter(value))) in _INTRINSICS:
            content = value[name]
            arguments = content if isinstance(content, list) else [content]
            return f"{_INTRINSICS[name]}({', '.join(self._value(item, None) for item in arguments)})"
        if list(value) == ["Fn::If"]:
            condition, *choices = value["Fn::If"]
            return f"If({condition!r}, {', '.join(self._value(choice, (kind, False)) for choice in choices)})"
        cls = next((item for item in _alternatives(kind) if hasattr(item, "props")), None)
        if cls is None:
            return "{" + ", ".join(f"{key!r}: {self._value(item, None)}" for key, item in value.items()) + "}"
        # troposphere lacks a property or two that CloudFormation has; a plain script would go without.
        parts = ", ".join(
            f"{key}={self._value(item, cls.props[key])}" for key, item in value.items() if key in cls.props
        )
        return f"{self._name(cls)}({parts})"

    def _name(self, cls: type) -> str:
        self.modules.add(cls.__module__)
        return f"{cls.__module__}.{cls.__name__}"


def write_script(templates: Mapping[str, Mapping[str, Any]]) -> str:
    """The script's source; it takes the folder to write to as its argument."""
    writer = _Writer()
    body = [line for stack, template in templates.items() for line in writer.write_template(stack, template)]
    imports = [f"import {module}" for module in sorted(writer.modules | {"sys"})]
    names = "Equals, FindInMap, GetAtt, If, Join, Output, Parameter, Ref, Sub, Tags, Template"
    return "\n".join([*imports, f"from troposphere import {names}", *body, ""])


def load_templates(folder: Any) -> dict[str, Any]:
    """Rendered templates by stack."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def _alternatives(kind: Any) -> tuple[Any, ...]:
    if isinstance(kind, tuple):
        return kind
    return tuple(kind) if isinstance(kind, list) else (kind,)


def _resource_classes() -> Iterator[tuple[str, Any]]:
    import troposphere

    for module in pkgutil.iter_modules(troposphere.__path__, "troposphere."):
        if module.ispkg:
            continue
        for _, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            resource_type = getattr(cls, "resource_type", None)
            if resource_type and cls.__module__ == module.name:
                yield resource_type, cls
