"""Templates by stack, and the resources in them by path. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.model import Rendered

Template = Mapping[str, Any]
Resource = Mapping[str, Any]
Stacks = Mapping[str, Template]
"""``root``, and each nested stack by its logical id → its template."""

ROOT = "root"
NESTED_STACK = "AWS::CloudFormation::Stack"


def stacks_of(rendered: Rendered) -> dict[str, Template]:
    """The templates of a rendered release; a nested one is found by the key that its TemplateURL ends in."""
    root = json.loads(rendered.root.body)
    found: dict[str, Template] = {ROOT: root}
    for name, resource in root["Resources"].items():
        if resource["Type"] == NESTED_STACK:
            url = json.dumps(resource["Properties"]["TemplateURL"])
            body = next((template.body for template in rendered.templates if template.key in url), None)
            if body is not None:
                found[name] = json.loads(body)
    return found


def path_of(stack: str, logical_id: str) -> str:
    """``Data.Table``; a resource of the root by its logical id alone."""
    return logical_id if stack == ROOT else f"{stack}.{logical_id}"


def resources_of(stacks: Stacks, *types: str) -> Iterator[tuple[str, Resource]]:
    """(path, resource) of these types, of all types when none is given."""
    for stack, template in stacks.items():
        for name, resource in template.get("Resources", {}).items():
            if not types or resource["Type"] in types:
                yield path_of(stack, name), resource


def look_up(resource: Resource, path: str) -> Any:
    """A property by its path, ``PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled``; None without it."""
    value: Any = resource.get("Properties", {})
    for key in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def is_true(value: Any) -> bool:
    """Whether a property is on: CloudFormation takes ``true`` and ``"true"``."""
    return str(value).lower() == "true"


def show(value: Any) -> str:
    """A property's value in a sentence."""
    if value is None:
        return "not set"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
