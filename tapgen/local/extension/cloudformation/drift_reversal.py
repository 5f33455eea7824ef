"""Change sets that bring drifted resources back: ``DeploymentMode=REVERT_DRIFT``.

Such a change set compares a template with what is there instead of with the last template (user guide, "Using
drift-aware change sets"). What is compared is what drift detection compares here; a resource that is gone is made
again. A root's nested stacks are not followed: the guide says nothing of the two together, so both at once is refused.
"""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.answers import refusal
from tapgen.local.extension.cloudformation.stack_operations.operation import AS_FOUND
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.local.extension.cloudformation.answers import Answer
    from tapgen.local.extension.settings import Settings

    Parameters = dict[str, Any]
    Action = Callable[[Parameters], Answer]

_DETECT = Seam(
    module="ministack.services.cloudformation.drift",
    attribute="detect_resource_drift",
    parameters=("stack", "logical_id", "record", "timestamp"),
    gap="Used: what of a resource is not as the stack expects it.",
)
_SUPPORTS = Seam(
    module="ministack.services.cloudformation.drift",
    attribute="supports_drift",
    parameters=("resource_type",),
    gap="Used: whether a type is compared.",
)
_RECREATION = Seam(
    module="ministack.services.cloudformation.stacks",
    attribute="_property_recreation",
    parameters=(),
    gap="Used: whether a property replaces its resource.",
)
SEAMS: tuple[Seam, ...] = (cfn.ACTIONS, cfn.CHANGE_SETS, _DETECT, _SUPPORTS, _RECREATION)

_REVERTS = "_tapgen_reverts"
"""On a change set: logical id → the properties that the resource has now; None for one that is gone."""
_ID = re.compile("<Id>([^<]*)</Id>")


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Wrap the actions."""
    actions = original(cfn.ACTIONS)
    for name, wrap in (("CreateChangeSet", _creating), ("ExecuteChangeSet", _executing)):
        actions[name] = functools.wraps(actions[name])(wrap(actions[name]))


def _creating(create: Action) -> Action:
    def handle(params: Parameters) -> Answer:
        mode = _first(params, "DeploymentMode")
        if mode and mode != "REVERT_DRIFT":
            return refusal(f"Value '{mode}' at 'deploymentMode' failed to satisfy constraint: [REVERT_DRIFT]")
        if mode and _first(params, "IncludeNestedStacks").lower() == "true":
            return refusal("The embedded AWS does not combine DeploymentMode with IncludeNestedStacks")
        answer = create(params)
        found = _ID.search(answer[2].decode()) if mode and answer[0] == 200 else None
        if found:
            _add_reversals(original(cfn.CHANGE_SETS)[found[1]])
        return answer

    return handle


def _add_reversals(change_set: dict[str, Any]) -> None:
    """Add what has drifted to a change set that has just been made."""
    stack = cfn.stacks()[change_set["StackName"]]
    drifts = list(_drifts(stack))
    change_set[_REVERTS] = {logical_id: _actual(record, drift) for logical_id, record, drift in drifts}
    known = {change["ResourceChange"]["LogicalResourceId"] for change in change_set["Changes"]}
    change_set["Changes"] += [
        {"ResourceChange": _change(logical_id, record, drift)}
        for logical_id, record, drift in drifts
        if logical_id not in known
    ]
    if change_set["Changes"]:
        change_set.update(Status="CREATE_COMPLETE", ExecutionStatus="AVAILABLE", StatusReason="")


def _drifts(stack: cfn.Stack) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for logical_id, record in stack.get("_resources", {}).items():
        if original(_SUPPORTS)(record.get("ResourceType", "")):
            drift = original(_DETECT)(stack, logical_id, record, cfn.now())
            if drift["StackResourceDriftStatus"] in {"MODIFIED", "DELETED"}:
                yield logical_id, record, drift


def _actual(record: dict[str, Any], drift: dict[str, Any]) -> dict[str, Any] | None:
    """The resource's properties with what is there in the place of what was expected."""
    if drift["StackResourceDriftStatus"] == "DELETED":
        return None
    expected, actual = json.loads(drift["ExpectedProperties"]), json.loads(drift["ActualProperties"])
    kept = {name: value for name, value in record.get("Properties", {}).items() if name not in expected}
    return {**kept, **actual}


def _change(logical_id: str, record: dict[str, Any], drift: dict[str, Any]) -> dict[str, Any]:
    change = {"LogicalResourceId": logical_id, "ResourceType": record["ResourceType"]}
    if drift["StackResourceDriftStatus"] == "DELETED":
        return {"Action": "Add", **change}
    names = dict.fromkeys(each["PropertyPath"].split("/")[1] for each in drift["PropertyDifferences"])
    needed = {name: original(_RECREATION)(record["ResourceType"], name) for name in names}
    return {
        "Action": "Modify",
        **change,
        "PhysicalResourceId": record["PhysicalResourceId"],
        "Replacement": "True" if "Always" in needed.values() else "False",
        "Scope": ["Properties"],
        "Details": [
            {
                "Target": {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation},
                "Evaluation": "Static",
                "ChangeSource": "DirectModification",
            }
            for name, recreation in needed.items()
        ],
    }


def _executing(execute: Action) -> Action:
    def handle(params: Parameters) -> Answer:
        change_set = original(cfn.CHANGE_SETS).get(_first(params, "ChangeSetName"), {})
        stack = cfn.stacks().get(change_set.get("StackName", ""), {})
        if change_set.get("ExecutionStatus") == "AVAILABLE":
            for logical_id, actual in change_set.get(_REVERTS, {}).items():
                _set_record(stack, logical_id, actual)
        return execute(params)

    return handle


def _set_record(stack: cfn.Stack, logical_id: str, actual: dict[str, Any] | None) -> None:
    """Make the stack's record of a resource what is there: the update then finds the difference."""
    resources = stack.get("_resources", {})
    if actual is None:
        resources.pop(logical_id, None)
    elif logical_id in resources:
        resources[logical_id] |= {"Properties": actual, AS_FOUND: True}


def _first(params: Parameters, name: str) -> str:
    value = params.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value or "")
