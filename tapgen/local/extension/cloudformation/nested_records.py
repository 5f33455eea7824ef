"""The record of a nested stack: what its parent wants of it, and what MiniStack is told about it."""

from __future__ import annotations

import secrets
import string
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.seams import original

if TYPE_CHECKING:
    from collections.abc import Collection

SEAMS = (
    cfn.STACKS,
    cfn.STACK_EVENTS,
    cfn.TAG_MAP,
    cfn.REQUIRED_CAPABILITIES,
    cfn.MISSING_CAPABILITIES,
    cfn.RESOLVE_TEMPLATE,
    cfn.PARSE_TEMPLATE,
    cfn.RESOLVE_PARAMETERS,
    cfn.EVALUATE_CONDITIONS,
)

KEPT = (
    "_resources",
    "_template",
    "_template_body",
    "_resolved_params",
    "_conditions",
    "Parameters",
    "Tags",
    "Outputs",
)
"""What a rollback brings back."""

_NAME_LIMIT = 128
_SUFFIX_ALPHABET = string.ascii_uppercase + string.digits


@dataclass(frozen=True, kw_only=True)
class Desired:
    """What a parent's template wants of a child: its template as text and parsed, parameter values and tags."""

    body: str
    template: dict[str, Any]
    parameters: dict[str, Any]
    tags: list[dict[str, str]]


def desired(props: dict[str, Any], *, parent: cfn.Stack, unconstrained: Collection[str] = ()) -> Desired:
    """Read what the resolved properties of a nested stack ask for.

    Args:
        props: Its properties, resolved.
        parent: The stack that it is nested in.
        unconstrained: Parameters whose value is not known yet and is not held against their constraints.

    Raises:
        ValueError: The template cannot be read, needs capabilities that the parent was not given, or refuses a value.
    """
    url = props.get("TemplateURL")
    if not url:
        raise ValueError("Property TemplateURL cannot be empty.")
    body, fault = original(cfn.RESOLVE_TEMPLATE)({"TemplateURL": [url]})
    if fault is not None or not body:
        raise ValueError(f"S3 error: the template {url} cannot be read")
    template = original(cfn.PARSE_TEMPLATE)(body)
    _check_capabilities(template, set(parent.get("Capabilities", [])))
    given = props.get("Parameters") or {}
    if any(isinstance(value, list) for value in given.values()):
        raise ValueError("Value of property Parameters must be an object with String (or simple type) properties")
    parameters = [{"Key": key, "Value": "" if value is None else str(value)} for key, value in given.items()]
    tags = original(cfn.TAG_MAP)(props.get("Tags"))
    return Desired(
        body=body,
        template=template,
        parameters=original(cfn.RESOLVE_PARAMETERS)(_relaxed(template, unconstrained), parameters),
        tags=[{"Key": key, "Value": value} for key, value in tags.items() if not key.startswith("aws:")],
    )


def _check_capabilities(template: dict[str, Any], given: set[str]) -> None:
    """A child's template may hold only what its parent was acknowledged for ("Working with nested stacks")."""
    missing = original(cfn.MISSING_CAPABILITIES)(given, original(cfn.REQUIRED_CAPABILITIES)(template))
    if missing:
        raise ValueError(f"Requires capabilities : [{', '.join(missing)}]")


def _relaxed(template: dict[str, Any], unconstrained: Collection[str]) -> dict[str, Any]:
    if not unconstrained:
        return template
    free = {name: {"Type": "String"} for name in template.get("Parameters", {}) if name in unconstrained}
    return {**template, "Parameters": {**template.get("Parameters", {}), **free}}


def new_record(parent: cfn.Stack, logical_id: str) -> cfn.Stack:
    """A child without content, in the state that a change set leaves it in."""
    from ministack.core.responses import get_account_id, get_region, now_iso

    suffix = "".join(secrets.choice(_SUFFIX_ALPHABET) for _ in range(12))
    name = f"{parent['StackName']}-{logical_id}"[: _NAME_LIMIT - 13] + f"-{suffix}"
    child: cfn.Stack = {
        "StackName": name,
        "StackId": f"arn:aws:cloudformation:{get_region()}:{get_account_id()}:stack/{name}/{uuid.uuid4()}",
        "StackStatus": "REVIEW_IN_PROGRESS",
        "StackStatusReason": "",
        "CreationTime": now_iso(),
        "LastUpdatedTime": now_iso(),
        "Description": "",
        "Capabilities": list(parent.get("Capabilities", [])),
        "DisableRollback": bool(parent.get("DisableRollback")),
        "RootId": cfn.root(parent)["StackId"],
        "ParentId": parent["StackId"],
        "_parent_stack_name": parent["StackName"],
        "_tapgen_logical_id": logical_id,
        "_region": get_region(),
        **{key: [] if key[0].isupper() else {} for key in KEPT},
    }
    cfn.stacks()[name] = child
    cfn.events(child["StackId"])
    return child


def reviewed(parent: cfn.Stack, logical_id: str) -> cfn.Stack | None:
    """The child that a change set has announced, and that no operation has created yet."""
    for child in cfn.stacks().values():
        if (
            child["StackStatus"] == "REVIEW_IN_PROGRESS"
            and child.get("_parent_stack_name") == parent["StackName"]
            and child.get("_tapgen_logical_id") == logical_id
        ):
            return child
    return None


def attributes(child: cfn.Stack) -> dict[str, str]:
    """What ``Fn::GetAtt`` finds on the nested stack."""
    return {f"Outputs.{output['OutputKey']}": output["OutputValue"] for output in child.get("Outputs", [])}


def apply(child: cfn.Stack, wanted: Desired) -> None:
    """Write what is wanted into the child's record, as MiniStack's request handlers do for a root."""
    from ministack.core.responses import now_iso

    child["LastUpdatedTime"] = now_iso()
    child["Description"] = wanted.template.get("Description", "")
    child["Tags"] = wanted.tags
    child["Parameters"] = [
        {"ParameterKey": key, "ParameterValue": value["Value"], "NoEcho": value["NoEcho"]}
        for key, value in wanted.parameters.items()
    ]
    child["_template_body"] = wanted.body
    child["_template"] = wanted.template
    child["_resolved_params"] = wanted.parameters
    child["_conditions"] = original(cfn.EVALUATE_CONDITIONS)(wanted.template, wanted.parameters)


def differs(child: cfn.Stack, wanted: Desired) -> bool:
    """Whether an update of the child would have anything to do."""
    return bool(
        child["_template_body"] != wanted.body
        or child["_resolved_params"] != wanted.parameters
        or original(cfn.TAG_MAP)(child.get("Tags")) != original(cfn.TAG_MAP)(wanted.tags)
    )
