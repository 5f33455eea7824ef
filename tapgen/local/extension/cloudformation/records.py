"""The names of MiniStack's CloudFormation that several modules of the extension call or replace, in one place.

Only seams and the small reads that everybody needs; no behaviour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = "ministack.services.cloudformation"
STACK_TYPE = "AWS::CloudFormation::Stack"

STACKS_MODULE = f"{_PACKAGE}.stacks"
"""The module of the stack operations."""

HANDLERS = f"{_PACKAGE}.handlers"
"""The module of the API's actions, which has imported the stack operations by name."""

CHANGE_SET_ACTIONS = f"{_PACKAGE}.changesets"
"""The module of the actions on change sets, which has done so too."""

Stack = dict[str, Any]
"""MiniStack's record of a stack. Keys that start with an underscore are its own; ours start with ``_tapgen``."""

Template = dict[str, Any]
"""A parsed template."""

OPTIONS = "_tapgen_echo"
"""On a stack and on a change set: the options of the last request, which answers repeat; ``RoleARN`` among them."""

ROLLBACK_POINT = "_tapgen_rollback_point"
"""On a child that has been updated: what it was before, until its root has finished."""


def _seam(module: str, attribute: str, parameters: tuple[str, ...] | None, gap: str) -> Seam:
    return Seam(module=f"{_PACKAGE}{module}", attribute=attribute, parameters=parameters, gap=gap)


STACKS = _seam("", "_stacks", None, "Used: the stack records of the account and region, by stack name.")
STACK_EVENTS = _seam("", "_stack_events", None, "Used: the events of each stack id, oldest first.")
CHANGE_SETS = _seam("", "_change_sets", None, "Used: the change sets of the account and region, by id.")

ACTIONS = _seam(
    ".handlers",
    "_ACTION_HANDLERS",
    None,
    "IncludeNestedStacks, RoleARN, NotificationARNs and RollbackConfiguration are accepted and forgotten; a rollback "
    "is continued for the root's own resources alone.",
)

DEPLOY = _seam(
    ".stacks",
    "_deploy_stack_async",
    (
        *("stack_name", "stack_id", "template", "param_values", "disable_rollback", "tags", "is_update"),
        *("previous_stack", "retain_except_on_create", "imports"),
    ),
    "One resource after another, so that nothing is ever under way beside one that fails and two traffic shifts take "
    "the time of both; an update ends without the clean-up phase in which AWS deletes what it removed or replaced, and "
    "reports resources that it leaves alone.",
)
ROLL_BACK = _seam(
    ".stacks",
    "_roll_back_operation",
    ("stack_name", "stack_id", "stack", "operation", "reason_override"),
    "A failed create is rolled back for 'Rollback requested'; AWS names the resources that failed. It knows of one "
    "failed resource; in AWS there may be several.",
)
ADD_EVENT = _seam(
    ".stacks",
    "_add_event",
    ("stack_id", "stack_name", "logical_id", "resource_type", "status", "reason", "physical_id"),
    "The start of a rollback, after which AWS reports each resource whose update had failed as updated.",
)
DELETE_RESOURCE = _seam(
    ".stacks",
    "_delete_resource",
    ("resource_type", "physical_id", "props", "stack_name", "logical_id"),
    "Used: deletes a resource.",
)
DELETE_STACK = _seam(
    ".stacks",
    "_delete_stack_async",
    ("stack_name", "stack_id", "retain_resources", "force"),
    "Used: deletes a stack with events and deletion policies, which MiniStack's nested stacks do without.",
)
CONTINUE_ROLLBACK = _seam(
    ".stacks",
    "_continue_update_rollback_async",
    ("stack_name", "stack_id", "resources_to_skip"),
    "It continues the root's own resources; AWS continues those of its nested stacks too.",
)
ON_WORKER_THREAD = _seam(".stacks", "_runs_on_worker_thread", ("resource_type",), "Used: which types may block.")
RESOURCE_HANDLERS = _seam(
    ".provisioners",
    "_RESOURCE_HANDLERS",
    None,
    "Types that these templates need are missing; a nested stack loses unchanged attributes on update, has no rollback "
    "states and ignores deletion policies.",
)
TAG_MAP = _seam(".provisioners", "_tag_map", ("tags",), "Used: a Tags property as a dictionary.")
REQUIRED_CAPABILITIES = _seam(
    ".handlers", "_required_iam_capabilities", ("template",), "Used: what a template must be acknowledged for."
)
MISSING_CAPABILITIES = _seam(
    ".handlers", "_missing_capabilities", ("given", "required"), "Used: which capabilities a request lacks."
)
RESOLVE_TEMPLATE = _seam(".helpers", "_resolve_template", ("params",), "Used: reads TemplateURL from S3.")
PARSE_TEMPLATE = _seam(".engine", "_parse_template", ("template_body",), "Used: JSON or YAML to a dictionary.")
RESOLVE_PARAMETERS = _seam(
    ".engine",
    "_resolve_parameters",
    ("template", "provided_params", "previous_params"),
    "Used: parameter values with defaults and constraints applied.",
)
EVALUATE_CONDITIONS = _seam(".engine", "_evaluate_conditions", ("template", "params"), "Used: the Conditions section.")
EXTRACT_DEPENDENCIES = _seam(
    ".engine", "_extract_deps", ("resource_def", "all_resource_names"), "Used: what a resource waits for."
)


def now() -> str:
    """This moment as stack records have it."""
    from ministack.core.responses import now_iso

    moment: str = now_iso()
    return moment


def stacks() -> dict[str, Stack]:
    """The stacks of the current account and region, by name."""
    found: dict[str, Stack] = original(STACKS)
    return found


def events(stack_id: str) -> list[dict[str, Any]]:
    """The events of a stack, oldest first; the list that MiniStack keeps."""
    found: list[dict[str, Any]] = original(STACK_EVENTS).setdefault(stack_id, [])
    return found


def find(name_or_id: str) -> Stack | None:
    """The stack with this name or id, deleted or not."""
    by_name = stacks().get(name_or_id)
    if by_name is not None:
        return by_name
    return next((stack for stack in stacks().values() if stack["StackId"] == name_or_id), None)


def parent(stack: Stack) -> Stack | None:
    """The stack that this one is nested in."""
    return stacks().get(stack.get("_parent_stack_name", ""))


def root(stack: Stack) -> Stack:
    """The stack at the top of the hierarchy, which may be this one."""
    above = parent(stack)
    return root(above) if above else stack


def descendants(stack: Stack) -> Iterator[Stack]:
    """The stacks nested in this one at any depth, parents before their children."""
    for child in list(stacks().values()):
        if child.get("_parent_stack_name") == stack["StackName"] and child["StackStatus"] != "DELETE_COMPLETE":
            yield child
            yield from descendants(child)


def add_event(stack: Stack, status: str, reason: str = "") -> None:
    """Put a stack into a state and record the event that says so."""
    stack["StackStatus"] = status
    name, stack_id = stack["StackName"], stack["StackId"]
    original(ADD_EVENT)(stack_id, name, name, STACK_TYPE, status, reason, stack_id)


def failure_reason(stack: Stack, *, since: int) -> str:
    """AWS's summary of the resources that have failed since an event, for example ``… failed to update: [Live].``"""
    failed: dict[str, list[str]] = {}
    for event in events(stack["StackId"])[since:]:
        verb = {"CREATE_FAILED": "create", "UPDATE_FAILED": "update"}.get(event["ResourceStatus"])
        if verb and event["LogicalResourceId"] != stack["StackName"]:
            failed.setdefault(verb, []).append(event["LogicalResourceId"])
    return " ".join(
        f"The following resource(s) failed to {verb}: [{', '.join(names)}]." for verb, names in failed.items()
    )
