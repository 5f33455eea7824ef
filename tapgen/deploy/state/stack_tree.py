"""Looks at what is deployed: the tree of stacks and resources, for ``status`` and ``destroy``. Changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.aws.data import DELETERS
from tapgen.aws.stack_events import NESTED_STACK
from tapgen.engine.root_cause import hint_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_cloudformation import CloudFormationClient

    from tapgen.engine.context import Context
    from tapgen.model import StackResource, StackState


@dataclass(frozen=True, kw_only=True)
class StackSurvey:
    """One stack with its resources."""

    label: str
    """``root``, or the nested stack's logical id."""
    stack_id: str
    status: str
    resources: tuple[StackResource, ...]

    @property
    def failed(self) -> tuple[StackResource, ...]:
        """Resources that a failed operation left behind, nested stacks not counted."""
        return tuple(
            resource
            for resource in self.resources
            if resource.status.endswith("_FAILED") and resource.resource_type != NESTED_STACK
        )


@dataclass(frozen=True, kw_only=True)
class Survey:
    """The root's state and all its stacks, the root first."""

    root: StackState
    stacks: tuple[StackSurvey, ...]

    @property
    def hint(self) -> str:
        """What to do about the first failed resource; empty when none failed."""
        return next((hint_for(failed.reason) for stack in self.stacks for failed in stack.failed), "")


@dataclass(frozen=True, kw_only=True)
class RetainedResource:
    """A resource that a delete of the stack leaves in the account."""

    stack: str
    logical_id: str
    resource_type: str
    physical_id: str


def survey(context: Context, root_stack: str) -> Survey | None:
    """The stack tree as it is, or None when nothing is deployed."""
    client = context.aws.client("cloudformation")
    root = stacks.describe_stack(client, root_stack)
    if root is None:
        return None
    resources = stacks.list_resources(client, root.stack_id)
    top = StackSurvey(label="root", stack_id=root.stack_id, status=root.status, resources=resources)
    return Survey(root=root, stacks=(top, *survey_children(client, resources)))


def survey_children(client: CloudFormationClient, resources: Sequence[StackResource]) -> tuple[StackSurvey, ...]:
    """The nested stacks among a stack's resources, read in parallel."""
    nested = [item for item in resources if item.resource_type == NESTED_STACK and item.physical_id]
    with ThreadPoolExecutor(8, thread_name_prefix="survey") as pool:
        held = list(pool.map(lambda item: stacks.list_resources(client, item.physical_id), nested))
    return tuple(
        StackSurvey(label=item.logical_id, stack_id=item.physical_id, status=item.status, resources=inside)
        for item, inside in zip(nested, held, strict=True)
    )


def find_retained(context: Context, found: Survey) -> tuple[RetainedResource, ...]:
    """The data that stays when the stacks are deleted, by the templates that are deployed now.

    Retained code (versions, layers) and policies hold no data and are left out.
    """
    client = context.aws.client("cloudformation")
    with ThreadPoolExecutor(8, thread_name_prefix="survey") as pool:
        kept = list(pool.map(lambda stack: _retained_of(client, stack), found.stacks))
    return tuple(resource for resources in kept for resource in resources)


def _retained_of(client: CloudFormationClient, stack: StackSurvey) -> tuple[RetainedResource, ...]:
    retained = stacks.find_retained(client, stack.stack_id)
    return tuple(
        RetainedResource(
            stack=stack.label,
            logical_id=resource.logical_id,
            resource_type=resource.resource_type,
            physical_id=resource.physical_id,
        )
        for resource in stack.resources
        if resource.logical_id in retained and resource.resource_type in DELETERS and resource.physical_id
    )
