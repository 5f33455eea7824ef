"""Nests an existing stack: a change set of the type IMPORT that names an AWS::CloudFormation::Stack by its StackId.

CloudFormation user guide, "Nest an existing stack": one level of nesting alone, so the stack has no children and is not
imported into a child; its template and its tags are those of the definition in the parent. A stack that has only
imported so far (``IMPORT_COMPLETE``) cannot be nested before an update of its own, which the guide does not say and the
API answers.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import nested_records
from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    ChangeSet = dict[str, Any]

_LOOKUPS = Seam(
    module=cfn.CHANGE_SET_ACTIONS,
    attribute="_IMPORT_LOOKUPS",
    parameters=None,
    gap="Stacks and bucket policies are no types that it imports.",
)
_IMPORT = Seam(
    module=cfn.CHANGE_SET_ACTIONS,
    attribute="_import_resources_async",
    parameters=("cs", "stack", "new_stack"),
    gap="An imported stack does not become a child of its parent.",
)
_RESOLVE_FOR_DIFF = Seam(
    module=cfn.CHANGE_SET_ACTIONS,
    attribute="_resolve_props_for_diff",
    parameters=("template", "params", "stack_name", "stack_id"),
    gap="Used: the definition of a stack to nest, resolved.",
)
SEAMS: tuple[Seam, ...] = (*nested_records.SEAMS, cfn.RESOURCE_HANDLERS, _LOOKUPS, _IMPORT, _RESOLVE_FOR_DIFF)

_IMPORTABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def install() -> None:
    """Teach the lookups and the handlers the type, and link what was imported."""
    original(_LOOKUPS)[cfn.STACK_TYPE] = (("StackId",), _problem)
    original(cfn.RESOURCE_HANDLERS)[cfn.STACK_TYPE]["import"] = _adopt
    replace(_IMPORT, _linking(original(_IMPORT)))


def add_type(resource_type: str, keys: tuple[str, ...], problem: Callable[..., str | None]) -> None:
    """Make a type importable: its identifier's properties, and what is wrong with one that names nothing."""
    original(_LOOKUPS)[resource_type] = (keys, problem)


def objection(change_set: ChangeSet) -> str:
    """Why a stack that the change set would nest does not fit its definition; empty when all do."""
    return next((reason for reason in map(functools.partial(_unfit, change_set), _nested(change_set)) if reason), "")


def _nested(change_set: ChangeSet) -> Iterator[dict[str, Any]]:
    return (entry for entry in change_set["_resources_to_import"] if entry["ResourceType"] == cfn.STACK_TYPE)


def _unfit(change_set: ChangeSet, entry: dict[str, Any]) -> str:
    parent = cfn.stacks()[change_set["StackName"]]
    child = cfn.find(entry["ResourceIdentifier"]["StackId"]) or {}
    logical_id = entry["LogicalResourceId"]
    if cfn.parent(parent):
        return f"Stack {child['StackId']} cannot be imported into the nested stack {parent['StackId']}."
    properties = _properties(change_set, logical_id)
    try:
        wanted = nested_records.desired(properties, parent={**parent, "Capabilities": change_set["Capabilities"]})
    except ValueError as error:
        return str(error)
    if wanted.template != child["_template"]:
        return (
            f"The template of resource [{logical_id}] defined in the parent doesn't match the actual stack's template."
        )
    if original(cfn.TAG_MAP)(wanted.tags) != original(cfn.TAG_MAP)(child.get("Tags")):
        return f"Tags of resource [{logical_id}] defined in the template don't match the actual stack's tags."
    return ""


def _properties(change_set: ChangeSet, logical_id: str) -> dict[str, Any]:
    """The definition's properties, resolved."""
    resolved = original(_RESOLVE_FOR_DIFF)(
        change_set["_template"], change_set["_resolved_params"], change_set["StackName"], change_set["StackId"]
    )
    found: dict[str, Any] = resolved["Resources"][logical_id].get("Properties") or {}
    return found


def _problem(stack_id: str) -> str | None:
    """What keeps a stack from being nested, whatever it is nested in."""
    child = cfn.find(stack_id)
    if child is None or child["StackStatus"] == "DELETE_COMPLETE":
        return f"Stack with id {stack_id} does not exist"
    if next(cfn.descendants(child), None) is not None:
        return "Stacks to be imported cannot have any child stacks."
    if cfn.parent(child) is None and child["StackStatus"] not in _IMPORTABLE:
        status = child["StackStatus"]
        return f"Stack {child['StackId']} is not in an importable status, current stack status is {status}."
    return None


def _adopt(identifier: dict[str, str]) -> tuple[str, dict[str, str]]:
    child = cfn.find(identifier["StackId"])
    if child is None:
        raise ValueError(f"Stack with id {identifier['StackId']} does not exist")
    return child["StackId"], nested_records.attributes(child)


def _linking(import_resources: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(import_resources)
    async def import_and_link(cs: ChangeSet, stack: cfn.Stack, new_stack: Any) -> None:
        await import_resources(cs, stack, new_stack)
        if stack["StackStatus"] == "IMPORT_COMPLETE":
            for entry in _nested(cs):
                _link(stack, entry)

    return import_and_link


def _link(parent: cfn.Stack, entry: dict[str, Any]) -> None:
    child = cfn.find(entry["ResourceIdentifier"]["StackId"])
    if child is not None:
        child.update(
            RootId=cfn.root(parent)["StackId"],
            ParentId=parent["StackId"],
            _parent_stack_name=parent["StackName"],
            _tapgen_logical_id=entry["LogicalResourceId"],
        )
