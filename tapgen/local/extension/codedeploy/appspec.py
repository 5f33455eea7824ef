"""The AppSpec file of a Lambda deployment: what shifts, and which hooks validate it.

Source: CodeDeploy User Guide, "AppSpec 'resources' section for AWS Lambda deployments" and "AppSpec 'hooks' section".
Keys are matched without regard to case, as the documentation's own samples mix them [inferred].
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import yaml

from tapgen.local.extension.codedeploy.errors import CodeDeployError

BEFORE = "BeforeAllowTraffic"
AFTER = "AfterAllowTraffic"


@dataclass(frozen=True, kw_only=True)
class Shift:
    """One alias that moves from one published version to another.

    Attributes:
        function: The function's name.
        alias: The alias that moves.
        current: The version that it points to before, as a string of digits.
        target: The version that it points to afterwards.
        before: Name or ARN of the hook before any traffic; empty for none.
        after: Name or ARN of the hook after all the traffic; empty for none.
    """

    function: str
    alias: str
    current: str
    target: str
    before: str = ""
    after: str = ""


def write(shift: Shift) -> str:
    """The AppSpec content (JSON) that CloudFormation hands to CodeDeploy for an alias update."""
    hooks = [{event: hook} for event, hook in ((BEFORE, shift.before), (AFTER, shift.after)) if hook]
    properties = {
        "Name": shift.function,
        "Alias": shift.alias,
        "CurrentVersion": shift.current,
        "TargetVersion": shift.target,
    }
    document: dict[str, Any] = {
        "version": 0.0,
        "Resources": [{shift.alias: {"Type": "AWS::Lambda::Function", "Properties": properties}}],
    }
    if hooks:
        document["Hooks"] = hooks
    return json.dumps(document)


def read(content: str) -> Shift:
    """Read an AppSpec file in YAML or JSON.

    Raises:
        CodeDeployError: ``InvalidRevisionException``, with what is wrong.
    """
    try:
        document = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise _invalid(f"it is neither YAML nor JSON: {error}") from error
    if not isinstance(document, dict):
        raise _invalid("it is not a mapping")
    properties = _properties(_lowered(document))
    hooks = _hooks(_lowered(document))
    return Shift(
        function=str(properties["name"]),
        alias=str(properties["alias"]),
        current=_version(properties, "currentversion"),
        target=_version(properties, "targetversion"),
        before=hooks.get(BEFORE.lower(), ""),
        after=hooks.get(AFTER.lower(), ""),
    )


def digest(content: str) -> str:
    """The ``sha256`` by which a revision is known."""
    return hashlib.sha256(content.encode()).hexdigest()


def _properties(document: dict[str, Any]) -> dict[str, Any]:
    resources = document.get("resources")
    if not isinstance(resources, list) or len(resources) != 1 or not isinstance(resources[0], dict):
        raise _invalid("it must name exactly one resource")
    (resource,) = map(_lowered, resources[0].values())
    if resource.get("type") != "AWS::Lambda::Function":
        raise _invalid(f"the resource type is {resource.get('type')}, not AWS::Lambda::Function")
    properties = _lowered(resource.get("properties"))
    missing = [name for name in ("name", "alias", "currentversion", "targetversion") if not properties.get(name)]
    if missing:
        raise _invalid(f"the resource lacks {', '.join(missing)}")
    return properties


def _hooks(document: dict[str, Any]) -> dict[str, str]:
    hooks: dict[str, str] = {}
    for entry in document.get("hooks") or []:
        for event, function in _lowered(entry).items():
            if event not in (BEFORE.lower(), AFTER.lower()):
                raise _invalid(f"{event} is not a lifecycle event of a Lambda deployment")
            hooks[event] = str(function)
    return hooks


def _version(properties: dict[str, Any], name: str) -> str:
    version = str(properties[name])
    if not version.isdigit() or int(version) < 1:
        raise _invalid(f"{name} is {version}, not the number of a published version")
    return version


def _lowered(mapping: Any) -> dict[str, Any]:
    if not isinstance(mapping, dict):
        return {}
    return {str(key).lower(): value for key, value in mapping.items()}


def _invalid(detail: str) -> CodeDeployError:
    return CodeDeployError("InvalidRevisionException", f"The AppSpec file is not valid: {detail}")
