"""Single calls on stacks: describe, protect, delete, list what a stack holds. Waiting is ``tapgen.deploy.watch``'s."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, error_message, translated
from tapgen.errors import AwsError
from tapgen.model import StackResource, StackState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef, TagTypeDef

STABLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}
"""Statuses in which a stack takes an update (CloudFormation user guide, "Stack status codes")."""

_RETAINING = {"Retain", "RetainExceptOnCreate"}


@dataclass(frozen=True, kw_only=True)
class StackRequest:
    """A small stack with an inline template (at most 51,200 bytes) and no parameters."""

    name: str
    template_body: str
    tags: Mapping[str, str]


def describe_stack(client: CloudFormationClient, name: str) -> StackState | None:
    """The stack by name or id, or None when there is none.

    CloudFormation answers an unknown name with a ValidationError and the words "does not exist" (DescribeStacks, API
    reference); a deleted stack is found by its id alone.
    """
    with translated(f"describe the stack {name}"):
        try:
            stacks = client.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if error_code(error) == "ValidationError" and "does not exist" in error_message(error):
                return None
            raise
    return _state(stacks[0]) if stacks else None


def list_stacks(client: CloudFormationClient) -> tuple[StackState, ...]:
    """Every root stack of the account and region that is not deleted."""
    with translated("list the stacks"):
        pages = client.get_paginator("describe_stacks").paginate()
        return tuple(_state(stack) for page in pages for stack in page["Stacks"] if not stack.get("ParentId"))


def read_template(client: CloudFormationClient, stack: str) -> str:
    """The template that the stack was given, as text."""
    with translated(f"read the template of {stack}"):
        body: object = client.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
    # botocore hands a JSON template over as a mapping; the stubs know only text.
    return body if isinstance(body, str) else json.dumps(body)


def list_resources(client: CloudFormationClient, stack: str) -> tuple[StackResource, ...]:
    """All resources of one stack, children of nested stacks not included."""
    with translated(f"list the resources of {stack}"):
        pages = client.get_paginator("list_stack_resources").paginate(StackName=stack)
        return tuple(
            StackResource(
                logical_id=item["LogicalResourceId"],
                physical_id=item.get("PhysicalResourceId", ""),
                resource_type=item["ResourceType"],
                status=item["ResourceStatus"],
                reason=item.get("ResourceStatusReason", ""),
            )
            for page in pages
            for item in page["StackResourceSummaries"]
        )


def set_termination_protection(client: CloudFormationClient, stack: str, *, enabled: bool) -> None:
    """Turn termination protection of the root stack on or off."""
    with translated(f"set the termination protection of {stack}"):
        client.update_termination_protection(StackName=stack, EnableTerminationProtection=enabled)


def set_stack_policy(client: CloudFormationClient, stack: str, body: str) -> None:
    """Say what updates of one stack must not do; a nested stack has a policy of its own."""
    with translated(f"set the policy of {stack}"):
        client.set_stack_policy(StackName=stack, StackPolicyBody=body)


def read_stack_policy(client: CloudFormationClient, stack: str) -> str:
    """What updates of one stack must not do; empty when nobody said anything."""
    with translated(f"read the policy of {stack}"):
        return client.get_stack_policy(StackName=stack).get("StackPolicyBody", "")


def delete_stack(client: CloudFormationClient, stack: str, *, retain: Sequence[str] = ()) -> None:
    """Ask CloudFormation to delete the stack; ``retain`` is for a stack in DELETE_FAILED alone."""
    with translated(f"delete the stack {stack}"):
        if retain:
            client.delete_stack(StackName=stack, RetainResources=list(retain))
        else:
            client.delete_stack(StackName=stack)


def cancel_update(client: CloudFormationClient, stack: str) -> None:
    """Ask CloudFormation to break a running update off and roll it back.

    An update that rolls back already was cancelled by this very call, whose answer was lost, or needs no cancelling.
    """
    with translated(f"cancel the update of {stack}"):
        try:
            client.cancel_update_stack(StackName=stack)
        except ClientError:
            state = describe_stack(client, stack)
            if state is None or not state.status.startswith("UPDATE_ROLLBACK_"):
                raise


def create_stack(client: CloudFormationClient, request: StackRequest) -> str:
    """Start creating a small stack from an inline template; answers its id."""
    with translated(f"create the stack {request.name}"):
        answer = client.create_stack(
            StackName=request.name,
            TemplateBody=request.template_body,
            Tags=_tags(request.tags),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            EnableTerminationProtection=True,
        )
    return answer["StackId"]


def update_stack(client: CloudFormationClient, request: StackRequest) -> bool:
    """Start updating a small stack; False when CloudFormation sees nothing to change."""
    with translated(f"update the stack {request.name}"):
        try:
            client.update_stack(
                StackName=request.name,
                TemplateBody=request.template_body,
                Tags=_tags(request.tags),
                Capabilities=["CAPABILITY_NAMED_IAM"],
            )
        except ClientError as error:
            if "No updates are to be performed" in error_message(error):
                return False
            raise
    return True


def latest_event_time(client: CloudFormationClient, stack: str) -> datetime:
    """When the newest event of the stack happened, by CloudFormation's clock.

    Raises:
        AwsError: They may not be read, or there is none.
    """
    with translated(f"read the events of {stack}"):
        events = client.describe_stack_events(StackName=stack)["StackEvents"]
    if not events:
        raise AwsError(
            f"CloudFormation knows no event of {stack}",
            why="every stack has one, that of its creation, for 90 days after its end",
            hint="rerun; `tapgen status` shows the stacks",
            code="no-events",
        )
    return max(event["Timestamp"] for event in events)


def find_retained(client: CloudFormationClient, stack: str) -> frozenset[str]:
    """Logical ids of the resources that the stack's template retains, always or once they were created."""
    with translated(f"read the template of {stack}"):
        body: object = client.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    # botocore hands a JSON template over as a mapping; the stubs know only text.
    template = json.loads(body) if isinstance(body, str) else cast("dict[str, Any]", body)
    resources: dict[str, Any] = template.get("Resources", {})
    return frozenset(name for name, resource in resources.items() if resource.get("DeletionPolicy") in _RETAINING)


def _tags(tags: Mapping[str, str]) -> list[TagTypeDef]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _state(stack: StackTypeDef) -> StackState:
    return StackState(
        name=stack["StackName"],
        stack_id=stack.get("StackId", stack["StackName"]),
        status=stack["StackStatus"],
        status_reason=stack.get("StackStatusReason", ""),
        outputs={item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", ())},
        parameters={item["ParameterKey"]: item["ParameterValue"] for item in stack.get("Parameters", ())},
        tags={item["Key"]: item["Value"] for item in stack.get("Tags", ())},
        termination_protection=bool(stack.get("EnableTerminationProtection", False)),
        last_updated=stack.get("LastUpdatedTime") or stack.get("CreationTime"),
    )
