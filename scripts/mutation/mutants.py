"""Every mutant of a deployment's templates: one property of one resource removed, emptied or changed.

What is changed has the form of what was there: another value of the same enumeration, the opposite of a boolean, the
next number, a reference to something else of the same type.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tapgen.naming import OWN_METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Change = Literal["remove", "empty", "flip", "change", "drop"]
Path = tuple[str | int, ...]

# Metadata is for people and tools; the type makes another resource.
_LEFT_OUT = {"Type", "Metadata"}
# Values of enumerations → another one of the same; what is not here gets a letter more.
_OTHER_VALUES = {
    "Enabled": "Disabled",
    "ENABLED": "DISABLED",
    "TRIM_HORIZON": "LATEST",
    "PAY_PER_REQUEST": "PROVISIONED",
    "Retain": "Delete",
    "RetainExceptOnCreate": "Delete",
    "Delete": "Retain",
    "Active": "PassThrough",
    "PassThrough": "Active",
    "Allow": "Deny",
    "Deny": "Allow",
    "notBreaching": "breaching",
    "Sum": "Average",
    "Maximum": "Minimum",
    "p90": "p50",
    "GreaterThanOrEqualToThreshold": "LessThanThreshold",
    "NEW_AND_OLD_IMAGES": "KEYS_ONLY",
    "arm64": "x86_64",
    "JSON": "Text",
    "INFO": "ERROR",
    "JWT": "NONE",
    "AWS_IAM": "NONE",
    "NONE": "AWS_IAM",
    "BucketOwnerEnforced": "ObjectWriter",
    "aws:kms": "AES256",
    "AES256": "aws:kms",
    "HASH": "RANGE",
    "RANGE": "HASH",
    "ALL": "KEYS_ONLY",
    "S": "N",
    "N": "S",
    "GLACIER": "DEEP_ARCHIVE",
    "2.0": "1.0",
    "HTTP": "WEBSOCKET",
    "OFF": "FLEXIBLE",
    "Lambda": "Server",
    "BLUE_GREEN": "IN_PLACE",
    "WITH_TRAFFIC_CONTROL": "WITHOUT_TRAFFIC_CONTROL",
    "DEPLOYMENT_STOP_ON_REQUEST": "DEPLOYMENT_STOP_ON_INSTANCE_FAILURE",
    "true": "false",
    "false": "true",
    "python3.13": "python3.12",
}


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change of one resource."""

    stack: str
    logical_id: str
    type: str
    path: Path
    """``("Properties", "Policies", 0, "PolicyName")``."""
    change: Change
    definition: Mapping[str, Any]
    """The resource as it is changed."""

    @property
    def where(self) -> str:
        """The path as text, places in lists as ``*``: what reasons speak of."""
        return ".".join("*" if isinstance(part, int) else part for part in self.path)

    def __str__(self) -> str:
        path = ".".join(map(str, self.path))
        return f"{self.stack}.{self.logical_id} ({self.type}) {path}: {self.change}"

    def apply(self, templates: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
        """The templates with this change; everything else is shared with them."""
        template = templates[self.stack]
        resources = {**template["Resources"], self.logical_id: self.definition}
        return {**templates, self.stack: {**template, "Resources": resources}}


def list_mutants(templates: Mapping[str, Mapping[str, Any]]) -> Iterator[Mutant]:
    """Every mutant, in the order of the templates."""
    for stack, template in templates.items():
        for logical_id, definition in template["Resources"].items():
            if OWN_METADATA in definition.get("Metadata", {}):
                # The service adds it by itself, and answers for it.
                continue
            for path, change, changed in _of_resource(template, logical_id, definition):
                yield Mutant(
                    stack=stack,
                    logical_id=logical_id,
                    type=definition["Type"],
                    path=path,
                    change=change,
                    definition=changed,
                )


def _of_resource(
    template: Mapping[str, Any], logical_id: str, definition: Mapping[str, Any]
) -> Iterator[tuple[Path, Change, Mapping[str, Any]]]:
    for key, value in definition.items():
        if key in _LEFT_OUT:
            continue
        if key != "Properties":
            yield (key,), "remove", {name: item for name, item in definition.items() if name != key}
        for path, change, changed in _of_value(template, logical_id, value):
            yield (key, *path), change, {**definition, key: changed}


def _of_value(template: Mapping[str, Any], logical_id: str, value: Any) -> Iterator[tuple[Path, Change, Any]]:
    """Each change within a value, with the whole value after it."""
    if isinstance(value, dict):
        yield from _of_mapping(template, logical_id, value)
    elif isinstance(value, list):
        yield from _of_list(template, logical_id, value)
    elif isinstance(value, bool) or value in ("true", "false"):
        yield (), "flip", (not value) if isinstance(value, bool) else _OTHER_VALUES[value]
    elif isinstance(value, int | float):
        yield (), "change", value + 1
    elif isinstance(value, str):
        yield (), "change", _OTHER_VALUES.get(value, f"{value}x")


def _of_mapping(
    template: Mapping[str, Any], logical_id: str, value: dict[str, Any]
) -> Iterator[tuple[Path, Change, Any]]:
    name, argument = next(iter(value.items()), ("", None))
    single = len(value) == 1
    if single and name in ("Ref", "Fn::GetAtt", "Fn::FindInMap"):
        yield (), "change", _refer_elsewhere(template, logical_id, name, argument)
        return
    if single and name == "Fn::If" and isinstance(argument, list):
        for place in (1, 2):
            for path, change, changed in _of_value(template, logical_id, argument[place]):
                yield (name, place, *path), change, {name: [*argument[:place], changed, *argument[place + 1 :]]}
        return
    for key, item in value.items():
        if not (single and name.startswith("Fn::")):
            yield (key,), "remove", {other: held for other, held in value.items() if other != key}
        for path, change, changed in _of_value(template, logical_id, item):
            yield (key, *path), change, {**value, key: changed}


def _of_list(template: Mapping[str, Any], logical_id: str, value: list[Any]) -> Iterator[tuple[Path, Change, Any]]:
    if value:
        yield (), "empty", []
    for place, item in enumerate(value):
        if len(value) > 1:
            yield (place,), "drop", [*value[:place], *value[place + 1 :]]
        for path, change, changed in _of_value(template, logical_id, item):
            yield (place, *path), change, [*value[:place], changed, *value[place + 1 :]]


def _refer_elsewhere(template: Mapping[str, Any], logical_id: str, function: str, argument: Any) -> dict[str, Any]:
    """A reference to something else of the same type; to nothing where there is nothing else."""
    name = argument if function == "Ref" else argument[0]
    resources, parameters = template["Resources"], template.get("Parameters", {})
    if name in resources:
        others = [key for key, item in resources.items() if item["Type"] == resources[name]["Type"]]
    else:
        pattern = parameters.get(name, {}).get("AllowedPattern")
        others = [key for key, item in parameters.items() if item.get("AllowedPattern") == pattern]
    other = next((key for key in others if key not in (name, logical_id)), f"{name}x")
    changed = copy.copy(argument)
    if function == "Ref":
        return {function: other}
    changed[0] = other
    return {function: changed}
