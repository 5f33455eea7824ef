"""CloudFormation's requests and answers about change sets and stacks, with what MiniStack leaves out.

Nested change sets, the options that a request may carry and an answer repeats, and the links between stacks.
CloudFormation API reference: CreateChangeSet, DescribeChangeSet, ListChangeSets, DescribeStacks.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import nested_changes, output_changes
from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.answers import insert_after, refusal
from tapgen.local.extension.cloudformation.imports.existing import FOUND
from tapgen.local.extension.cloudformation.stack_operations.operation import IMPORTS
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.cloudformation.answers import Answer
    from tapgen.local.extension.settings import Settings

    Parameters = dict[str, Any]
    Action = Callable[[Parameters], Answer]

SEAMS: tuple[Seam, ...] = (*nested_changes.SEAMS, *output_changes.SEAMS, cfn.ACTIONS)

_ROLLBACK_TRIGGER = re.compile(r"RollbackConfiguration\.RollbackTriggers\.member\.(\d+)\.(Arn|Type)")


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Wrap the actions."""
    actions = original(cfn.ACTIONS)
    for name, wrap in (
        ("CreateChangeSet", _creating),
        ("DescribeChangeSet", _describing),
        ("ListChangeSets", _listing),
        ("ExecuteChangeSet", _executing),
        ("DeleteChangeSet", _deleting),
        ("CreateStack", _remembering),
        ("UpdateStack", _remembering),
        ("DeleteStack", _forgetting),
        ("DescribeStacks", _linking),
        ("ListStacks", _linking),
    ):
        actions[name] = functools.wraps(actions[name])(wrap(actions[name]))


def _creating(create: Action) -> Action:
    def handle(params: Parameters) -> Answer:
        answer = create(params)
        if answer[0] == 200:
            change_set = original(cfn.CHANGE_SETS)[_between(answer, "Id")]
            change_set[cfn.OPTIONS] = _options(params)
            if change_set["ChangeSetType"] != "IMPORT":
                _complete(change_set)
        return answer

    return handle


def _complete(change_set: dict[str, Any]) -> None:
    """Add the nested stacks to a change set that MiniStack has just made."""
    nested_changes.list_children(change_set)
    reason = nested_changes.plan_children(change_set) if change_set[cfn.OPTIONS].get("IncludeNestedStacks") else ""
    if change_set["Changes"] or _gives_other_outputs(change_set):
        change_set.update(Status="CREATE_COMPLETE", ExecutionStatus="AVAILABLE", StatusReason="")
    if reason:
        change_set.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=reason)
    elif (
        change_set[cfn.OPTIONS].get("IncludeNestedStacks")
        and nested_changes.is_empty(change_set)
        and not _gives_other_outputs(change_set)
    ):
        change_set.update(
            Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=nested_changes.NO_CHANGES, Changes=[]
        )


def _gives_other_outputs(change_set: dict[str, Any]) -> bool:
    return output_changes.changes_outputs(cfn.stacks()[change_set["StackName"]], change_set)


def _describing(describe: Action) -> Action:
    def handle(params: Parameters) -> Answer:
        answer = describe(params)
        if answer[0] != 200:
            return answer
        change_set = original(cfn.CHANGE_SETS)[_between(answer, "ChangeSetId")]
        nested = {
            change["ResourceChange"]["LogicalResourceId"]: {"ChangeSetId": change["ResourceChange"]["ChangeSetId"]}
            for change in change_set["Changes"]
            if change["ResourceChange"].get("ChangeSetId")
        }
        answer = insert_after(answer, "LogicalResourceId", nested)
        own = {**change_set.get(cfn.OPTIONS, {}), **_links(change_set)}
        own.pop("RoleARN", None)
        return insert_after(answer, "StackName", {change_set["StackName"]: own})

    return handle


def _listing(list_change_sets: Action) -> Action:
    def handle(params: Parameters) -> Answer:
        found = original(cfn.CHANGE_SETS).values()
        return insert_after(
            list_change_sets(params), "ChangeSetId", {each["ChangeSetId"]: _links(each) for each in list(found)}
        )

    return handle


def _links(change_set: dict[str, Any]) -> dict[str, Any]:
    return {
        "IncludeNestedStacks": bool(change_set.get(cfn.OPTIONS, {}).get("IncludeNestedStacks")),
        "ParentChangeSetId": change_set.get("_tapgen_parent"),
        "RootChangeSetId": change_set.get("_tapgen_root"),
    }


def _executing(execute: Action) -> Action:
    def handle(params: Parameters) -> Answer:
        change_set = _find(params)
        if change_set and change_set.get("_tapgen_parent"):
            return refusal(f"ChangeSet [{change_set['ChangeSetId']}] can only be executed from its root change set")
        if change_set:
            _hand_imports(change_set)
        answer = execute(params)
        if answer[0] == 200 and change_set:
            _keep(cfn.stacks()[change_set["StackName"]], change_set.get(cfn.OPTIONS, {}), change_set["ChangeSetId"])
            below = {each["ChangeSetId"] for each in nested_changes.descendants(change_set["ChangeSetId"])}
            _drop({each["StackName"] for each in map(_by_id, below)}, kept=below)
        return answer

    return handle


def _hand_imports(change_set: dict[str, Any]) -> None:
    """Tell each nested stack what it is to import: its own operation begins when its parent comes to it."""
    for nested in nested_changes.descendants(change_set["ChangeSetId"]):
        cfn.stacks()[nested["StackName"]][IMPORTS] = dict(nested.get(FOUND, {}))


def _drop(stack_names: set[str], *, kept: set[str]) -> None:
    """Delete the other change sets of stacks whose change set is being executed."""
    change_sets = original(cfn.CHANGE_SETS)
    for change_set in list(change_sets.values()):
        if change_set["StackName"] in stack_names and change_set["ChangeSetId"] not in kept:
            change_sets.pop(change_set["ChangeSetId"], None)


def _deleting(delete: Action) -> Action:
    def handle(params: Parameters) -> Answer:
        change_set = _find(params)
        if change_set and change_set.get("_tapgen_parent"):
            return refusal(f"ChangeSet [{change_set['ChangeSetId']}] can only be deleted from its root change set")
        below = list(nested_changes.descendants(change_set["ChangeSetId"])) if change_set else []
        answer = delete(params)
        if answer[0] == 200:
            for nested in below:
                original(cfn.CHANGE_SETS).pop(nested["ChangeSetId"], None)
                _remove_reviewed(nested["StackName"])
        return answer

    return handle


def _remembering(operate: Action) -> Action:
    """CreateStack and UpdateStack: the stack keeps the options of its last operation."""

    def handle(params: Parameters) -> Answer:
        answer = operate(params)
        stack = cfn.find(_between(answer, "StackId")) if answer[0] == 200 else None
        if stack:
            _keep(stack, _options(params), None)
        return answer

    return handle


def _keep(stack: cfn.Stack, options: dict[str, Any], change_set_id: str | None) -> None:
    kept = {key: value for key, value in options.items() if key != "IncludeNestedStacks"}
    stack[cfn.OPTIONS] = {**stack.get(cfn.OPTIONS, {}), **kept, "ChangeSetId": change_set_id}


def _forgetting(delete: Action) -> Action:
    """DeleteStack takes along the children that a change set has announced and nobody has created."""

    def handle(params: Parameters) -> Answer:
        stack = cfn.find(_first(params, "StackName"))
        announced = [each["StackName"] for each in cfn.descendants(stack)] if stack else []
        answer = delete(params)
        if answer[0] == 200:
            for name in announced:
                _remove_reviewed(name)
        return answer

    return handle


def _linking(describe: Action) -> Action:
    """DescribeStacks and ListStacks: where a stack hangs, and the options of its last operation."""

    def handle(params: Parameters) -> Answer:
        answer = describe(params)
        if answer[0] != 200:
            return answer
        additions = {
            stack["StackId"]: {
                "ParentId": stack.get("ParentId"),
                "RootId": stack.get("RootId"),
                **stack.get(cfn.OPTIONS, {}),
            }
            for stack in list(cfn.stacks().values())
        }
        return insert_after(answer, "StackId", additions)

    return handle


def _remove_reviewed(name: str) -> None:
    stack = cfn.stacks().get(name)
    if stack and stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        cfn.stacks().pop(name, None)


def _options(params: Parameters) -> dict[str, Any]:
    """The options of a request that its answers repeat; those that it does not carry are left out."""
    found: dict[str, Any] = {
        "RoleARN": _first(params, "RoleARN") or None,
        "NotificationARNs": _members(params, "NotificationARNs") or None,
        "RollbackConfiguration": _rollback_configuration(params),
        "IncludeNestedStacks": _first(params, "IncludeNestedStacks").lower() == "true" or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _rollback_configuration(params: Parameters) -> dict[str, Any] | None:
    triggers: dict[str, dict[str, str]] = {}
    for key in params:
        match = _ROLLBACK_TRIGGER.fullmatch(key)
        if match:
            triggers.setdefault(match.group(1), {})[match.group(2)] = _first(params, key)
    minutes = _first(params, "RollbackConfiguration.MonitoringTimeInMinutes")
    if not triggers and not minutes:
        return None
    ordered = [triggers[number] for number in sorted(triggers, key=int)]
    return {"RollbackTriggers": ordered, "MonitoringTimeInMinutes": minutes or None}


def _members(params: Parameters, name: str) -> list[str]:
    keys = (key for key in params if key.startswith(f"{name}.member."))
    return [_first(params, key) for key in sorted(keys, key=lambda key: int(key.rpartition(".")[2]))]


def _find(params: Parameters) -> dict[str, Any] | None:
    name, stack = _first(params, "ChangeSetName"), cfn.find(_first(params, "StackName"))
    for change_set in original(cfn.CHANGE_SETS).values():
        named = change_set["ChangeSetName"] == name and stack and change_set["StackId"] == stack["StackId"]
        if change_set["ChangeSetId"] == name or named:
            found: dict[str, Any] = change_set
            return found
    return None


def _by_id(change_set_id: str) -> dict[str, Any]:
    found: dict[str, Any] = original(cfn.CHANGE_SETS)[change_set_id]
    return found


def _first(params: Parameters, name: str) -> str:
    value = params.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value or "")


def _between(answer: Answer, tag: str) -> str:
    """The text of the first element of that name in an answer."""
    match = re.search(f"<{tag}>([^<]*)</{tag}>", answer[2].decode())
    return match.group(1) if match else ""
