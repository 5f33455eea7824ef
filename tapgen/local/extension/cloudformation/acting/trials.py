"""The operations on what is deployed, authorised as the stacks' role and not carried out, for ``TRIALS_PATH``.

A proof takes hundreds of permissions away one by one, and asks each time what CloudFormation could not do any more: the
same check that a deploy makes before it touches a resource. An update counts as one that changes and takes away all
that is there; a type without an update is replaced.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.acting import roles
from tapgen.local.extension.cloudformation.acting.needs import data
from tapgen.local.extension.cloudformation.acting.operations import Operation
from tapgen.local.extension.cloudformation.acting.session import RoleSession
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Iterator

_RESOLVE = Seam(
    module="ministack.services.cloudformation.engine",
    attribute="_resolve_refs",
    parameters=("value", "resources", "params", "conditions", "mappings", "stack_name", "stack_id"),
    gap="Used: resolves intrinsic functions.",
)
_WITH_STACK_TAGS = Seam(
    module="ministack.services.cloudformation.provisioners",
    attribute="_with_stack_tags",
    parameters=("resource_type", "props", "stack_tags", "stack_name", "stack_id", "logical_id"),
    gap="Used: adds the stack's tags to the properties of a resource.",
)
SEAMS = (_RESOLVE, _WITH_STACK_TAGS, cfn.STACKS)


def try_all(role_arn: str, region: str, *, kinds: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Authorise every operation of a role's stacks.

    Args:
        role_arn: The role.
        region: Where the stacks are.
        kinds: ``create AWS::SQS::Queue`` …: these alone; all where there are none.

    Returns:
        ``{"trials": [{"operation": "create", "type": …, "resource": …, "stack": …, "calls": 7, "refused": [[action,
        resource, text], …]}, …]}``.
    """
    with request_scope(role_arn.split(":")[4], region):
        wanted = (each for each in _operations(role_arn) if not kinds or f"{each.verb} {each.resource_type}" in kinds)
        return {"trials": [_try(operation, role_arn) for operation in wanted]}


def _try(operation: Operation, role_arn: str) -> dict[str, Any]:
    calls = list(roles.calls(operation, role_arn))
    session = RoleSession(role_arn, roles.place())
    refused = [found for found in map(session.refusal, calls) if found]
    return {
        "operation": operation.verb,
        "type": operation.resource_type,
        "resource": operation.logical_id,
        "stack": operation.stack_name,
        "calls": len(calls),
        "refused": [[each.action, each.resource, each.text] for each in refused],
    }


def _operations(role_arn: str) -> Iterator[Operation]:
    for stack in list(cfn.stacks().values()):
        if stack["StackStatus"] == "DELETE_COMPLETE" or roles.role_of(stack["StackName"]) != role_arn:
            continue
        for logical_id, record in list(stack.get("_resources", {}).items()):
            yield from _of_resource(stack, logical_id, record)


def _of_resource(stack: cfn.Stack, logical_id: str, record: dict[str, Any]) -> Iterator[Operation]:
    resource_type = record["ResourceType"]
    place = (stack["StackName"], stack["StackId"], logical_id)
    properties = original(_WITH_STACK_TAGS)(resource_type, record["Properties"], stack.get("Tags") or [], *place)
    known = Operation(
        verb="create",
        resource_type=resource_type,
        logical_id=logical_id,
        stack_name=stack["StackName"],
        physical_id=record["PhysicalResourceId"],
        new=properties,
    )
    handlers = data()["types"].get(resource_type, {})
    yield known  # of a type that nobody has read, too: without a call
    if "update" in handlers:
        yield replace(known, verb="update", old=properties, utmost=True, policy=_policy(stack, logical_id))
    elif "read" in handlers:
        yield replace(known, verb="replace")
    if "delete" in handlers:
        yield replace(known, verb="delete", old=properties, new={})


def _policy(stack: cfn.Stack, logical_id: str) -> dict[str, Any]:
    template = stack.get("_template") or {}
    found = template.get("Resources", {}).get(logical_id, {}).get("UpdatePolicy")
    if not found:
        return {}
    resolved: dict[str, Any] = original(_RESOLVE)(
        copy.deepcopy(found),
        stack["_resources"],
        stack.get("_resolved_params", {}),
        stack.get("_conditions", {}),
        template.get("Mappings", {}),
        stack["StackName"],
        stack["StackId"],
    )
    return resolved
