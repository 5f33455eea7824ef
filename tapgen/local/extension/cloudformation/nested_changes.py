"""The change sets of nested stacks: what the root's change set would do to each child.

CloudFormation User Guide: "Change sets for nested stacks". A child's change set is named on the parent's change, cannot
be executed by itself, and is ``FAILED`` for want of changes where the child stays as it is. Unlike AWS, a parameter
that comes from another child's output is taken at its present value instead of counting as changed.
"""

from __future__ import annotations

import copy
import secrets
import string
import uuid
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import nested_records, output_changes
from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.imports import existing as existing_resources
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Iterator

    ChangeSet = dict[str, Any]
    Change = dict[str, Any]

_CHANGE_SETS_MODULE = "ministack.services.cloudformation.changesets"

_RESOLVE_FOR_DIFF = Seam(
    module=_CHANGE_SETS_MODULE,
    attribute="_resolve_props_for_diff",
    parameters=("template", "params", "stack_name", "stack_id"),
    gap="Used: a template as far as it can be resolved before it is deployed.",
)
_DIFF = Seam(
    module=_CHANGE_SETS_MODULE,
    attribute="_diff_resources",
    parameters=("old_template", "new_template", "resources", "template", "changed_params"),
    gap="Used: the changes between two templates. It does not list nested stacks whose properties stay; AWS does.",
)
_RESOLVE_REFS = Seam(
    module="ministack.services.cloudformation.engine",
    attribute="_resolve_refs",
    parameters=("value", "resources", "params", "conditions", "mappings", "stack_name", "stack_id"),
    gap="Used: the properties of a nested stack with everything that is known resolved.",
)
_REFERENCES = Seam(
    module="ministack.services.cloudformation.engine",
    attribute="_intrinsic_references",
    parameters=("value",),
    gap="Used: the resources and attributes that a value refers to.",
)

SEAMS: tuple[Seam, ...] = (
    *nested_records.SEAMS,
    cfn.CHANGE_SETS,
    _RESOLVE_FOR_DIFF,
    _DIFF,
    _RESOLVE_REFS,
    _REFERENCES,
)

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
FROM_ROOT = "Executable from root change set"
_UNKNOWN = "unknown"
_AUTOMATIC: Change = {
    "Target": {"Attribute": "Properties", "RequiresRecreation": "Never"},
    "Evaluation": "Dynamic",
    "ChangeSource": "Automatic",
}


def list_children(change_set: ChangeSet) -> None:
    """List every nested stack that stays in the template as modified, as AWS does whether it changes or not."""
    changes = {
        change["ResourceChange"]["LogicalResourceId"]: change["ResourceChange"] for change in change_set["Changes"]
    }
    resources = cfn.stacks()[change_set["StackName"]].get("_resources", {})
    for logical_id, _ in _nested(change_set):
        change = changes.get(logical_id)
        if change is None and logical_id in resources:
            change_set["Changes"].append({"ResourceChange": _modified(logical_id, resources[logical_id])})
        elif change is not None and change["Action"] == "Modify":
            change["Replacement"] = "False"
            change["Details"] = [*change.get("Details", []), _AUTOMATIC]
    change_set["Changes"].sort(key=lambda change: str(change["ResourceChange"]["LogicalResourceId"]))


def plan_children(change_set: ChangeSet) -> str:
    """Make the change set of every nested stack in a change set, at every depth.

    Returns:
        Why the change set must fail because a nested one did; empty when none did.
    """
    definitions = dict(_nested(change_set))
    for change in change_set["Changes"]:
        found = change["ResourceChange"]
        if found["LogicalResourceId"] not in definitions or found["Action"] == "Remove":
            continue
        child = _plan_child(change_set, found, definitions[found["LogicalResourceId"]])
        found["ChangeSetId"] = child["ChangeSetId"]
        if child["Status"] == "FAILED" and child["StatusReason"] != NO_CHANGES:
            return f"Nested change set {child['ChangeSetId']} was not successfully created: Currently in FAILED."
    return ""


def resolve_template(change_set: ChangeSet) -> dict[str, dict[str, Any]]:
    """The resources of a change set's template, resolved as far as they can be before it is deployed."""
    found: dict[str, dict[str, Any]] = original(_RESOLVE_FOR_DIFF)(
        change_set["_template"], change_set["_resolved_params"], change_set["StackName"], change_set["StackId"]
    )["Resources"]
    return found


def descendants(change_set_id: str) -> Iterator[ChangeSet]:
    """The change sets below one, at any depth."""
    for found in list(original(cfn.CHANGE_SETS).values()):
        if found.get("_tapgen_parent") == change_set_id:
            yield found
            yield from descendants(found["ChangeSetId"])


def is_empty(change_set: ChangeSet) -> bool:
    """Whether it and every change set below it would change nothing."""
    if change_set["Status"] == "FAILED":
        return True
    if not change_set["Changes"]:
        return False  # its outputs change
    for change in change_set["Changes"]:
        nested = original(cfn.CHANGE_SETS).get(change["ResourceChange"].get("ChangeSetId"))
        direct = any(
            detail.get("ChangeSource") != "Automatic" for detail in change["ResourceChange"].get("Details", ())
        )
        if nested is None or change["ResourceChange"]["Action"] != "Modify" or direct or not is_empty(nested):
            return False
    return True


def _nested(change_set: ChangeSet) -> Iterator[tuple[str, dict[str, Any]]]:
    """The nested stacks in a change set's template that its conditions let exist."""
    template = change_set["_template"]
    conditions = original(cfn.EVALUATE_CONDITIONS)(template, change_set["_resolved_params"])
    for logical_id, definition in template.get("Resources", {}).items():
        if definition.get("Type") == cfn.STACK_TYPE and conditions.get(definition.get("Condition"), True):
            yield logical_id, definition


def _modified(logical_id: str, resource: dict[str, Any]) -> Change:
    return {
        "Action": "Modify",
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": resource["PhysicalResourceId"],
        "ResourceType": cfn.STACK_TYPE,
        "Replacement": "False",
        "Scope": ["Properties"],
        "Details": [_AUTOMATIC],
    }


def _plan_child(above: ChangeSet, change: Change, definition: dict[str, Any]) -> ChangeSet:
    """The change set of one child, with those below it."""
    parent = cfn.stacks()[above["StackName"]]
    logical_id = change["LogicalResourceId"]
    existing = cfn.find(change.get("PhysicalResourceId", ""))
    child = existing or nested_records.reviewed(parent, logical_id) or nested_records.new_record(parent, logical_id)
    planned = _record(above, child, logical_id, kind="UPDATE" if existing else "CREATE")
    try:
        wanted = _wanted(above, parent, child, definition.get("Properties") or {})
    except ValueError as error:
        planned["StatusReason"] = str(error)
    else:
        _fill(planned, child, wanted)
        reason = existing_resources.plan(planned) if planned["ImportExistingResources"] else ""
        reason = reason or plan_children(planned)
        if reason:
            planned.update(Status="FAILED", StatusReason=reason)
    original(cfn.CHANGE_SETS)[planned["ChangeSetId"]] = planned
    return planned


def _record(above: ChangeSet, child: cfn.Stack, logical_id: str, *, kind: str) -> ChangeSet:
    from ministack.core.responses import now_iso

    suffix = "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(12))
    name = f"{above['ChangeSetName']}-{logical_id}"[:115] + f"-{suffix}"
    prefix = above["ChangeSetId"].split(":changeSet/")[0]
    return {
        "ChangeSetId": f"{prefix}:changeSet/{name}/{uuid.uuid4()}",
        "ChangeSetName": name,
        "StackId": child["StackId"],
        "StackName": child["StackName"],
        "Status": "FAILED",
        "ExecutionStatus": "UNAVAILABLE",
        "StatusReason": NO_CHANGES,
        "CreationTime": now_iso(),
        "Description": "",
        "ChangeSetType": kind,
        "Changes": [],
        "Parameters": [],
        "Tags": [],
        "Capabilities": above.get("Capabilities", []),
        "OnStackFailure": "",
        "ImportExistingResources": above.get("ImportExistingResources", False),
        "_tapgen_parent": above["ChangeSetId"],
        "_tapgen_root": above.get("_tapgen_root") or above["ChangeSetId"],
        "_tapgen_echo": above.get("_tapgen_echo", {}),
    }


def _fill(planned: ChangeSet, child: cfn.Stack, wanted: nested_records.Desired) -> None:
    """Compare the child with what is wanted of it."""
    name, stack_id = child["StackName"], child["StackId"]
    before, known = child["_template"] or {}, child["_resolved_params"] or {}
    old = original(_RESOLVE_FOR_DIFF)(before, known, name, stack_id)
    new = original(_RESOLVE_FOR_DIFF)(wanted.template, wanted.parameters, name, stack_id)
    changed = {key for key, value in wanted.parameters.items() if known.get(key, {}).get("Value") != value["Value"]}
    tags_differ = original(cfn.TAG_MAP)(child.get("Tags")) != original(cfn.TAG_MAP)(wanted.tags)
    retagged = child["_resources"] if tags_differ and before else ()
    planned["_template"] = wanted.template
    planned["_resolved_params"] = wanted.parameters
    planned["Tags"] = wanted.tags
    planned["Parameters"] = [
        {"ParameterKey": key, "ParameterValue": value["Value"]} for key, value in wanted.parameters.items()
    ]
    planned["Changes"] = original(_DIFF)(old, new, child["_resources"], wanted.template, changed, retagged)
    list_children(planned)
    if planned["Changes"] or output_changes.changes_outputs(child, planned):
        planned.update(Status="CREATE_COMPLETE", StatusReason=FROM_ROOT)


def _wanted(above: ChangeSet, parent: cfn.Stack, child: cfn.Stack, props: dict[str, Any]) -> nested_records.Desired:
    """What the parent's new template wants of the child, as far as it is known before it is deployed.

    Raises:
        ValueError: The child's template cannot be read, or refuses its parameters.
    """
    known = {"TemplateURL": _resolved(above, parent, props.get("TemplateURL"))}
    tags = [{"Key": key, "Value": value} for key, value in original(cfn.TAG_MAP)(above.get("Tags")).items()]
    own = original(cfn.TAG_MAP)(_resolved(above, parent, props.get("Tags") or []))
    known["Tags"] = [*({"Key": key, "Value": value} for key, value in own.items())]
    known["Tags"] += [tag for tag in tags if tag["Key"] not in own]
    given = {key: _resolved(above, parent, value) for key, value in (props.get("Parameters") or {}).items()}
    unknown = {key for key, value in given.items() if value == _UNKNOWN and key not in child["_resolved_params"]}
    known["Parameters"] = {
        key: child["_resolved_params"][key]["Value"] if value == _UNKNOWN and key not in unknown else value
        for key, value in given.items()
    }
    # The parent's own record carries the capabilities of its last operation; this one's count here.
    acknowledged = {**parent, "Capabilities": above.get("Capabilities", [])}
    return nested_records.desired(known, parent=acknowledged, unconstrained=unknown)


def _resolved(above: ChangeSet, parent: cfn.Stack, value: Any) -> Any:
    """A value with its references resolved; ``unknown`` when it hangs on something that does not exist yet."""
    template, resources = above["_template"], parent.get("_resources", {})
    for name, attribute in original(_REFERENCES)(value):
        if name in template["Resources"] and not _exists(resources.get(name), attribute):
            return _UNKNOWN
    return original(_RESOLVE_REFS)(
        copy.deepcopy(value),
        resources,
        above["_resolved_params"],
        original(cfn.EVALUATE_CONDITIONS)(template, above["_resolved_params"]),
        template.get("Mappings", {}),
        parent["StackName"],
        parent["StackId"],
    )


def _exists(resource: dict[str, Any] | None, attribute: str | None) -> bool:
    """Whether a reference to a resource, or to an attribute of a nested stack, has a value already."""
    if resource is None:
        return False
    return not (attribute or "").startswith("Outputs.") or attribute in resource["Attributes"]
